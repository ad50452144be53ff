using System.Security.Cryptography;
using System.Text;
using HealthShare.Node;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>A whole node on a free port with its own folder; the ledger is whatever the test puts in.</summary>
internal sealed class NodeHost : IAsyncDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "hs-node-" + Guid.NewGuid().ToString("n"));

    private NodeHost(IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection>? customize)
    {
        var all = new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Warning",
            ["HealthShare:Node:MspId"] = "NorthMSP",
            ["HealthShare:Node:DataFolder"] = folder,
            ["HealthShare:Fabric:ConnectionFile"] = "not-read-in-tests.json",
            ["HealthShare:Http:Url"] = "http://127.0.0.1:0",
            ["HealthShare:ReadModel:WaitForBlock"] = "00:01:00", // a busy machine is slow, and no test asks before it may
        };
        foreach (var (role, index) in Enum.GetValues<Role>().Select((role, index) => (role, index)))
        {
            var caller = $"HealthShare:Auth:Callers:{index}:";
            all[caller + "Name"] = role.ToString();
            all[caller + "Role"] = role.ToString();
            all[caller + "TokenSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(TokenOf(role))));
            all[caller + "StaffId"] = role is Role.Patient or Role.Delegate ? null : $"staff-{index}";
            all[caller + "PatientId"] = role is Role.Patient or Role.Delegate ? PatientId : null;
            all[caller + "DelegateId"] = role is Role.Delegate ? "dg-aaaaaaaaaaaaaaaaaaaaaaaaaa" : null;
        }
        foreach (var (key, value) in settings)
            all[key] = value;
        App = NodeApplication.Create(new ConfigurationBuilder().AddInMemoryCollection(all).Build(), services =>
        {
            services.AddSingleton<ILedger>(Ledger);
            customize?.Invoke(services);
        });
    }

    public static string PatientId => "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa";

    public FakeLedger Ledger { get; } = new();

    public WebApplication App { get; }

    public static string TokenOf(Role role) => $"token-of-{role}";

    /// <summary>A member's node on a channel in memory.</summary>
    public static Task<NodeHost> StartOnAsync(
        MemoryChannel channel, string mspId = "NorthMSP", IReadOnlyDictionary<string, string?>? settings = null) =>
        StartAsync(new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>()) { ["HealthShare:Node:MspId"] = mspId },
            services => services.AddSingleton(channel.As(mspId)));

    public static async Task<NodeHost> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? customize = null)
    {
        var host = new NodeHost(settings ?? new Dictionary<string, string?>(), customize);
        try
        {
            await host.App.StartAsync();
            return host;
        }
        catch
        {
            await host.App.DisposeAsync(); // there may be nothing yet that could be stopped
            throw;
        }
    }

    /// <summary>A client with that role's token, or without a token.</summary>
    public HttpClient Client(Role? role = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(App.Urls.Single()) };
        if (role is { } known)
            client.DefaultRequestHeaders.Authorization = new("Bearer", TokenOf(known));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
