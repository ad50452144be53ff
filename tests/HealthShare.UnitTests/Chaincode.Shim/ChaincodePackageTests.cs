using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Shim.Packaging;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class ChaincodePackageTests
{
    private static readonly ChaincodeConnection Plain = new() { Address = "127.0.0.1:9999" };

    [Fact]
    public void The_same_options_give_the_same_bytes_and_the_id_is_their_hash()
    {
        var package = ChaincodePackage.Create("asset_1.0", Plain);
        Assert.Equal(package.Bytes.ToArray(), ChaincodePackage.Create("asset_1.0", Plain).Bytes.ToArray());
        Assert.Equal($"asset_1.0:{Convert.ToHexStringLower(SHA256.HashData(package.Bytes.Span))}", package.PackageId);
        // Fixed: an installed package must keep its id when the runtime is updated.
        Assert.Equal("asset_1.0:00f22d28bd73f9051c0aacab3700e7d741b1eb4c99e62624e99b6796bb80452f", package.PackageId);
        Assert.NotEqual(package.PackageId, ChaincodePackage.Create("asset_1.1", Plain).PackageId);
        Assert.NotEqual(package.PackageId, ChaincodePackage.Create("asset_1.0", Plain with { Address = "127.0.0.1:9998" }).PackageId);
    }

    [Fact]
    public void It_holds_what_a_peer_looks_for()
    {
        var outer = Unpack(ChaincodePackage.Create("asset_1.0", Plain).Bytes.ToArray());
        Assert.Equal(["metadata.json", "code.tar.gz"], outer.Keys);
        Assert.Equal("""{"type":"ccaas","label":"asset_1.0"}""", Encoding.UTF8.GetString(outer["metadata.json"]));
        Assert.Equal("""{"address":"127.0.0.1:9999","dial_timeout":"10s","tls_required":false,"client_auth_required":false}""",
            Encoding.UTF8.GetString(Unpack(outer["code.tar.gz"])["connection.json"]));
    }

    [Fact]
    public void Certificates_of_any_length_survive_the_archive()
    {
        var connection = Plain with
        {
            TlsRequired = true, RootCert = new string('r', 70_000), ClientAuthRequired = true, ClientCert = "cert", ClientKey = "key",
        };
        var outer = Unpack(ChaincodePackage.Create("asset_1.0", connection).Bytes.ToArray());
        var json = Encoding.UTF8.GetString(Unpack(outer["code.tar.gz"])["connection.json"]);
        Assert.Contains($"\"root_cert\":\"{connection.RootCert}\",\"client_cert\":\"cert\",\"client_key\":\"key\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Incomplete_connections_and_labels_that_a_peer_would_refuse_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ChaincodePackage.Create("", Plain));
        Assert.Throws<ArgumentException>(() => ChaincodePackage.Create("a:b", Plain));
        Assert.Throws<ArgumentException>(() => ChaincodePackage.Create("_a", Plain));
        ChaincodeConnection[] incomplete =
        [
            Plain with { Address = "localhost" },
            Plain with { Address = ":9999" },
            Plain with { Address = "localhost:0" },
            Plain with { TlsRequired = true },
            Plain with { RootCert = "root" },
            Plain with { ClientAuthRequired = true, ClientCert = "c", ClientKey = "k" },
            Plain with { TlsRequired = true, RootCert = "root", ClientAuthRequired = true, ClientCert = "c" },
            Plain with { TlsRequired = true, RootCert = "root", ClientKey = "k" },
        ];
        Assert.All(incomplete, connection => Assert.Throws<ArgumentException>(() => ChaincodePackage.Create("a", connection)));
    }

    private static Dictionary<string, byte[]> Unpack(byte[] archive)
    {
        using var tar = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        var files = new Dictionary<string, byte[]>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream!.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }
        return files;
    }
}
