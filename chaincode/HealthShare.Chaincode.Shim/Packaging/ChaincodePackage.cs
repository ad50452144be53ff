using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace HealthShare.Chaincode.Shim.Packaging;

/// <summary>
/// A Fabric package of a chaincode that runs as a service: it tells the peer where to dial. The same label and connection always
/// give the same bytes, so the package id is known before anything is installed or started.
/// </summary>
public sealed partial class ChaincodePackage
{
    internal const string BuildDigestFile = "build.sha256";

    private ChaincodePackage(string label, byte[] bytes)
    {
        Bytes = bytes;
        PackageId = $"{label}:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
    }

    /// <summary>What <c>peer lifecycle chaincode install</c> takes: a gzipped tar archive.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The label, a colon, and the SHA-256 of the bytes in lower-case hexadecimal: the id a peer gives the package.</summary>
    public string PackageId { get; }

    /// <summary>Makes a package.</summary>
    /// <param name="label">Name and version for people, such as <c>asset_1.0</c>: letters, digits and <c>_ . + -</c>.</param>
    /// <param name="connection">Where and how peers dial.</param>
    /// <param name="buildDigest">
    /// Digest of the build that the service runs, from <see cref="BuildDigest"/>; becomes a file in the package. Null leaves it out.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The label or digest is not of that form, or the connection is incomplete; the message says what.
    /// </exception>
    public static ChaincodePackage Create(string label, ChaincodeConnection connection, string? buildDigest = null)
    {
        if (label is null || !LabelPattern.IsMatch(label))
            throw new ArgumentException($"The label '{label}' must begin with a letter or digit and hold only those and _ . + -");
        connection.Validate();
        if (buildDigest is not null && !BuildDigest.IsDigest(buildDigest))
            throw new ArgumentException("A build digest has 64 lower-case hexadecimal digits.");
        var dial = ("connection.json", JsonSerializer.SerializeToUtf8Bytes(connection, PackageJson.Default.ChaincodeConnection));
        var code = buildDigest is null ? Archive(dial) : Archive(dial, (BuildDigestFile, Encoding.ASCII.GetBytes(buildDigest + "\n")));
        var metadata = JsonSerializer.SerializeToUtf8Bytes(new PackageMetadata("ccaas", label), PackageJson.Default.PackageMetadata);
        return new ChaincodePackage(label, Archive(("metadata.json", metadata), ("code.tar.gz", code)));
    }

    private static byte[] Archive(params ReadOnlySpan<(string Name, byte[] Content)> files)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                    DataStream = new MemoryStream(content),
                });
            }
        }
        return StoredGzip.Pack(tar.ToArray());
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.+-]*\z")]
    private static partial Regex LabelPattern { get; }
}

internal sealed record PackageMetadata(string Type, string Label);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChaincodeConnection))]
[JsonSerializable(typeof(PackageMetadata))]
internal sealed partial class PackageJson : JsonSerializerContext;
