using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Vault.Keys;

/// <summary>The hospital's key-encryption key: wraps every key that the node keeps, and nothing else.</summary>
/// <remarks>Written as one line of 43 base64url characters, in a file that only its owner may read, or in the environment.</remarks>
public sealed class MasterKey : IDisposable
{
    internal const int IdSize = 8;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SecretKey key;
    private readonly byte[] id;

    private MasterKey(SecretKey key)
    {
        this.key = key;
        id = HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes.ToArray(), IdSize, [], VaultLabel.Bytes("healthshare-master-key-id-v1"));
        Id = "mk-" + Base32.Encode(id);
    }

    /// <summary>Public name of this key (<c>mk-…</c>); tells versions apart and gives nothing of the key away.</summary>
    public string Id { get; }

    internal ReadOnlySpan<byte> IdBytes => id;

    internal ReadOnlySpan<byte> Secret => key.Bytes;

    /// <summary>Makes a new key and writes it durably with mode 0600. Never overwrites.</summary>
    /// <exception cref="IOException">The file exists already, or its folder does not.</exception>
    public static MasterKey CreateFile(string path)
    {
        var master = new MasterKey(SecretKey.Create());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        var text = new byte[Base64Url.GetEncodedLength(SecretKey.Size) + 1];
        Base64Url.EncodeToUtf8(master.key.Bytes, text);
        text[^1] = (byte)'\n';
        try
        {
            using var file = new FileStream(path, options);
            file.Write(text);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            master.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return master;
    }

    /// <summary>Reads a key file.</summary>
    /// <exception cref="VaultException"><c>key.file_exposed</c>: others than the owner may read or write the file;
    /// <c>key.malformed</c>: it holds no key.</exception>
    /// <exception cref="FileNotFoundException">There is no such file. It is never made silently: a lost key is lost data.</exception>
    public static MasterKey FromFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The master key file '{path}' does not exist.", path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) is not UnixFileMode.None)
            throw new VaultException("key.file_exposed", $"'{path}' must be readable by its owner only (mode 0600).");
        var text = File.ReadAllBytes(path);
        try
        {
            return Parse(text.AsSpan().TrimEnd("\r\n "u8), $"The file '{path}'");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Reads a key from an environment variable.</summary>
    /// <exception cref="VaultException"><c>key.malformed</c>: the variable is absent or holds no key.</exception>
    public static MasterKey FromEnvironment(string variable) =>
        Parse(Encoding.UTF8.GetBytes((Environment.GetEnvironmentVariable(variable) ?? "").Trim()), $"The variable '{variable}'");

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    private static MasterKey Parse(ReadOnlySpan<byte> text, string source)
    {
        Span<byte> bytes = stackalloc byte[SecretKey.Size + 3];
        try
        {
            if (text.Length != Base64Url.GetEncodedLength(SecretKey.Size)
                || Base64Url.DecodeFromUtf8(text, bytes, out _, out var written) is not System.Buffers.OperationStatus.Done
                || written != SecretKey.Size)
                throw new VaultException("key.malformed", $"{source} does not hold 43 base64url characters (32 bytes).");
            return new MasterKey(SecretKey.From(bytes[..written]));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
