using System.Text.Json;
using System.Text.RegularExpressions;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Client;

/// <summary>
/// Identities in a folder, one file <c>NAME.id</c> each, as the file system wallets of Fabric's SDKs for Node.js, Java and Go
/// keep them. Keys lie there in plain text: files are made readable by their owner only.
/// </summary>
public sealed partial class FileWallet
{
    private const string Extension = ".id";
    private const int LongestFile = 1024 * 1024;

    private readonly string folder;

    /// <summary>Opens a wallet.</summary>
    /// <param name="folder">Its folder; made with the first identity where it is absent.</param>
    public FileWallet(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.folder = Path.GetFullPath(folder);
    }

    /// <summary>Names of the identities, sorted. Files that no wallet would have made are left out.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*" + Extension).Select(Path.GetFileNameWithoutExtension)
            .Where(name => Name().IsMatch(name!)).Order(StringComparer.Ordinal)!]
        : [];

    /// <summary>Reads an identity; null where there is none of this name.</summary>
    /// <param name="name">See <see cref="Put"/>.</param>
    /// <exception cref="FabricDataException">The file is not an identity of a known kind.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public WalletIdentity? Find(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            using var file = File.OpenRead(path);
            var read = file.Length <= LongestFile ? JsonSerializer.Deserialize(file, WalletJson.Default.WalletFile) : null;
            return read switch
            {
                { Type: "X.509", Version: 1, Credentials.PrivateKey: { } key } =>
                    new WalletIdentity(read.MspId, read.Credentials.Certificate, key),
                { Type: not "X.509" } => throw new FabricDataException(
                    $"'{path}' is of type '{read.Type}'; keys in hardware modules are opened with {nameof(Pkcs11Key)}."),
                _ => throw new FabricDataException($"'{path}' is not an X.509 identity of a wallet, version 1."),
            };
        }
        catch (JsonException e)
        {
            throw new FabricDataException($"'{path}' is not an identity of a wallet.", e);
        }
    }

    /// <summary>Loads an identity to sign with.</summary>
    /// <param name="name">See <see cref="Put"/>.</param>
    /// <exception cref="FabricDataException">There is no such identity, or it cannot be read.</exception>
    public SigningIdentity Load(string name) => Find(name) is { } found
        ? SigningIdentity.FromPem(found.MspId, found.CertificatePem, found.PrivateKeyPem)
        : throw new FabricDataException($"The wallet '{folder}' holds no identity '{name}'.");

    /// <summary>Stores an identity durably, in place of one of the same name.</summary>
    /// <param name="name">
    /// 1 to 100 of the characters <c>A-Z a-z 0-9 . _ @ + -</c>, not beginning with a dot: nothing that could leave the folder.
    /// </param>
    /// <param name="identity">What to store; certificate and key must belong together.</param>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="FabricDataException">Certificate and key cannot be used.</exception>
    public void Put(string name, WalletIdentity identity)
    {
        var path = PathOf(name);
        SigningIdentity.FromPem(identity.MspId, identity.CertificatePem, identity.PrivateKeyPem).Dispose();
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(
            new WalletFile(new WalletCredentials(identity.CertificatePem, identity.PrivateKeyPem), identity.MspId, "X.509", 1),
            WalletJson.Default.WalletFile));
    }

    /// <summary>Removes an identity; false where there was none of this name.</summary>
    /// <param name="name">See <see cref="Put"/>.</param>
    public bool Remove(string name) => DurableFile.Delete(PathOf(name));

    private string PathOf(string name) => Name().IsMatch(name)
        ? Path.Combine(folder, name + Extension)
        : throw new ArgumentException("A name in a wallet has 1 to 100 letters, digits and . _ @ + -, and no dot at first.", nameof(name));

    [GeneratedRegex(@"\A[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
