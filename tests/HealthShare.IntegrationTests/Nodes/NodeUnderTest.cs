using System.Security.Cryptography;
using System.Text;
using HealthShare.Node;
using HealthShare.Node.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace HealthShare.IntegrationTests.Nodes;

/// <summary>A whole node as it ships, on a folder that outlives it and on a port that the system chose.</summary>
internal sealed class NodeUnderTest : IAsyncDisposable
{
    private readonly IConfigurationRoot settings;
    private int callers;

    private NodeUnderTest(string mspId, string folder, string connectionFile, NodeUnderTest? signsReceipts)
    {
        MspId = mspId;
        settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Error",
            ["HealthShare:Node:MspId"] = mspId,
            ["HealthShare:Node:DataFolder"] = folder,
            ["HealthShare:Http:Url"] = "http://127.0.0.1:0",
            // A busy machine is slow, and no test asks before it may.
            ["HealthShare:ReadModel:WaitForBlock"] = "00:01:00",
            ["HealthShare:Fabric:EvaluateTimeout"] = "00:01:00",
            ["HealthShare:Fabric:EndorseTimeout"] = "00:01:00",
            ["HealthShare:Fabric:CommitTimeout"] = "00:02:00",
            ["HealthShare:Consents:RevocationPatience"] = "00:02:00",
            ["HealthShare:Fabric:Attempts"] = "20", // what collides, or meets a block between two endorsers, does so more often there
            ["HealthShare:Fabric:ConnectionFile"] = connectionFile,
            ["HealthShare:Fabric:User"] = "User1",
        }).Build();
        if (signsReceipts is not null)
        {
            settings["HealthShare:Receipts:Nodes:0:MspId"] = signsReceipts.MspId;
            settings["HealthShare:Receipts:Nodes:0:Url"] = signsReceipts.App.Urls.Single();
        }
        foreach (var role in Enum.GetValues<Role>().Where(role => role is not (Role.Patient or Role.Delegate)))
            Admit(role, role.ToString());
        App = NodeApplication.Create(settings);
    }

    public string MspId { get; }

    public WebApplication App { get; }

    /// <summary>Starts a node; where another is named, that one signs its receipts.</summary>
    public static async Task<NodeUnderTest> StartAsync(string mspId, string folder, string connectionFile, NodeUnderTest? signsReceipts = null)
    {
        var node = new NodeUnderTest(mspId, folder, connectionFile, signsReceipts);
        await node.App.StartAsync();
        return node;
    }

    public HttpClient Client(Role? role = null) => Client(role?.ToString());

    /// <summary>A client of a patient, who is let in if need be.</summary>
    public HttpClient Patient(string patientId)
    {
        Admit(Role.Patient, patientId, patientId);
        settings.Reload();
        return Client(patientId);
    }

    public async Task WaitUntilReadyAsync()
    {
        using var client = Client();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (!(await client.GetAsync("/health/ready", patience.Token)).IsSuccessStatusCode)
            await Task.Delay(100, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }

    private HttpClient Client(string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri(App.Urls.Single()), Timeout = TimeSpan.FromMinutes(5) };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    private void Admit(Role role, string token, string? patientId = null)
    {
        var section = settings.GetSection($"HealthShare:Auth:Callers:{callers++}");
        section["Name"] = $"caller-{callers}";
        section["Role"] = role.ToString();
        section["StaffId"] = patientId is null ? $"staff-{callers}" : null;
        section["PatientId"] = patientId;
        section["TokenSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }
}
