using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.UnitTests.Client;
using HealthShare.UnitTests.Protocol.Grpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Ledger;

/// <summary>The node's way to the channel, as settings and a connection file make it.</summary>
public sealed class GatewayLedgerTests : IDisposable
{
    private const string Name = "peer0.north.example";
    private readonly TestAuthority authority = new("authority of north");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    [Fact]
    public async Task A_peer_that_demands_mutual_TLS_is_shown_the_certificate_of_the_connection_file()
    {
        await using var gateway = await StartAsync();
        await using var ledger = Open(gateway);

        Assert.False((await ledger.EvaluateAsync(new LedgerCall("Organizations:List"), CancellationToken.None)).IsEmpty);
    }

    [Fact]
    public async Task A_conflict_is_repeated_and_nothing_of_it_is_remembered()
    {
        await using var gateway = await StartAsync();
        gateway.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse
        {
            Result = gateway.Requests.OfType<SubmitRequest>().Count() == 1 ? TxValidationCode.MvccReadConflict : TxValidationCode.Valid,
            BlockNumber = 7,
        });
        await using var ledger = Open(gateway);

        var commit = await ledger.SubmitAsync(new LedgerCall("Consents:Grant"), CancellationToken.None);

        Assert.Equal(7ul, commit.Block);
        Assert.Equal(2, gateway.Requests.OfType<SubmitRequest>().Select(request => request.TransactionId).Distinct().Count());
        var store = new NoOutcomes();
        await store.SaveAsync(new SentTransaction("key", "tx", new byte[] { 1 }, new byte[] { 2 }), CancellationToken.None);
        Assert.Null(await store.FindAsync("key", CancellationToken.None));
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private Task<FakeGateway> StartAsync() =>
        FakeGateway.StartAsync(tls: new GrpcServerTls(authority.Issue(Name)) { ClientRoots = authority.Roots });

    private GatewayLedger Open(FakeGateway gateway)
    {
        File.WriteAllText(PathOf("root.pem"), authority.Roots[0].ExportCertificatePem());
        Write("node", "node@north.example");
        Write("tls", "client.north.example");
        ConnectionFile.Write(PathOf("connection.json"), new ConnectionProfile("health", [],
        [
            new OrganizationConnection("NorthMSP", "north.example",
                [new PeerConnection(Name, $"127.0.0.1:{gateway.Address.Port}", Name, null, PathOf("root.pem"))], null, null,
                [new UserConnection("node", PathOf("node.pem"), PathOf("node.key"))], PathOf("tls.pem"), PathOf("tls.key")),
        ]));
        return GatewayLedgerFactory.Create(
            new FabricOptions { ConnectionFile = PathOf("connection.json"), RetryDelay = TimeSpan.FromMilliseconds(10) },
            new NodeOptions { MspId = "NorthMSP" }, TimeProvider.System, NullLogger<GatewayClient>.Instance);
    }

    private void Write(string file, string name)
    {
        using var certificate = authority.Issue(name);
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(file + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private string PathOf(string name) => Path.Combine(folder.FullName, name);
}
