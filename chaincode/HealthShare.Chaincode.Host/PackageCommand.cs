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
        var address = new Option<string>("--address") { Description = "Where peers dial the service, host:port.", Required = true };
        var label = new Option<string>("--label")
        {
            Description = "Label of the package, the part of its id before the colon.", DefaultValueFactory = _ => "healthshare_0.1.0",
        };
        var output = new Option<FileInfo>("--output", "-o")
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
        var json = new Option<bool>("--json") { Description = "Print one JSON object with packageId, label and file." };
        var command = new Command("package", "Writes a Fabric package for this service and prints its package id. The same options give the same id.")
        {
            address, label, output, timeout, root, certificate, key, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var connection = new ChaincodeConnection
            {
                Address = parsed.GetValue(address)!,
                DialTimeout = parsed.GetValue(timeout)!,
                TlsRequired = parsed.GetValue(root) is not null,
                RootCert = await ReadAsync(parsed.GetValue(root), ct),
                ClientAuthRequired = parsed.GetValue(certificate) is not null,
                ClientCert = await ReadAsync(parsed.GetValue(certificate), ct),
                ClientKey = await ReadAsync(parsed.GetValue(key), ct),
            };
            var package = ChaincodePackage.Create(parsed.GetValue(label)!, connection);
            var file = parsed.GetValue(output)!;
            await System.IO.File.WriteAllBytesAsync(file.FullName, package.Bytes, ct);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new(package.PackageId, parsed.GetValue(label)!, file.FullName), PackageReportJson.Default.PackageReport)
                : package.PackageId);
            return 0;
        });
        return command;
    }

    private static Option<FileInfo?> File(string name, string description) => new(name) { Description = description };

    private static async Task<string?> ReadAsync(FileInfo? file, CancellationToken ct) =>
        file is null ? null : await System.IO.File.ReadAllTextAsync(file.FullName, ct);
}

internal sealed record PackageReport(string PackageId, string Label, string File);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PackageReport))]
internal sealed partial class PackageReportJson : JsonSerializerContext;
