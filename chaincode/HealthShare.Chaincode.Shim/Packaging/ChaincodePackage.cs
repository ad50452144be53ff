using System.Formats.Tar;
using System.Security.Cryptography;
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
    /// <exception cref="ArgumentException">The label is not of that form, or the connection is incomplete; the message says what.</exception>
    public static ChaincodePackage Create(string label, ChaincodeConnection connection)
    {
        if (label is null || !LabelPattern.IsMatch(label))
            throw new ArgumentException($"The label '{label}' must begin with a letter or digit and hold only those and _ . + -");
        connection.Validate();
        var code = Archive(("connection.json", JsonSerializer.SerializeToUtf8Bytes(connection, PackageJson.Default.ChaincodeConnection)));
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

/// <summary>Where and how a peer dials a chaincode service, as in the package's <c>connection.json</c>.</summary>
public sealed record ChaincodeConnection
{
    /// <summary>Host and port as the peer reaches them, such as <c>chaincode.north.example:9999</c>. Required.</summary>
    public required string Address { get; init; }

    /// <summary>Longest wait for the connection, in Go's notation. Default <c>10s</c>.</summary>
    public string DialTimeout { get; init; } = "10s";

    /// <summary>Whether the service speaks TLS. Needs <see cref="RootCert"/>.</summary>
    public bool TlsRequired { get; init; }

    /// <summary>Whether the service asks for the peer's certificate. Needs <see cref="ClientCert"/> and <see cref="ClientKey"/>.</summary>
    public bool ClientAuthRequired { get; init; }

    /// <summary>PEM of the roots that the service's certificate must chain to.</summary>
    public string? RootCert { get; init; }

    /// <summary>PEM of the certificate that the peer shows.</summary>
    public string? ClientCert { get; init; }

    /// <summary>PEM of that certificate's private key: a package with it is as secret as the key.</summary>
    public string? ClientKey { get; init; }

    internal void Validate()
    {
        var colon = Address?.LastIndexOf(':') ?? -1;
        if (colon < 1 || !ushort.TryParse(Address.AsSpan(colon + 1), out var port) || port == 0)
            throw new ArgumentException($"The address '{Address}' is not of the form host:port, as peers dial it.");
        if (TlsRequired != RootCert is not null)
            throw new ArgumentException("TLS needs the service's root certificate, and plaintext none.");
        if (ClientAuthRequired && !TlsRequired)
            throw new ArgumentException("A client certificate needs TLS.");
        if (ClientAuthRequired != ClientCert is not null || ClientAuthRequired != ClientKey is not null)
            throw new ArgumentException("Mutual TLS needs both a client certificate and its key, and TLS alone neither.");
    }
}

internal sealed record PackageMetadata(string Type, string Label);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChaincodeConnection))]
[JsonSerializable(typeof(PackageMetadata))]
internal sealed partial class PackageJson : JsonSerializerContext;
