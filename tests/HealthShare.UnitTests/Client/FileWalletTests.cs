using System.Security.Cryptography;
using System.Text.Json;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;

namespace HealthShare.UnitTests.Client;

/// <summary>A wallet folder as Fabric's SDKs keep it.</summary>
public sealed class FileWalletTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly FileWallet wallet;
    private readonly WalletIdentity identity;

    public FileWalletTests()
    {
        wallet = new FileWallet(Path.Combine(folder.FullName, "wallet"));
        identity = NewIdentity();
    }

    [Fact]
    public void Identities_are_stored_listed_found_replaced_and_removed()
    {
        Assert.Empty(wallet.List());
        Assert.Null(wallet.Find("User1@org1.example"));

        wallet.Put("User1@org1.example", identity);
        wallet.Put("admin", NewIdentity());
        wallet.Put("admin", identity);

        Assert.Equal(["User1@org1.example", "admin"], wallet.List());
        Assert.Equal(identity, wallet.Find("admin"));
        using var loaded = wallet.Load("admin");
        Assert.Equal(("Org1MSP", identity.CertificatePem), (loaded.MspId, loaded.CertificatePem));
        Assert.True(wallet.Remove("admin"));
        Assert.False(wallet.Remove("admin"));
        Assert.Throws<FabricDataException>(() => wallet.Load("admin"));
        Assert.DoesNotContain("PRIVATE KEY", identity.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_that_of_the_SDKs_and_for_its_owner_only()
    {
        wallet.Put("user", identity);

        var path = Path.Combine(folder.FullName, "wallet", "user.id");
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(["credentials", "mspId", "type", "version"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(identity.PrivateKeyPem, json.RootElement.GetProperty("credentials").GetProperty("privateKey").GetString());
        Assert.Equal(("X.509", 1), (json.RootElement.GetProperty("type").GetString(), json.RootElement.GetProperty("version").GetInt32()));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("../user")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("/etc/passwd")]
    [InlineData("a\0b")]
    [InlineData("user\n")]
    [InlineData("ünser")]
    public void A_name_that_could_leave_the_folder_is_refused_everywhere(string name)
    {
        Assert.Throws<ArgumentException>(() => wallet.Put(name, identity));
        Assert.Throws<ArgumentException>(() => wallet.Find(name));
        Assert.Throws<ArgumentException>(() => wallet.Load(name));
        Assert.Throws<ArgumentException>(() => wallet.Remove(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"credentials":{"certificate":"c","privateKey":"k"},"mspId":"M","type":"X.509","version":2}""")]
    [InlineData("""{"credentials":{"certificate":"c"},"mspId":"M","type":"X.509","version":1}""")]
    [InlineData("""{"credentials":{"certificate":"c"},"mspId":"M","type":"HSM-X.509","version":1}""")]
    [InlineData("""{"credentials":null,"mspId":"M","type":"X.509","version":1}""")]
    public void A_file_that_is_no_identity_is_an_error_and_not_an_absence(string content)
    {
        wallet.Put("user", identity);
        File.WriteAllText(Path.Combine(folder.FullName, "wallet", "user.id"), content);

        Assert.Throws<FabricDataException>(() => wallet.Find("user"));
    }

    [Fact]
    public void Certificate_and_key_that_do_not_belong_together_are_not_stored()
    {
        Assert.Throws<FabricDataException>(() => wallet.Put("user", identity with { PrivateKeyPem = NewIdentity().PrivateKeyPem }));
        Assert.Throws<FabricDataException>(() => wallet.Put("user", identity with { CertificatePem = "none" }));
        Assert.Empty(wallet.List());
    }

    [Fact]
    public void Other_files_in_the_folder_are_left_out_of_the_list()
    {
        wallet.Put("user", identity);
        foreach (var name in new[] { "user.id.new", "notes.txt", ".odd.id", "a b.id" })
        {
            File.WriteAllText(Path.Combine(folder.FullName, "wallet", name), "");
        }
        Assert.Equal(["user"], wallet.List());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static WalletIdentity NewIdentity()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new WalletIdentity("Org1MSP", CertificateOf(key), key.ExportPkcs8PrivateKeyPem());
    }

    private static string CertificateOf(ECDsa key)
    {
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=user", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        return certificate.ExportCertificatePem();
    }
}
