using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Shim.Packaging;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class BuildDigestTests : IDisposable
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private readonly string folder = Directory.CreateTempSubdirectory("digest-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void It_is_the_hash_of_a_sorted_list_as_sha256sum_prints_it()
    {
        Write("b.dll", "b");
        Write("a.dll", "a");
        Write("runtimes/linux/native.so", "n");
        Write("a.pdb", "p");
        var list = string.Concat(new[] { ("a", "a.dll"), ("b", "b.dll"), ("n", "runtimes/linux/native.so") }.Select(file =>
            $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Item1)))}  {file.Item2}\n"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list))), BuildDigest.Compute(folder));
    }

    [Fact]
    public void A_changed_added_or_renamed_assembly_changes_it_and_other_files_do_not()
    {
        Write("a.dll", "a");
        var before = BuildDigest.Compute(folder);
        Write("settings.json", "{}");
        Assert.Equal(before, BuildDigest.Compute(folder));
        Write("a.dll", "A");
        var changed = BuildDigest.Compute(folder);
        Write("b.dll", "");
        var added = BuildDigest.Compute(folder);
        File.Move(Path.Combine(folder, "b.dll"), Path.Combine(folder, "c.dll"));
        Assert.Equal(4, new HashSet<string> { before, changed, added, BuildDigest.Compute(folder) }.Count);
    }

    [Fact]
    public void A_folder_without_assemblies_has_none() => Assert.Throws<ArgumentException>(() => BuildDigest.Compute(folder));

    [Fact]
    public void A_package_carries_the_digest_and_is_read_again()
    {
        var connection = new ChaincodeConnection { Address = "cc.example:9999", TlsRequired = true, RootCert = "root" };
        var package = ChaincodePackage.Create("asset_1", connection, Digest);
        var content = ChaincodePackageContent.Read(package.Bytes);
        Assert.Equal(new ChaincodePackageContent(package.PackageId, "asset_1", connection, Digest), content);
        Assert.Null(ChaincodePackageContent.Read(ChaincodePackage.Create("asset_1", connection).Bytes).BuildDigest);
        Assert.Throws<ArgumentException>(() => ChaincodePackage.Create("asset_1", connection, "ABC"));
    }

    [Fact]
    public void Files_that_are_no_package_are_refused()
    {
        var package = ChaincodePackage.Create("asset_1", new ChaincodeConnection { Address = "cc:1" }).Bytes.ToArray();
        byte[][] broken = [[], [1, 2, 3], Encoding.UTF8.GetBytes(new string('x', 2000)), package[..(package.Length / 2)]];
        Assert.All(broken, bytes => Assert.Throws<InvalidDataException>(() => ChaincodePackageContent.Read(bytes)));
    }

    private void Write(string name, string content)
    {
        var file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
