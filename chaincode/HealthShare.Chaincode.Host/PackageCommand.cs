using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Shim.Packaging;

namespace HealthShare.Chaincode.Host;

/// <summary>Writes the package that <c>peer lifecycle chaincode install</c> takes, and prints its id.</summary>
internal static class PackageCommand
{
    public static Command Create()
    {
        var address = new Option<string>("--address") { Description = "Where peers dial the service, host:port. Required, but for --show." };
        var label = new Option<string>("--label")
        {
            Description = "Label of the package, the part of its id before the colon.", DefaultValueFactory = _ => "healthshare_0.1.0",
        };
        var target = new Option<FileInfo>("--output", "-o")
        {
            Description = "File to write.", DefaultValueFactory = _ => new FileInfo("healthshare.tar.gz"),
        };
        var timeout = new Option<string>("--dial-timeout")
        {
            Description = "Longest a peer waits for the connection, in Go's notation.", DefaultValueFactory = _ => "10s",
        };
        var root = File("--tls-root", "PEM file of the roots that the service's certificate chains to: peers dial with TLS.");
        var certificate = File("--client-cert", "PEM file of the certificate that the peer shows (mutual TLS).");
        var key = File("--client-key", "PEM file of that certificate's private key. It becomes part of the package: keep that secret.");
        var digest = new Option<string?>("--digest")
        {
            Description = "Digest of the build that the service runs, as 'digest' prints it, or 'none'. Default: that of this build.",
        };
        var show = new Option<FileInfo?>("--show") { Description = "Print what an existing package says, and do nothing else." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object: packageId, label, file, buildDigest, address, tls." };
        var command = new Command("package", "Writes a Fabric package for this service and prints its package id. The same options give the same id.")
        {
            address, label, target, timeout, root, certificate, key, digest, show, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(show) is { } existing)
            {
                await WriteAsync(output, ChaincodePackageContent.Read(await System.IO.File.ReadAllBytesAsync(existing.FullName, ct)), existing, asJson: true);
                return 0;
            }
            var connection = new ChaincodeConnection
            {
                Address = parsed.GetValue(address) ?? throw new ArgumentException("--address is required: where peers dial the service."),
                DialTimeout = parsed.GetValue(timeout)!,
                TlsRequired = parsed.GetValue(root) is not null,
                RootCert = await ReadAsync(parsed.GetValue(root), ct),
                ClientAuthRequired = parsed.GetValue(certificate) is not null,
                ClientCert = await ReadAsync(parsed.GetValue(certificate), ct),
                ClientKey = await ReadAsync(parsed.GetValue(key), ct),
            };
            var build = parsed.GetValue(digest) switch { null => BuildDigest.Compute(), "none" => null, var given => given };
            var package = ChaincodePackage.Create(parsed.GetValue(label)!, connection, build);
            var file = parsed.GetValue(target)!;
            await WriteAsync(file, package.Bytes, isSecret: connection.ClientKey is not null, ct);
            await WriteAsync(output, new(package.PackageId, parsed.GetValue(label)!, connection, build), file, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    // A package with a key in it is for its owner alone; one that is there keeps its rights when written over, so it goes first.
    private static async Task WriteAsync(FileInfo file, ReadOnlyMemory<byte> content, bool isSecret, CancellationToken ct)
    {
        var creation = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (isSecret)
            file.Delete();
        if (isSecret && !OperatingSystem.IsWindows())
            creation.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(file.FullName, creation);
        await stream.WriteAsync(content, ct);
    }

    // The client's key is part of a package and of no report.
    private static Task WriteAsync(TextWriter output, ChaincodePackageContent content, FileInfo file, bool asJson) => output.WriteLineAsync(asJson
        ? JsonSerializer.Serialize(
            new(content.PackageId, content.Label, file.FullName, content.BuildDigest, content.Connection.Address,
                content.Connection switch { { ClientAuthRequired: true } => "mutual", { TlsRequired: true } => "server", _ => "none" }),
            PackageReportJson.Default.PackageReport)
        : content.PackageId);

    private static Option<FileInfo?> File(string name, string description) => new(name) { Description = description };

    private static async Task<string?> ReadAsync(FileInfo? file, CancellationToken ct) =>
        file is null ? null : await System.IO.File.ReadAllTextAsync(file.FullName, ct);
}

internal sealed record PackageReport(string PackageId, string Label, string File, string? BuildDigest, string Address, string Tls);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PackageReport))]
internal sealed partial class PackageReportJson : JsonSerializerContext;
