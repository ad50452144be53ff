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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_that_was_never_served_is_told_of_a_root_that_does_not_fit(bool ofEvents)
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(stranger.Issue(Name)));

        var failure = await FailToReadAsync(gateway.Address, Trust(Name), ofEvents);

        Assert.Equal((LedgerStage.Events, LedgerCodes.Tls), (failure.Stage, failure.Code));
        Assert.Contains("does not lead to a trusted root", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_is_told_of_its_own_TLS_certificate_that_has_expired(bool ofEvents)
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });
        using var expired = authority.Issue("client", DateTimeOffset.UtcNow.AddMinutes(-1));

        var failure = await FailToReadAsync(
            gateway.Address, new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = Name, ClientCertificate = expired }, ofEvents);

        Assert.Equal((LedgerStage.Events, LedgerCodes.CertificateExpired), (failure.Stage, failure.Code));
        Assert.Contains("this client's TLS certificate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_was_served_waits_for_a_server_whose_certificate_is_renewed()
    {
        var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)));
        gateway.Deliver = (_, stream, _) => stream.WriteAsync(FakeGateway.Block(0));
        using var identity = FakeGateway.NewIdentity(authority);
        await using var client = GatewayClient.Connect(gateway.Address, Trust(Name), identity, "channel-1", GatewayPeersScene.Quick);
        await using var blocks = client.BlocksAsync(0).GetAsyncEnumerator();
        Assert.True(await blocks.MoveNextAsync());
        var port = gateway.Address.Port;
        await gateway.DisposeAsync();

        await using (var lapsed = await FakeGateway.StartAsync(port, new GrpcServerTls(authority.Issue(Name, DateTimeOffset.UtcNow.AddMinutes(-5)))))
        {
            var next = blocks.MoveNextAsync().AsTask();
            while (client.Peers[0] is not { Failures: > 20, LastError: { } said } || !said.Contains("expired at", StringComparison.Ordinal))
            {
                Assert.False(next.IsCompleted);
                await Task.Delay(5);
            }
            await lapsed.DisposeAsync();
            await using var renewed = await FakeGateway.StartAsync(port, new GrpcServerTls(authority.Issue(Name)));
            renewed.Deliver = (_, stream, _) => stream.WriteAsync(FakeGateway.Block(1));
            Assert.True(await next);
            Assert.Equal(1ul, blocks.Current.Header.Number);
        }
    }

    [Fact]
    public async Task A_peer_tells_when_its_certificate_ends()
    {
        await using var gateway = await FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)));
        await using var scene = await GatewayPeersScene.StartAsync(1);
        await using var client = GatewayClient.Connect(gateway.Address, Trust(Name), scene.Identity, "channel-1", GatewayPeersScene.Quick);
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

    private async Task<LedgerException> FailToReadAsync(Uri address, GrpcChannelOptions tls, bool ofEvents)
    {
        using var identity = FakeGateway.NewIdentity(authority);
        await using var client = GatewayClient.Connect(address, tls, identity, "channel-1", GatewayPeersScene.Quick);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        return await Assert.ThrowsAsync<LedgerException>(async () =>
        {
            if (ofEvents)
                await client.ChaincodeEventsAsync("asset", new EventPosition(0), patience.Token).FirstAsync(patience.Token);
            else
                await client.BlocksAsync(0, ct: patience.Token).FirstAsync(patience.Token);
        });
    }

    private async Task<LedgerException> FailAsync(Uri address, string name)
    {
        using var identity = FakeGateway.NewIdentity(authority);
        await using var client = GatewayClient.Connect(address, Trust(name), identity, "channel-1", GatewayPeersScene.Quick);
        return await Assert.ThrowsAsync<LedgerException>(() => client.EvaluateAsync(GatewayScene.Request));
    }
}
