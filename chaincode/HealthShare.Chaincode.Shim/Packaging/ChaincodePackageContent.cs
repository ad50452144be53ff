using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HealthShare.Chaincode.Shim.Packaging;

/// <summary>What a Fabric package of a chaincode service says, whoever made it.</summary>
/// <param name="PackageId">Id that a peer gives the package.</param>
/// <param name="Label">The package's label.</param>
/// <param name="Connection">Where and how a peer dials.</param>
/// <param name="BuildDigest">Digest of the build that the service should run; null where the package names none.</param>
public sealed record ChaincodePackageContent(string PackageId, string Label, ChaincodeConnection Connection, string? BuildDigest)
{
    // A package holds a few certificates; more than this is none of ours and could be made to fill the memory.
    private const int LargestFile = 4 * 1024 * 1024;

    /// <summary>Reads a package.</summary>
    /// <param name="package">The file's bytes.</param>
    /// <exception cref="InvalidDataException">The bytes are no package of a chaincode service; the message says why.</exception>
    public static ChaincodePackageContent Read(ReadOnlyMemory<byte> package)
    {
        try
        {
            var outer = Unpack(package);
            var metadata = JsonSerializer.Deserialize(File(outer, "metadata.json"), PackageJson.Default.PackageMetadata)!;
            if (metadata.Type != "ccaas")
                throw new InvalidDataException($"The package is of type '{metadata.Type}', not ccaas.");
            var code = Unpack(File(outer, "code.tar.gz"));
            var connection = JsonSerializer.Deserialize(File(code, "connection.json"), PackageJson.Default.ChaincodeConnection)!;
            var digest = code.TryGetValue(ChaincodePackage.BuildDigestFile, out var file) ? Encoding.ASCII.GetString(file).Trim() : null;
            var id = $"{metadata.Label}:{Convert.ToHexStringLower(SHA256.HashData(package.Span))}";
            return new ChaincodePackageContent(id, metadata.Label, connection, digest);
        }
        catch (Exception e) when (e is JsonException or EndOfStreamException or FormatException or NotSupportedException)
        {
            throw new InvalidDataException($"The file is no package of a chaincode service: {e.Message}", e);
        }
    }

    private static byte[] File(Dictionary<string, byte[]> files, string name) => files.TryGetValue(name, out var content)
        ? content
        : throw new InvalidDataException($"The package holds no {name}.");

    private static Dictionary<string, byte[]> Unpack(ReadOnlyMemory<byte> archive)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var tar = new TarReader(new GZipStream(new MemoryStream(archive.ToArray()), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } data)
                continue;
            if (entry.Length > LargestFile)
                throw new InvalidDataException($"A file in the package has {entry.Length} bytes; at most {LargestFile} are read.");
            var content = new byte[entry.Length];
            data.ReadExactly(content);
            files[entry.Name] = content;
        }
        return files;
    }
}
