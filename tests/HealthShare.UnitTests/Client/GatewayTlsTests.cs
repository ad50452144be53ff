using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>A TLS setting that is wrong is told as such: no waiting cures it.</summary>
public sealed class GatewayTlsTests : IDisposable
{
    private const string Name = "peer0.org1.example";
    private readonly TestAuthority authority = new("authority of org1");
    private readonly TestAuthority stranger = new("another authority");

    [Fact]
    public async Task A_root_that_the_servers_certificate_does_not_lead_to_is_named()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(stranger.Issue(Name)));

        var failure = await FailAsync(gateway.Address, Name);

        Assert.Equal((LedgerCodes.Tls, false), (failure.Code, failure.IsTransient));
        Assert.Contains("does not lead to a trusted root", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_name_is_named_with_the_name_expected()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue("peer7.org1.example")));

        var failure = await FailAsync(gateway.Address, Name);

        Assert.Equal(LedgerCodes.Tls, failure.Code);
        Assert.Contains($"not for '{Name}'; it names peer7.org1.example", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_certificate_has_expired_is_named_with_the_time()
    {
        await using var gateway = await FakeGateway.StartAsync(
            tls: new GrpcServerTls(authority.Issue(Name, DateTimeOffset.UtcNow.AddMinutes(-5))));

        var failure = await FailAsync(gateway.Address, Name);

        Assert.Equal((LedgerCodes.CertificateExpired, false), (failure.Code, failure.IsTransient));
        Assert.Contains("expired at", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_speaks_no_TLS_is_no_transient_failure()
    {
        await using var gateway = await FakeGateway.StartAsync();

        var failure = await FailAsync(new UriBuilder(gateway.Address) { Scheme = "https" }.Uri, Name);

        Assert.Equal((LedgerCodes.Tls, false), (failure.Code, failure.IsTransient));
    }

    [Fact]
    public async Task The_code_stays_while_the_peer_is_not_asked_and_another_peer_is_unaffected()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(stranger.Issue(Name)));
        await using var scene = await GatewayPeersScene.StartAsync(1);
        var wrong = new GatewayEndpoint(gateway.Address, Trust(Name));
        var options = GatewayPeersScene.Quick with { BreakDuration = TimeSpan.FromHours(1), MaxBreakDuration = TimeSpan.FromHours(1) };
        await using var alone = GatewayClient.Connect([wrong], scene.Identity, "channel-1", options);
        await using var both = GatewayClient.Connect(
            [wrong, new GatewayEndpoint(scene.First.Address, new GrpcChannelOptions())], scene.Identity, "channel-1", options);

        for (var i = 0; i < 4; i++)
        {
            var failure = await Assert.ThrowsAsync<LedgerException>(() => alone.EvaluateAsync(GatewayScene.Request));
            Assert.Equal(LedgerCodes.Tls, failure.Code);
        }
        Assert.Equal(GatewayPeerState.Open, alone.Peers[0].State);
        await both.EvaluateAsync(GatewayScene.Request);
    }

    [Fact]
    public async Task A_peer_tells_when_its_certificate_ends()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)));
        await using var scene = await GatewayPeersScene.StartAsync(1);
        await using var client = GatewayClient.Connect(gateway.Address, Trust(Name), scene.Identity, "channel-1");
        Assert.Null(client.Peers[0].CertificateNotAfter);

        await client.EvaluateAsync(GatewayScene.Request);

        Assert.InRange(client.Peers[0].CertificateNotAfter!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(2));
    }

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }

    private GrpcChannelOptions Trust(string name) => new() { TrustedRoots = authority.Roots, TargetName = name };

    private async Task<LedgerException> FailAsync(Uri address, string name)
    {
        using var identity = FakeGateway.NewIdentity(authority);
        await using var client = GatewayClient.Connect(address, Trust(name), identity, "channel-1");
        return await Assert.ThrowsAsync<LedgerException>(() => client.EvaluateAsync(GatewayScene.Request));
    }
}
