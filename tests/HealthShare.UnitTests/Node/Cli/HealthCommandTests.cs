using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using HealthShare.Node.Cli;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;
using Microsoft.Extensions.Configuration;

namespace HealthShare.UnitTests.Node.Cli;

public sealed class HealthCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("health-").FullName;
    private readonly MemoryChannel channel = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task It_says_how_the_node_is_and_exits_by_that()
    {
        await using var node = await NodeHost.StartOnAsync(channel);
        var config = Config(node.App.Urls.Single());
        var (exit, said) = await AskAsync(config);
        Assert.Equal(1, exit);
        Assert.Contains("\"Unhealthy\"", said, StringComparison.Ordinal);
        Assert.Equal(0, (await AskAsync(config, "--live")).Exit);

        await channel.InitAsync(("NorthMSP", node));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await AskAsync(config)).Exit != 0)
            await Task.Delay(50, patience.Token);
    }

    [Fact]
    public async Task What_listens_on_every_address_is_asked_on_the_loopback_interface()
    {
        await using var node = await NodeHost.StartOnAsync(channel);
        var port = new Uri(node.App.Urls.Single()).Port;
        Assert.Equal(0, (await AskAsync(Config($"http://0.0.0.0:{port}"), "--live")).Exit);
        Assert.Equal(0, (await AskAsync(Config($"http://node.north.example:{port}"), "--live")).Exit);
    }

    [Fact]
    public async Task Over_TLS_only_the_certificate_that_the_node_was_given_is_believed()
    {
        var (certificate, key) = WriteCertificate("node");
        await using var node = await NodeHost.StartOnAsync(channel, settings: new Dictionary<string, string?>
        {
            ["HealthShare:Http:Url"] = "https://127.0.0.1:0",
            ["HealthShare:Http:CertificateFile"] = certificate,
            ["HealthShare:Http:KeyFile"] = key,
        });
        var url = node.App.Urls.Single();
        Assert.Equal(0, (await AskAsync(Config(url, certificate), "--live")).Exit);
        Assert.Equal(1, (await AskAsync(Config(url, WriteCertificate("other").Certificate), "--live")).Exit);
        var (exit, said) = await AskAsync(Config(url, Path.Combine(folder, "absent.pem")), "--live");
        Assert.Equal(1, exit);
        Assert.Contains("absent.pem", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_a_command_that_runs_for_long_believes_what_the_file_held_at_its_start_and_what_it_holds_now()
    {
        var (certificate, key) = WriteCertificate("node");
        await using var node = await NodeHost.StartOnAsync(channel, settings: new Dictionary<string, string?>
        {
            ["HealthShare:Http:Url"] = "https://127.0.0.1:0",
            ["HealthShare:Http:CertificateFile"] = certificate,
            ["HealthShare:Http:KeyFile"] = key,
        });
        var (file, others) = (Path.Combine(folder, "believed.pem"), WriteCertificate("other").Certificate);
        File.Copy(others, file);
        using var before = Connect(); // and the file is renewed while it runs
        File.Copy(certificate, file, overwrite: true);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync("/health/live")).StatusCode);
        using var after = Connect(); // and the node has not taken what is in the file yet
        File.Copy(others, file, overwrite: true);
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync("/health/live")).StatusCode);
        using var stranger = Connect();
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync("/health/live"));

        HttpClient Connect() => LocalNode.Connect(
            new ConfigurationBuilder().AddJsonFile(Config(node.App.Urls.Single(), file)).Build(), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task Where_no_node_answers_it_says_so()
    {
        using var nobody = new ReservedPort();
        var url = $"http://127.0.0.1:{nobody.Number}";
        var (exit, said) = await AskAsync(Config(url));
        Assert.Equal(1, exit);
        Assert.Contains(url, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_are_wrong_exit_with_2_and_are_named()
    {
        var file = Path.Combine(folder, "wrong.json");
        await File.WriteAllTextAsync(file, """{ "HealthShare": { "Http": { "MaxBodyBytes": 7 } } }""");
        var (exit, said) = await AskAsync(file);
        Assert.Equal(2, exit);
        Assert.Contains("MaxBodyBytes", said, StringComparison.Ordinal);
        Assert.Equal(2, (await AskAsync(Path.Combine(folder, "absent.json"))).Exit);
    }

    private string Config(string url, string? certificate = null)
    {
        var file = Path.Combine(folder, Guid.NewGuid().ToString("n") + ".json");
        File.WriteAllText(file, JsonSerializer.Serialize(new Dictionary<string, string?>
        {
            ["HealthShare:Http:Url"] = url, ["HealthShare:Http:CertificateFile"] = certificate,
        }));
        return file;
    }

    private (string Certificate, string Key) WriteCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var (certificateFile, keyFile) = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    private static async Task<(int Exit, string Said)> AskAsync(string config, params string[] options)
    {
        using var said = new StringWriter();
        var exit = await NodeCommandLine.RunAsync(["health", "--config", config, .. options], said, said);
        return (exit, said.ToString());
    }
}
