using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using HealthShare.DevLedger.Hosting;
using HealthShare.DevLedger.Network;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.UnitTests.DevLedger;

public sealed class MaterialTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("material-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_state_folder_is_made_for_its_owner_alone()
    {
        var parent = Directory.CreateTempSubdirectory();
        var state = Path.Combine(parent.FullName, "state");
        using (StateFolderLock.Take(state))
            Assert.True(OperatingSystem.IsWindows()
                || File.GetUnixFileMode(state) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        parent.Delete(recursive: true);
    }

    [Fact]
    public void Material_is_made_once_and_kept_with_keys_for_the_owner_only()
    {
        var made = Open();
        var again = Open();
        Assert.Equal(made.Ca, again.Ca);
        Assert.Equal(["Admin", "User1"], again.Users);
        foreach (var key in Directory.EnumerateFiles(folder, "key.pem", SearchOption.AllDirectories))
            Assert.True(OperatingSystem.IsWindows()
                || File.GetUnixFileMode(key) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), key);
    }

    [Fact]
    public void What_a_cut_short_start_left_is_made_anew()
    {
        Directory.CreateDirectory(Path.Combine(folder, "org.new", "ca"));
        Assert.Equal(["Admin", "User1"], Open().Users);
    }

    [Fact]
    public void Certificates_chain_name_their_hosts_and_are_signed_with_low_s()
    {
        var material = Open();
        using var ca = X509Certificate2.CreateFromPem(material.TlsCa.Certificate);
        using var server = X509Certificate2.CreateFromPem(material.Tls.Certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(server));
        foreach (var name in (string[])["peer0.north.example", "localhost", "127.0.0.1"])
            Assert.True(server.MatchesHostname(name));
        foreach (var file in Directory.EnumerateFiles(folder, "cert.pem", SearchOption.AllDirectories))
            Assert.True(HasLowS(file), file);
        using var identity = material.Node;
        Assert.Equal("OU=peer", identity.Certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Select(part => $"{part.GetSingleElementType().FriendlyName}={part.GetSingleElementValue()}").First(part => part.StartsWith("OU", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_user_s_attributes_are_in_the_certificate_and_change_it_only_when_they_change()
    {
        var material = Open();
        var role = new Dictionary<string, string> { ["role"] = "reviewer" };
        material.IssueUser("signer", "client", role);
        var first = PemPair.Load(material.UserFolder("signer"));
        material.IssueUser("signer", "client", role);
        Assert.Equal(first, PemPair.Load(material.UserFolder("signer")));
        using (var user = material.User("signer"))
            Assert.Equal("reviewer", CertificateAttributes.Read(user.Certificate)["role"]);
        material.IssueUser("signer", "client", new Dictionary<string, string> { ["role"] = "writer" });
        using var changed = material.User("signer");
        Assert.Equal("writer", CertificateAttributes.Read(changed.Certificate)["role"]);
        Assert.True(changed.Certificate.GetECDsaPublicKey()!.KeySize == 256 && first.Key != PemPair.Load(material.UserFolder("signer")).Key);
    }

    private static bool HasLowS(string file)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        var parts = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        parts.ReadEncodedValue();
        parts.ReadEncodedValue();
        var signature = new AsnReader(parts.ReadBitString(out _), AsnEncodingRules.DER).ReadSequence();
        signature.ReadInteger();
        var halfOrder = BigInteger.Parse("07FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8", NumberStyles.HexNumber);
        return signature.ReadInteger() <= halfOrder;
    }

    private OrganizationMaterial Open() => OrganizationMaterial.Open(
        "NorthMSP", "north.example", Path.Combine(folder, "org"), "peer", "peer0", ["User1"], TimeProvider.System);
}
