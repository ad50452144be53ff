using System.Security.Cryptography;
using System.Text;
using HealthShare.Node;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HealthShare.IntegrationTests.Intake;

/// <summary>North's node in a process of its own, which kills itself at a point. It prints where it listens and its sealing key.</summary>
internal static class IntakeNodeProgram
{
    public const string Token = "intake-test", StaffToken = "intake-staff";

    public static async Task<int> RunAsync(string folder, string connectionFile, DatabaseProvider provider, string database, string point)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "None",
            ["HealthShare:Node:MspId"] = "NorthMSP",
            ["HealthShare:Node:DataFolder"] = folder,
            ["HealthShare:Database:Provider"] = $"{provider}",
            ["HealthShare:Database:ConnectionString"] = database,
            ["HealthShare:Http:Url"] = "http://127.0.0.1:0",
            ["HealthShare:Mllp:Port"] = "0",
            ["HealthShare:Intake:FirstRetryDelay"] = "00:00:00.050",
            // Of what must succeed nothing ends on a busy machine.
            ["HealthShare:Fabric:EvaluateTimeout"] = "00:01:00",
            ["HealthShare:Fabric:EndorseTimeout"] = "00:01:00",
            ["HealthShare:Fabric:CommitTimeout"] = "00:02:00",
            ["HealthShare:Intake:Patience"] = "00:02:00",
            ["HealthShare:Fabric:ConnectionFile"] = connectionFile,
            ["HealthShare:Fabric:User"] = "User1",
            ["HealthShare:Auth:Callers:0:Name"] = "test",
            ["HealthShare:Auth:Callers:0:Role"] = "system",
            ["HealthShare:Auth:Callers:0:TokenSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Token))),
            ["HealthShare:Auth:Callers:1:Name"] = "staff",
            ["HealthShare:Auth:Callers:1:Role"] = "itAdministrator",
            ["HealthShare:Auth:Callers:1:TokenSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(StaffToken))),
        }).Build();
        await using var app = NodeApplication.Create(settings, services =>
        {
            services.AddSingleton<IDatabase>(_ => new StrikingDatabase(
                provider is DatabaseProvider.Postgresql ? new PostgresDatabase(database) : new SqliteDatabase(database), point));
            services.AddSingleton<IIntakeLedger>(provider => new StrikingLedger(ActivatorUtilities.CreateInstance<IntakeLedger>(provider), point));
        });
        await app.StartAsync();
        var key = app.Services.GetRequiredService<NodeKeys>().SealingKey;
        Console.WriteLine($"ready {app.Urls.Single()} {app.Services.GetRequiredService<MllpListener>().Endpoint!.Port} {key.KeyId} {key}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
