using System.Security.Cryptography;
using System.Text.Json;
using HealthShare.Chaincode.Host;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Server;

namespace HealthShare.UnitTests.Chaincode.Host;

public sealed class CommandLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("host-").FullName;
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("package", "--help")]
    public async Task Help_is_answered_with_success(params string[] arguments)
    {
        Assert.Equal(0, await RunAsync(arguments));
        Assert.Contains("--address", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Package_writes_the_file_and_prints_the_id_that_a_peer_gives_it()
    {
        var file = Path.Combine(folder, "cc.tar.gz");
        Assert.Equal(0, await RunAsync("package", "--address", "127.0.0.1:9999", "--label", "hs_1", "--output", file));
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file)));
        Assert.Equal($"hs_1:{hash}", output.ToString().Trim());
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await RunAsync("package", "--address", "127.0.0.1:9999", "--label", "hs_1", "-o", file, "--json"));
        Assert.Equal($"hs_1:{hash}", JsonDocument.Parse(output.ToString()).RootElement.GetProperty("packageId").GetString());
    }

    [Fact]
    public async Task Package_takes_certificates_from_files()
    {
        var root = Path.Combine(folder, "root.pem");
        await File.WriteAllTextAsync(root, "-----BEGIN CERTIFICATE-----");
        var file = Path.Combine(folder, "cc.tar.gz");
        Assert.Equal(0, await RunAsync("package", "--address", "cc:9999", "--tls-root", root, "-o", file));
        Assert.Contains("\"tls_required\":true", await File.ReadAllTextAsync(file), StringComparison.Ordinal); // stored, not compressed
    }

    [Fact]
    public async Task A_package_with_a_key_in_it_is_for_its_owner_alone()
    {
        var (pem, file) = (Path.Combine(folder, "some.pem"), Path.Combine(folder, "cc.tar.gz"));
        await File.WriteAllTextAsync(pem, "-----BEGIN SOMETHING-----");
        await File.WriteAllTextAsync(file, "an older one that all may read");

        Assert.Equal(0, await RunAsync(
            "package", "--address", "cc:9999", "--tls-root", pem, "--client-cert", pem, "--client-key", pem, "-o", file));

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("package")]
    [InlineData("package", "--address", "cc:9999", "--digest", "abc")]
    [InlineData("health")]
    [InlineData("health", "--health-address", "127.0.0.1:1", "--timeout", "0")]
    [InlineData("--address", "127.0.0.1:0", "--package-id", "hs:1", "--expect-digest", "abc")]
    [InlineData("--address", "127.0.0.1:0", "--package-id", "hs:1", "--health-address", "nowhere")]
    [InlineData("package", "--address", "nowhere")]
    [InlineData("package", "--address", "cc:9999", "--label", "a:b")]
    [InlineData("--nonsense")]
    [InlineData("serve")]
    [InlineData("--execution-timeout", "soon")]
    [InlineData("--address", "127.0.0.1:0")]
    [InlineData("--address", "nowhere", "--package-id", "hs:1")]
    [InlineData("--address", "127.0.0.1:0", "--package-id", "hs:1", "--max-concurrent", "0")]
    public async Task Wrong_usage_exits_with_2_and_says_what_is_wrong(params string[] arguments)
    {
        Assert.Equal(2, await RunAsync(arguments));
        Assert.NotEmpty(error.ToString());
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_exits_with_1() =>
        Assert.Equal(1, await RunAsync("package", "--address", "cc:9999", "-o", Path.Combine(folder, "absent", "cc.tar.gz")));

    [Fact]
    public async Task The_service_runs_until_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var running = CommandLine.RunAsync(new Nothing(), ["--log-level", "Error"], name => name switch
        {
            "CHAINCODE_SERVER_ADDRESS" => "127.0.0.1:0",
            "CHAINCODE_ID" => "hs:1",
            _ => null,
        }, output, error, stop.Token);
        await stop.CancelAsync();
        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task The_digest_is_in_the_package_and_another_build_does_not_start()
    {
        Assert.Equal(0, await RunAsync("digest"));
        var digest = output.ToString().Trim();
        Assert.Matches("^[0-9a-f]{64}$", digest);
        var file = Path.Combine(folder, "cc.tar.gz");
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await RunAsync("package", "--address", "cc:9999", "-o", file));
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await RunAsync("package", "--show", file));
        var shown = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal((digest, "cc:9999", "none"), (
            shown.GetProperty("buildDigest").GetString(), shown.GetProperty("address").GetString(), shown.GetProperty("tls").GetString()));

        var other = new string('0', 64);
        Assert.Equal(1, await RunAsync("--address", "127.0.0.1:0", "--package-id", "hs:1", "--expect-digest", other));
        Assert.Contains($"its digest is {digest}, expected is {other}", error.ToString(), StringComparison.Ordinal);
        using var stopped = new CancellationTokenSource();
        var running = CommandLine.RunAsync(new Nothing(), ["--address", "127.0.0.1:0", "--package-id", "hs:1", "--log-level", "Error"],
            name => name == "CHAINCODE_BUILD_DIGEST" ? digest : null, output, error, stopped.Token);
        await stopped.CancelAsync();
        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task A_file_that_is_no_package_is_not_shown()
    {
        var file = Path.Combine(folder, "other");
        await File.WriteAllTextAsync(file, "no archive");
        Assert.Equal(1, await RunAsync("package", "--show", file));
        Assert.NotEmpty(error.ToString());
    }

    [Fact]
    public async Task Health_asks_the_running_service_and_fails_without_one()
    {
        await using var server = new ChaincodeServer(new Nothing(), new ChaincodeServerOptions
        {
            Address = "127.0.0.1:0", PackageId = "hs:1", HealthAddress = "127.0.0.1:0",
        });
        await server.StartAsync();
        var address = server.HealthEndpoint!.ToString();
        Assert.Equal(0, await RunAsync("health", "--health-address", address));
        Assert.Contains("\"status\":\"serving\"", output.ToString(), StringComparison.Ordinal);
        await server.StopAsync();
        Assert.Equal(1, await RunAsync("health", "--health-address", address));
        Assert.Contains("No answer", error.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync(new Nothing(), arguments, _ => null, output, error, new CancellationToken(canceled: false));

    private sealed class Nothing : IChaincode
    {
        public Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct) => Task.FromResult(ChaincodeResponse.Success());
    }
}
