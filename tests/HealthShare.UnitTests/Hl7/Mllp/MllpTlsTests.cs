using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using HealthShare.Hl7.Mllp;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Hl7.Mllp;

public sealed class MllpTlsTests : IDisposable
{
    private readonly TestAuthority hospital = new("hospital");
    private readonly TestAuthority stranger = new("stranger");

    public void Dispose()
    {
        hospital.Dispose();
        stranger.Dispose();
    }

    [Fact]
    public async Task Messages_pass_over_TLS_and_the_listener_must_be_the_one_named()
    {
        var tls = MllpTls.Server(hospital.Issue("localhost"));
        await using var server = MllpScene.Start(new MllpRecorder(), o => o with { Tls = () => tls });
        await using var client = await ConnectAsync(server, "localhost", hospital.Roots);
        Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("1"))).Code);
        await Assert.ThrowsAsync<AuthenticationException>(() => ConnectAsync(server, "other.example", hospital.Roots));
        await Assert.ThrowsAsync<AuthenticationException>(() => ConnectAsync(server, "localhost", stranger.Roots));
    }

    [Fact]
    public async Task Mutual_TLS_takes_only_senders_of_the_named_authority()
    {
        var handler = new MllpRecorder();
        var tls = MllpTls.Server(hospital.Issue("localhost"), hospital.Roots);
        await using var server = MllpScene.Start(handler, o => o with { Tls = () => tls });
        await using var known = await ConnectAsync(server, "localhost", hospital.Roots, hospital.Issue("laboratory"));
        Assert.Equal("AA", (await known.SendAsync(MllpScene.Message("1"))).Code);
        // With TLS 1.3 the client learns only from its first reading that it was refused.
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(server, stranger.Issue("laboratory")));
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(server, certificate: null));
        Assert.Equal(["1"], handler.Received);
        await MllpScene.EventuallyAsync(() => handler.Closings.Count(closing => closing.Failure is AuthenticationException) >= 2);
    }

    [Fact]
    public async Task Who_does_not_shake_hands_is_closed_after_the_exchange_time_and_holds_nobody_up()
    {
        var tls = MllpTls.Server(hospital.Issue("localhost"));
        await using var server = MllpScene.Start(new MllpRecorder(),
            o => o with { Tls = () => tls, ExchangeTimeout = TimeSpan.FromSeconds(15) });
        using var silent = await MllpScene.ConnectRawAsync(server);
        await using (var client = await ConnectAsync(server, "localhost", hospital.Roots))
            Assert.Equal("AA", (await client.SendAsync(MllpScene.Message("1"))).Code);
        Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task A_sender_without_TLS_is_not_understood()
    {
        var handler = new MllpRecorder();
        var tls = MllpTls.Server(hospital.Issue("localhost"));
        await using var server = MllpScene.Start(handler, o => o with { Tls = () => tls });
        await using var client = await MllpScene.ConnectAsync(server);
        await Assert.ThrowsAsync<MllpException>(() => client.SendAsync(MllpScene.Message("plain")));
        Assert.Empty(handler.Received);
    }

    private async Task SendAsync(MllpServer server, X509Certificate2? certificate)
    {
        await using var client = await ConnectAsync(server, "localhost", hospital.Roots, certificate);
        await client.SendAsync(MllpScene.Message("refused"));
    }

    private static Task<MllpClient> ConnectAsync(
        MllpServer server, string name, X509Certificate2Collection roots, X509Certificate2? certificate = null) =>
        MllpClient.ConnectAsync(new MllpClientOptions
        {
            Host = "127.0.0.1", Port = server.LocalEndpoint.Port, Tls = MllpTls.Client(name, roots, certificate), AcknowledgementTimeout = TimeSpan.FromMinutes(1),
        });
}
