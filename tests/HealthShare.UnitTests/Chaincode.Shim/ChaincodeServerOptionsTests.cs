using System.Net.Sockets;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class ChaincodeServerOptionsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("shim-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("0.0.0.0:9999")]
    [InlineData(":9999")]
    [InlineData("[::1]:9999")]
    [InlineData("chaincode.example:9999")]
    public void Addresses_are_host_and_port(string address) => With(address: address).Validate();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("127.0.0.1:-1")]
    public void Other_addresses_are_refused(string? address) => Assert.Contains(
        nameof(ChaincodeServerOptions.Address), Assert.Throws<ArgumentException>(() => With(address: address!).Validate()).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("things")]
    [InlineData("things:")]
    [InlineData(":0123")]
    [InlineData("things:0123\n")]
    public void Package_ids_are_label_and_hash(string? packageId) => Assert.Contains(
        nameof(ChaincodeServerOptions.PackageId), Assert.Throws<ArgumentException>(() => With(packageId: packageId!).Validate()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Limits_have_a_range()
    {
        Assert.Throws<ArgumentException>(() => (With() with { ExecutionTimeout = TimeSpan.Zero }).Validate());
        Assert.Throws<ArgumentException>(() => (With() with { ExecutionTimeout = TimeSpan.FromHours(1) }).Validate());
        Assert.Throws<ArgumentException>(() => (With() with { MaxConcurrentTransactions = 0 }).Validate());
        Assert.Throws<ArgumentException>(() => (With() with { MaxWaitingTransactions = -1 }).Validate());
        Assert.Throws<ArgumentException>(() => (With() with { StopTimeout = TimeSpan.FromMinutes(-1) }).Validate());
    }

    [Fact]
    public void Certificate_files_that_are_missing_or_wrong_are_named()
    {
        var wrong = Path.Combine(folder, "wrong.pem");
        File.WriteAllText(wrong, "no certificate");
        Assert.Null(ChaincodeTls.FromFiles(null, null, null));
        Assert.Throws<ArgumentException>(() => ChaincodeTls.FromFiles(wrong, null, null));
        Assert.Throws<ArgumentException>(() => ChaincodeTls.FromFiles(null, null, wrong));
        Assert.Contains("wrong.pem", Assert.Throws<ArgumentException>(() => ChaincodeTls.FromFiles(wrong, wrong, null)).Message, StringComparison.Ordinal);
        Assert.Contains("absent.pem",
            Assert.Throws<ArgumentException>(() => ChaincodeTls.FromFiles("absent.pem", "absent.key", null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_mutual_tls_only_peers_of_the_given_authority_are_served()
    {
        using var authority = new TestAuthority("chaincode");
        using var strangers = new TestAuthority("strangers");
        using var serverCertificate = authority.Issue("127.0.0.1");
        var (certificateFile, keyFile, rootFile) = Write(serverCertificate, authority);
        var tls = ChaincodeTls.FromFiles(certificateFile, keyFile, rootFile);
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"), options => options with { Tls = tls });

        using var own = authority.Issue("peer0");
        var trusted = new GrpcChannelOptions { TrustedRoots = authority.Roots, ClientCertificate = own };
        await using (var peer = await FakePeer.ConnectAsync(served.Server.Endpoint!, options: trusted))
            Assert.Equal("done", (await peer.InvokeAsync("tx1", "f")).Payload.ToStringUtf8());

        using var strange = strangers.Issue("peer0");
        foreach (var refused in new[] { trusted with { ClientCertificate = null }, trusted with { ClientCertificate = strange } })
        {
            await Assert.ThrowsAsync<RpcException>(async () =>
            {
                await using var peer = await FakePeer.ConnectAsync(served.Server.Endpoint!, register: false, refused);
                await peer.Closed;
            });
        }
    }

    [Fact]
    public async Task An_address_that_is_taken_stops_the_start()
    {
        await using var first = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"));
        var second = new ChaincodeServer(new ChaincodeRouter([new ThingsContract()], ThingsJson.Default),
            With(address: first.Server.Endpoint!.ToString()));
        await using (second)
            await Assert.ThrowsAnyAsync<IOException>(() => second.StartAsync());
    }

    [Fact]
    public async Task A_stopped_server_listens_no_more_and_stopping_again_does_nothing()
    {
        await using var served = await ServedChaincode.StartAsync((_, _) => Task.FromResult("done"));
        var endpoint = served.Server.Endpoint!;
        await served.Server.StopAsync();
        await served.Server.StopAsync();
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(endpoint));
    }

    private static ChaincodeServerOptions With(string address = "127.0.0.1:0", string packageId = "things:01") =>
        new() { Address = address, PackageId = packageId };

    private (string Certificate, string Key, string Roots) Write(
        System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, TestAuthority authority)
    {
        var files = (Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"), Path.Combine(folder, "ca.crt"));
        File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.Item3, authority.Roots[0].ExportCertificatePem());
        return files;
    }
}
