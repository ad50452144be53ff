using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>A connection file is all that a client needs.</summary>
public sealed class GatewayConnectTests : IDisposable
{
    private const string ServerName = "peer0.org1.example";
    private readonly TestAuthority authority = new("authority of org1");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task A_profile_names_peer_roots_user_and_channel()
    {
        string? creator = null;
        await using var server = await GrpcTestServer.StartAsync(
            endpoints => endpoints.MapGrpcUnary(FabricMethods.Evaluate, (request, _) =>
            {
                creator = request.ChannelId;
                return Task.FromResult(new EvaluateResponse { Result = new Response { Status = 200 } });
            }),
            new GrpcServerTls(authority.Issue(ServerName)));
        await using var client = GatewayClient.Connect(WriteProfile($"127.0.0.1:{server.Address.Port}"), "Org1MSP", "User1");

        await client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal("channel-1", creator);
        Assert.Equal(server.Address.Port, client.Address.Port);
    }

    [Fact]
    public void What_the_profile_lacks_is_named()
    {
        var profile = WriteProfile("127.0.0.1:7051");

        Assert.Throws<ConnectionProfileException>(() => GatewayClient.Connect(profile, "Org9MSP"));
        Assert.Throws<ConnectionProfileException>(() => GatewayClient.Connect(profile, "Org1MSP", "Nobody"));
        Assert.Contains("Org2MSP", Assert.Throws<ConnectionProfileException>(() => GatewayClient.Connect(profile, "Org2MSP")).Field,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void A_TLS_root_that_is_none_is_refused_instead_of_trusting_the_machine(string pem)
    {
        var profile = WriteProfile("127.0.0.1:7051");
        File.WriteAllText(Path.Combine(folder.FullName, "root.pem"), pem);

        Assert.Throws<FabricDataException>(() => GatewayClient.Connect(profile));
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private ConnectionProfile WriteProfile(string endpoint)
    {
        using var certificate = authority.Issue("User1@org1.example");
        using var key = certificate.GetECDsaPrivateKey()!;
        var (root, cert, keyFile) = (PathOf("root.pem"), PathOf("user.pem"), PathOf("user.key"));
        File.WriteAllText(root, authority.Roots[0].ExportCertificatePem());
        File.WriteAllText(cert, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return new ConnectionProfile("channel-1", [],
        [
            new OrganizationConnection("Org1MSP", "org1.example",
                [new PeerConnection(ServerName, endpoint, ServerName, null, root)], null, null,
                [new UserConnection("User1", cert, keyFile)]),
            new OrganizationConnection("Org2MSP", "org2.example", [], null, null, []),
        ]);
    }

    private string PathOf(string name) => Path.Combine(folder.FullName, name);
}
