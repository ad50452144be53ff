using System.Security.Cryptography;
using System.Text;
using HealthShare.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace HealthShare.Sandbox;

/// <summary>One node of the sandbox: the real application, given its settings in memory.</summary>
internal sealed class SandboxNode : IAsyncDisposable
{
    private readonly IConfigurationRoot settings;
    private readonly WebApplication app;

    private SandboxNode(SandboxMember member, Uri url, IConfigurationRoot settings, WebApplication app) =>
        (Member, Url, this.settings, this.app) = (member, url, settings, app);

    public SandboxMember Member { get; }

    /// <summary>The node's address.</summary>
    public Uri Url { get; }

    public IServiceProvider Services => app.Services;

    public static async Task<SandboxNode> StartAsync(
        SandboxMember member, SandboxPorts ports, DirectoryInfo state, string connectionFile, string issuer, SandboxContent content,
        IEnumerable<SignIn> signIns, CancellationToken ct)
    {
        var url = UrlOf(member, ports);
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(Settings(member, ports, state, connectionFile, issuer))
            .AddInMemoryCollection(content.SettingsOf(member))
            .AddInMemoryCollection(member.IsHospital ? SandboxIntake.Prepare(state, member) : [])
            .Build();
        Admit(settings, member, signIns);
        var app = NodeApplication.Create(settings, content.Join);
        try
        {
            await app.StartAsync(ct);
            return new SandboxNode(member, url, settings, app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Address for programs: browsers find <c>north.localhost</c> by themselves, most system resolvers do not.</summary>
    public static Uri UrlOf(SandboxMember member, SandboxPorts ports) => new($"http://localhost:{ports.Http(member.Number)}");

    /// <summary>Origin of the member's pages, a passkey party of its own.</summary>
    public static string OriginOf(SandboxMember member, SandboxPorts ports) => $"http://{member.Host}:{ports.Http(member.Number)}";

    /// <summary>Lets more people in while the node runs.</summary>
    public void Admit(IEnumerable<SignIn> signIns)
    {
        Admit(settings, Member, signIns);
        settings.Reload();
    }

    /// <summary>Waits until the node says that it can serve.</summary>
    /// <exception cref="SandboxException">It did not within three minutes.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = Url };
        for (var attempt = 0; attempt < 1800; attempt++)
        {
            using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), ct);
            if (answer.IsSuccessStatusCode)
                return;
            await Task.Delay(100, ct);
        }
        throw new SandboxException($"{Member.Name}'s node at {Url} did not become ready within three minutes; see its log above.");
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static void Admit(IConfigurationRoot settings, SandboxMember member, IEnumerable<SignIn> signIns)
    {
        var index = 0;
        foreach (var signIn in signIns.Where(signIn => signIn.Node == member.Key))
        {
            var section = settings.GetSection($"HealthShare:Auth:Callers:{index++}");
            section["Name"] = $"{member.Key}-{signIn.Role}-{index}";
            section["Role"] = signIn.Role;
            section["StaffId"] = signIn.StaffId;
            section["PatientId"] = signIn.PatientId;
            section["TokenSha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signIn.Token)));
        }
    }

    private static Dictionary<string, string?> Settings(
        SandboxMember member, SandboxPorts ports, DirectoryInfo state, string connectionFile, string issuer)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Warning",
            // Why a start failed is said once, by the exception that ends it.
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
            ["HealthShare:Node:Name"] = member.Name,
            ["HealthShare:Node:MspId"] = member.MspId,
            ["HealthShare:Node:Kind"] = member.IsHospital ? "Hospital" : "Regulator",
            ["HealthShare:Node:DataFolder"] = Path.Combine(state.FullName, member.Key),
            ["HealthShare:Http:Url"] = OriginOf(member, ports),
            ["HealthShare:Fabric:ConnectionFile"] = connectionFile,
            ["HealthShare:Fabric:User"] = "User1",
            ["HealthShare:Tokens:Issuer"] = issuer,
            ["HealthShare:Tokens:Audience"] = OriginOf(member, ports),
            // What one tries webhooks with runs on this machine.
            ["HealthShare:Webhooks:AllowLoopback"] = "true",
            // Nobody waits at a desk here: the links are good as long as one looks around.
            ["HealthShare:SignIn:PatientInvitationFor"] = "1.00:00:00",
        };
        foreach (var (other, index) in SandboxMember.All.Where(other => other != member).Select((other, index) => (other, index)))
        {
            settings[$"HealthShare:Receipts:Nodes:{index}:MspId"] = other.MspId;
            settings[$"HealthShare:Receipts:Nodes:{index}:Url"] = UrlOf(other, ports).ToString();
        }
        if (!member.IsHospital)
        {
            foreach (var (hospital, index) in SandboxMember.All.Where(other => other.IsHospital).Select((other, index) => (other, index)))
                settings[$"HealthShare:SecondKeys:Origins:{index}"] = OriginOf(hospital, ports);
        }
        if (member.IsHospital)
        {
            settings["HealthShare:Mllp:Port"] = $"{ports.Mllp(member.Number)}";
            foreach (var (regulator, index) in SandboxMember.All.Where(other => !other.IsHospital).Select((other, index) => (other, index)))
                settings[$"HealthShare:SecondKeys:Pages:{index}"] = OriginOf(regulator, ports);
        }
        return settings;
    }
}
