using System.Net;
using System.Text.Json;
using HealthShare.Node.Cli;
using HealthShare.UnitTests.Node.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Hosting;

public sealed class NodeHostTests
{
    [Fact]
    public async Task A_live_node_says_so_to_anyone_with_an_id_for_the_request()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client();
        using var answer = await client.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(32, answer.Headers.GetValues("X-Request-Id").Single().Length);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task An_unknown_token_gets_401_with_a_challenge_and_a_code()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", "guess");
        using var answer = await client.GetAsync("/api/v1/anything");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("auth.unauthenticated", problem.RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task No_other_sites_page_is_let_in_by_a_preflight()
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(HealthShare.Node.Auth.Role.PrivacyOfficer);
        foreach (var path in (string[])["/api/v1/organizations", "/api/v1/session", "/api/v1/webhooks", "/health/ready", "/openapi/v1.json"])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Options, HttpMethod.Get])
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Add("Origin", "https://evil.example");
                if (method == HttpMethod.Options)
                {
                    request.Headers.Add("Access-Control-Request-Method", "POST");
                    request.Headers.Add("Access-Control-Request-Headers", "content-type, idempotency-key");
                }
                using var answer = await client.SendAsync(request);
                Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
                Assert.False(method == HttpMethod.Options && answer.IsSuccessStatusCode, $"{path} answers a preflight with {answer.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task Whoever_guesses_tokens_is_slowed_down()
    {
        await using var node = await NodeHost.StartAsync(
            new Dictionary<string, string?> { ["HealthShare:Http:AnonymousRequestsPerTenSeconds"] = "3" });
        using var client = node.Client();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
            statuses.Add((await client.GetAsync("/openapi/v1.json")).StatusCode);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task A_connection_holds_little_that_nobody_has_read()
    {
        await using var node = await NodeHost.StartAsync();
        var limits = node.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal(64 * 1024, limits.MaxRequestBufferSize);
        Assert.Equal(64 * 1024, node.App.Services.GetRequiredService<IOptions<SocketTransportOptions>>().Value.MaxReadBufferSize);
        Assert.InRange(limits.Http2.InitialConnectionWindowSize, 65_536, 256 * 1024);
        Assert.InRange(limits.Http2.InitialStreamWindowSize, 65_536, limits.Http2.InitialConnectionWindowSize);
    }

    [Fact]
    public async Task Two_nodes_run_side_by_side_in_one_process()
    {
        await using var first = await NodeHost.StartAsync();
        await using var second = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Node:MspId"] = "SouthMSP" });
        using var one = first.Client();
        using var two = second.Client();
        Assert.NotEqual(one.BaseAddress, two.BaseAddress);
        Assert.Equal(HttpStatusCode.OK, (await one.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await two.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task A_regulators_node_takes_no_messages_in()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => NodeHost.StartAsync(new Dictionary<string, string?>
        {
            ["HealthShare:Node:Kind"] = "Regulator", ["HealthShare:Mllp:Port"] = "0",
        }));
        Assert.Contains("HealthShare:Mllp:Port", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HealthShare:Http:MaxBodyBytes", "7")]
    [InlineData("HealthShare:Node:MspId", "")]
    [InlineData("HealthShare:Auth:Callers:0:TokenSha256", "short")]
    [InlineData("HealthShare:Database:Provider", "Postgresql")]
    public async Task A_setting_out_of_its_range_stops_the_start_and_is_named(string setting, string value)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => NodeHost.StartAsync(new Dictionary<string, string?> { [setting] = value }));
        var section = string.Join(':', setting.Split(':').Take(2));
        Assert.Contains(refusal.Failures, failure => failure.Contains(section, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_stops_the_start() =>
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Http:Prot"] = "5" }));

    [Theory]
    [InlineData(""" "Content": { "Provider": "s3" } """, "'s3'")]
    [InlineData(""" "Content": { "ChunkSize": 5 }, "Fabric": { "ConnectionFile": "connection.json" } """, "ChunkSize")]
    [InlineData(""" "Content": { "ChunkSize": 5 } """, "ChunkSize", "ConnectionFile")]
    public async Task Each_setting_that_is_wrong_is_one_line_and_ends_with_2(string section, params string[] named)
    {
        var folder = Directory.CreateTempSubdirectory("healthshare-run-");
        try
        {
            var settings = Path.Combine(folder.FullName, "node.json");
            await File.WriteAllTextAsync(settings, $$"""
                { "HealthShare": { "Node": { "MspId": "NorthMSP", "DataFolder": "{{folder.FullName}}" }, "Http": { "Url": "http://127.0.0.1:0" }, {{section}} } }
                """);
            using var output = new StringWriter();
            Assert.Equal(2, await NodeCommandLine.RunAsync(["run", "--config", settings], output, output));
            var lines = output.ToString().Trim().Split('\n');
            Assert.Equal(named.Length, lines.Length);
            Assert.All(named, name => Assert.Contains(lines, line => line.Contains(name, StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("localhost:47001", "run")]
    [InlineData("nonsense", "run")]
    [InlineData("nonsense", "health")]
    [InlineData("localhost:47001", "messages", "list")]
    [InlineData("ftp://localhost", "messages", "list")]
    public async Task An_address_without_its_scheme_is_named_in_a_line(string url, params string[] command)
    {
        var folder = Directory.CreateTempSubdirectory("healthshare-url-");
        try
        {
            var (settings, token) = (Path.Combine(folder.FullName, "node.json"), Path.Combine(folder.FullName, "token"));
            await File.WriteAllTextAsync(token, "x");
            await File.WriteAllTextAsync(settings, $$"""
                { "HealthShare": { "Node": { "MspId": "NorthMSP", "DataFolder": "{{folder.FullName}}" }, "Http": { "Url": "{{url}}" } } }
                """);
            using var output = new StringWriter();
            string[] signIn = command[0] == "messages" ? ["--token-file", token] : [];
            Assert.Equal(2, await NodeCommandLine.RunAsync([.. command, "--config", settings, .. signIn], output, output));
            Assert.Contains(output.ToString().Trim().Split('\n'), line => line.StartsWith("HealthShare:Http: ", StringComparison.Ordinal) && line.Contains(url, StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_read_is_wrong_usage()
    {
        using var output = new StringWriter();
        Assert.Equal(2, await NodeCommandLine.RunAsync(["messages", "list", "--token-file", Path.GetTempPath()], output, output));
        Assert.Contains("--token-file", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "--help")]
    [InlineData(0, "run", "--help")]
    [InlineData(2, "rnu")]
    [InlineData(2, "run", "--config")]
    [InlineData(2, "run", "--config", "/does/not/exist.json")]
    public async Task The_command_line_answers_with_its_exit_status(int expected, params string[] args)
    {
        using var output = new StringWriter();
        Assert.Equal(expected, await NodeCommandLine.RunAsync(args, output, output));
        Assert.NotEmpty(output.ToString());
    }
}
