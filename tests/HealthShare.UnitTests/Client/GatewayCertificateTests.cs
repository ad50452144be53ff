using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.UnitTests.Protocol.Grpc;
using Microsoft.Extensions.Logging;

namespace HealthShare.UnitTests.Client;

/// <summary>Certificates that end: told in good time, and stopped before a call that nobody would accept.</summary>
public sealed class GatewayCertificateTests : IDisposable
{
    private const string Name = "peer0.org1.example";
    private readonly TestAuthority authority = new("authority of org1");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task An_expired_signer_is_told_before_anything_is_sent()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1, o => o with { TimeProvider = new LaterClock(TimeSpan.FromHours(2)) });

        var endorse = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.SubmitAsync(GatewayScene.Request));
        var query = await Assert.ThrowsAsync<LedgerException>(() => scene.Client.EvaluateAsync(GatewayScene.Request));
        var blocks = await Assert.ThrowsAsync<LedgerException>(async () => await scene.Client.BlocksAsync(0).FirstAsync());
        var events = await Assert.ThrowsAsync<LedgerException>(
            async () => await scene.Client.ChaincodeEventsAsync("asset", new EventPosition(0)).FirstAsync());

        Assert.All([endorse, query, blocks, events], failure => Assert.Equal(
            (LedgerCodes.CertificateExpired, false, false), (failure.Code, failure.IsTransient, failure.MayHaveCommitted)));
        Assert.Contains("Org1MSP", endorse.Message, StringComparison.Ordinal);
        Assert.Empty(scene.First.Requests);
    }

    [Fact]
    public async Task A_certificate_about_to_end_is_logged_once_and_one_with_time_left_never()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        var (warns, silent) = (new MemoryLogger(), new MemoryLogger());
        await using var near = Connect(scene, warns, TimeSpan.FromDays(30));
        await using var far = Connect(scene, silent, TimeSpan.FromMinutes(1));

        for (var i = 0; i < 3; i++)
        {
            await near.EvaluateAsync(GatewayScene.Request);
            await far.EvaluateAsync(GatewayScene.Request);
        }

        Assert.Contains("Org1MSP", Assert.Single(warns.Warnings), StringComparison.Ordinal);
        Assert.Empty(silent.Warnings);
    }

    [Fact]
    public async Task A_profile_names_the_certificate_for_mutual_TLS_and_its_end_is_known_as_are_the_others()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });
        await using var client = GatewayClient.Connect(WriteProfile(gateway.Address.Port));

        await client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal([CertificateUse.Signing, CertificateUse.TlsClient, CertificateUse.TlsServer], client.Certificates.Select(c => c.Use));
        Assert.All(client.Certificates, c => Assert.InRange(c.NotAfter, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(2)));
    }

    [Fact]
    public async Task An_expired_TLS_client_certificate_is_told_before_the_peer_is_asked()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });
        using var expired = authority.Issue("client", DateTimeOffset.UtcNow.AddMinutes(-1));
        using var identity = FakeGateway.NewIdentity(authority);
        await using var client = GatewayClient.Connect(
            gateway.Address,
            new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = Name, ClientCertificate = expired }, identity, "channel-1");

        var failure = await Assert.ThrowsAsync<LedgerException>(() => client.EvaluateAsync(GatewayScene.Request));

        Assert.Equal(LedgerCodes.CertificateExpired, failure.Code);
        Assert.Contains("this client's TLS certificate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_connection_file_names_is_shown_with_its_intermediates_and_let_go_of_with_the_client()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });
        var profile = WriteProfile(gateway.Address.Port);
        using var below = new TestAuthority("intermediate", authority);
        using (var shown = below.Issue("client.org1.example"))
        using (var key = shown.GetECDsaPrivateKey()!)
        {
            File.WriteAllText(PathOf("tls.pem"), below.ChainPem(shown));
            File.WriteAllText(PathOf("tls.key"), key.ExportPkcs8PrivateKeyPem());
        }
        var client = GatewayClient.Connect(profile);
        await client.EvaluateAsync(GatewayScene.Request);
        var certificates = client.Owned.OfType<X509Certificate2>().ToList();
        Assert.Equal(["CN=client.org1.example", "CN=intermediate"], certificates.Select(certificate => certificate.Subject));

        await client.DisposeAsync();
        Assert.All(certificates, certificate => Assert.Equal(IntPtr.Zero, certificate.Handle));
    }

    [Fact]
    public void A_TLS_certificate_without_its_key_is_named()
    {
        var profile = WriteProfile(7051);
        var organization = profile.Organizations[0] with { TlsClientKey = null };

        var failure = Assert.Throws<ConnectionProfileException>(
            () => GatewayClient.Connect(profile with { Organizations = [organization] }));

        Assert.Contains("without its key", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_file_keeps_the_TLS_client_certificates_with_paths_made_absolute()
    {
        var file = PathOf("connection.json");
        var profile = WriteProfile(7051);
        var organization = profile.Organizations[0];
        ConnectionFile.Write(file, profile with
        {
            Organizations =
            [
                organization with
                {
                    TlsClientCert = "tls.pem",
                    Users = [organization.Users[0] with { TlsCert = "own.pem", TlsKey = "own.key" }],
                },
            ],
        });

        var read = ConnectionFile.Read(file).Organizations[0];

        Assert.Equal((PathOf("tls.pem"), PathOf("own.pem"), PathOf("own.key")), (read.TlsClientCert, read.Users[0].TlsCert, read.Users[0].TlsKey));
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private static GatewayClient Connect(GatewayPeersScene scene, ILogger<GatewayClient> logger, TimeSpan warning) =>
        GatewayClient.Connect(
            scene.First.Address, new GrpcChannelOptions(), scene.Identity, "channel-1",
            new GatewayOptions { CertificateWarning = warning }, logger);

    private ConnectionProfile WriteProfile(int port)
    {
        File.WriteAllText(PathOf("root.pem"), authority.Roots[0].ExportCertificatePem());
        Write("user", "User1@org1.example");
        Write("tls", "client.org1.example");
        return new ConnectionProfile("channel-1", [],
        [
            new OrganizationConnection("Org1MSP", "org1.example",
                [new PeerConnection(Name, $"127.0.0.1:{port}", Name, null, PathOf("root.pem"))], null, null,
                [new UserConnection("User1", PathOf("user.pem"), PathOf("user.key"))], PathOf("tls.pem"), PathOf("tls.key")),
        ]);
    }

    private void Write(string file, string name)
    {
        using var certificate = authority.Issue(name);
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(file + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private string PathOf(string name) => Path.Combine(folder.FullName, name);

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private sealed class MemoryLogger : ILogger<GatewayClient>
    {
        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings.Add(formatter(state, exception));
    }
}
