using System.Security.Cryptography;
using System.Text.Json;
using HealthShare.Chaincode.Host;
using HealthShare.Chaincode.Shim;

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

    [Theory]
    [InlineData("package")]
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

    private Task<int> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync(new Nothing(), arguments, _ => null, output, error, new CancellationToken(canceled: false));

    private sealed class Nothing : IChaincode
    {
        public Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct) => Task.FromResult(ChaincodeResponse.Success());
    }
}
