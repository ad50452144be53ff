using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Protocol.Grpc;

public sealed class GrpcTlsTests : IDisposable
{
    private const string ServerName = "peer0.north.example";
    private readonly TestAuthority authority = new("tls authority");
    private readonly TestAuthority stranger = new("another authority");

    [Fact]
    public async Task A_server_is_verified_by_the_target_name_instead_of_the_address()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName)));

        Assert.Equal("no certificate", await WhoAmIAsync(server, new GrpcChannelOptions
        {
            TrustedRoots = authority.Roots,
            TargetName = ServerName,
        }));
    }

    [Fact]
    public async Task A_server_is_verified_by_its_address_where_no_name_is_given()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue("127.0.0.1")));

        Assert.Equal("no certificate", await WhoAmIAsync(server, new GrpcChannelOptions { TrustedRoots = authority.Roots }));
    }

    [Fact]
    public async Task A_server_of_another_root_another_name_or_no_trust_at_all_is_unavailable()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName)));

        await AssertRefusedAsync(server, new GrpcChannelOptions { TrustedRoots = stranger.Roots, TargetName = ServerName });
        await AssertRefusedAsync(server, new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = "peer0.south.example" });
        await AssertRefusedAsync(server, new GrpcChannelOptions { TrustedRoots = authority.Roots });
        await AssertRefusedAsync(server, new GrpcChannelOptions { TargetName = ServerName });
    }

    [Fact]
    public async Task Mutual_TLS_shows_the_client_to_the_handler_in_unary_and_duplex_calls()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName)) { ClientRoots = authority.Roots });
        using var client = authority.Issue("client.north.example");
        var options = new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = ServerName, ClientCertificate = client };

        Assert.Equal("CN=client.north.example", await WhoAmIAsync(server, options));

        await using var channel = new GrpcChannel(server.Address, options);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        await call.WriteAsync(new ChaincodeMessage { Txid = "mutual" });
        await call.CompleteAsync();
        await foreach (var message in call.ReadAllAsync())
        {
            Assert.Equal("mutual", message.Txid);
        }
    }

    [Fact]
    public async Task Mutual_TLS_refuses_no_certificate_and_one_of_another_root()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName)) { ClientRoots = authority.Roots });
        using var foreign = stranger.Issue("client.north.example");
        var options = new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = ServerName };

        await AssertRefusedAsync(server, options);
        await AssertRefusedAsync(server, options with { ClientCertificate = foreign });
    }

    [Fact]
    public async Task A_client_below_an_intermediate_is_known_by_what_it_sends_along()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName)) { ClientRoots = authority.Roots });
        using var below = new TestAuthority("intermediate", authority);
        using var client = below.Issue("client.north.example");
        var options = new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = ServerName, ClientCertificate = client };

        await AssertRefusedAsync(server, options);
        Assert.Equal("CN=client.north.example", await WhoAmIAsync(server, options with { ClientIntermediates = below.Roots }));
    }

    [Fact]
    public async Task Optional_mutual_TLS_takes_a_client_without_a_certificate_but_never_a_wrong_one()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName))
        {
            ClientRoots = authority.Roots,
            ClientCertificateRequired = false,
        });
        using var foreign = stranger.Issue("client.north.example");
        var options = new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = ServerName };

        Assert.Equal("no certificate", await WhoAmIAsync(server, options));
        await AssertRefusedAsync(server, options with { ClientCertificate = foreign });
    }

    [Theory]
    [InlineData("ftp://127.0.0.1:1")]
    [InlineData("https://127.0.0.1:1/path")]
    [InlineData("/relative")]
    public void An_address_that_cannot_be_dialled_is_refused_at_once(string address) =>
        Assert.Throws<ArgumentException>(() => new GrpcChannel(new Uri(address, UriKind.RelativeOrAbsolute)));

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }

    private static Task<GrpcTestServer> StartAsync(GrpcServerTls tls) => GrpcTestServer.StartAsync(
        endpoints =>
        {
            endpoints.MapGrpcUnary(FabricMethods.Evaluate, (_, context) => Task.FromResult(new EvaluateResponse
            {
                Result = new Response { Message = context.ClientCertificate?.Subject ?? "no certificate" },
            }));
            endpoints.MapGrpcDuplex(FabricMethods.ChaincodeConnect, async (stream, _) =>
            {
                await foreach (var message in stream.ReadAllAsync())
                {
                    await stream.WriteAsync(message);
                }
            });
        },
        tls);

    [Fact]
    public async Task A_renewed_client_certificate_is_shown_by_new_calls_while_a_stream_keeps_its_connection()
    {
        await using var server = await StartAsync(new GrpcServerTls(authority.Issue(ServerName)) { ClientRoots = authority.Roots });
        using var first = authority.Issue("first");
        using var second = authority.Issue("second");
        await using var channel = new GrpcChannel(
            server.Address, new GrpcChannelOptions { TrustedRoots = authority.Roots, TargetName = ServerName, ClientCertificate = first });
        await using var stream = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        await using var echoes = stream.ReadAllAsync().GetAsyncEnumerator();
        await EchoAsync("before");

        channel.RenewClientCertificate(second);

        Assert.Equal("CN=second", (await channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest())).Result.Message);
        await EchoAsync("after");
        using var keyless = X509CertificateLoader.LoadCertificate(second.RawData);
        Assert.Throws<ArgumentException>(() => channel.RenewClientCertificate(keyless));

        async Task EchoAsync(string text)
        {
            await stream.WriteAsync(new ChaincodeMessage { Txid = text });
            Assert.True(await echoes.MoveNextAsync());
            Assert.Equal(text, echoes.Current.Txid);
        }
    }

    private static async Task<string> WhoAmIAsync(GrpcTestServer server, GrpcChannelOptions options)
    {
        await using var channel = new GrpcChannel(server.Address, options);
        return (await channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest())).Result.Message;
    }

    private static async Task AssertRefusedAsync(GrpcTestServer server, GrpcChannelOptions options)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => WhoAmIAsync(server, options));
        Assert.Equal(StatusCode.Unavailable, failure.Status);
    }
}
