using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The journal over REST and the command line: who may see and do what.</summary>
public sealed class MessagesCommandTests : IAsyncLifetime
{
    private const string Bad = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{0}|P|2.5\rPID|1||||Quastenflosser\r";
    private readonly string folder = Directory.CreateTempSubdirectory("hs-messages-").FullName;
    private readonly MemoryChannel channel = new();
    private NodeHost north = null!;
    private HttpClient engine = null!;

    public async Task InitializeAsync()
    {
        north = await NodeHost.StartOnAsync(channel);
        await channel.InitAsync(("NorthMSP", north));
        engine = north.Client(Role.System);
    }

    public async Task DisposeAsync()
    {
        engine.Dispose();
        await north.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("CLINIC^1.2.3^ISO", "CLINIC^1.2.3^ISO")]
    [InlineData("CLINIC^1.2.3", "CLINIC^1.2.3")]
    [InlineData("CLINIC^1.2.3^ISO", "ISO:1.2.3")]
    [InlineData("", "")]
    public async Task A_message_is_found_by_its_facility_as_it_is_written(string written, string typed)
    {
        using var content = new StringContent($"MSH|^~\\&|LAB|{written}|||20260301||ORU^R01|77|P|2.5\rPID|1||||Quastenflosser\r");
        content.Headers.ContentType = new MediaTypeHeaderValue("application/hl7-v2");
        (await engine.PostAsync("/api/v1/messages", content)).Dispose();
        var (exit, said) = await RunAsync("list", "--facility", typed, "--control-id", "77", "--json");
        Assert.Equal(0, exit);
        Assert.Single(JsonDocument.Parse(said).RootElement.GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task Staff_list_show_replay_and_discard_and_every_step_is_told()
    {
        var (first, second) = (await QuarantineAsync("1"), await QuarantineAsync("2"));
        var (exit, listed) = await RunAsync("list", "--state", "quarantined", "--facility", "NORTH", "--json");
        Assert.Equal(0, exit);
        var page = JsonDocument.Parse(listed).RootElement;
        Assert.Equal([second, first], page.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("id").GetString()));
        Assert.DoesNotContain("Quastenflosser", listed, StringComparison.Ordinal);
        Assert.Equal((0, 1), ((await RunAsync("list", "--facility", "NORTH", "--control-id", "2")).Exit,
            (await RunAsync("list", "--facility", "NORTH", "--control-id", "2")).Said.Split('\n').Count(line => line.StartsWith("im-", StringComparison.Ordinal))));
        var beginning = (await RunAsync("list", "--limit", "1")).Said;
        var cursor = beginning.Split("--cursor ")[1].Trim();
        Assert.Contains(first, (await RunAsync("list", "--limit", "1", "--cursor", cursor)).Said, StringComparison.Ordinal);

        var (again, told) = await RunAsync("replay", first); // still malformed
        Assert.Equal(1, again);
        Assert.StartsWith($"{first} replayed, and back in quarantine: message.field_missing: The patient's number (PID-3) is missing.", told, StringComparison.Ordinal);
        Assert.Equal("quarantined", await StateAsync(first, "quarantined"));
        Assert.Equal(0, (await RunAsync("discard", second, "--reason", "sent corrected")).Exit);
        var shown = (await RunAsync("show", second)).Said;
        Assert.Contains("ItAdministrator: sent corrected", shown, StringComparison.Ordinal);
        Assert.Contains("discarded", shown, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("replay", "--all", "--code", "message.field_missing")).Exit);
        Assert.Equal((0, "No message in quarantine for patient.conflict."), await NothingAsync("--code", "patient.conflict"));
        Assert.Equal((0, ""), await NothingAsync("--code", "patient.conflict", "--json"));
    }

    [Fact]
    public async Task Replay_of_all_passes_over_rests_of_split_messages_unless_it_names_their_reason()
    {
        await PostAsync("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|s1|P|2.5\rPID|1||4711^^^NORTH\rOBX|1|NM|2345-7||182\rDSC|part-2\r");
        var last = await PostAsync("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|s2|P|2.5||part-2\rPID|1||4711^^^NORTH\rOBX|2|NM|2345-7||182\r");
        var (exit, said) = await NothingAsync();
        Assert.Equal((0, true), (exit, said.Contains("Left in quarantine: 2 rests of split messages.", StringComparison.Ordinal)));
        (exit, said) = await NothingAsync("--code", "message.continuation_invalid");
        Assert.Equal(1, exit);
        Assert.Contains("replayed, and back in quarantine: message.continuation_invalid", said, StringComparison.Ordinal); // it says itself that it goes on
        Assert.Matches($"{last} replayed, and (registered|still under way)", said); // on a slow machine
        Assert.Equal("registered", await StateAsync(last, "registered"));
    }

    [Fact]
    public async Task All_messages_of_one_reason_are_discarded_once_that_is_confirmed()
    {
        var kept = await PostAsync("nothing of HL7");
        for (var i = 0; i < 3; i++)
            await QuarantineAsync($"{i}");
        string[] discard = ["discard", "--all", "--code", "message.field_missing", "--reason", "a loop at the sender"];
        var (exit, said) = await RunAsync(discard);
        Assert.Equal(2, exit);
        Assert.StartsWith("3 messages are in quarantine for message.field_missing. Nothing is discarded without --yes", said, StringComparison.Ordinal);
        Assert.Equal(4, await QuarantinedAsync());
        (exit, said) = await RunAsync([.. discard, "--yes"]);
        Assert.Equal((0, true), (exit, said.Contains("3 messages discarded, 0 not.", StringComparison.Ordinal)));
        Assert.Equal(1, await QuarantinedAsync());
        Assert.Equal("quarantined", await StateAsync(kept, "quarantined"));
        Assert.Contains("0 messages discarded", (await RunAsync([.. discard, "--yes"])).Said, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("discard", "--all", "--reason", "a loop", "--yes")).Exit);
        Assert.Equal(2, (await RunAsync("discard", "--all", "--code", "message.header_missing", "--reason", "x", "--yes")).Exit);
        Assert.Equal(2, (await RunAsync("discard", kept, "--code", "message.header_missing", "--reason", "a loop")).Exit);
        Assert.Equal(2, (await RunAsync("discard", kept, "--reason", "a loop", "--yes")).Exit);
        Assert.Equal(1, await QuarantinedAsync());
    }

    [Fact]
    public async Task All_of_them_are_sent_through_in_the_order_in_which_they_came()
    {
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
            ids.Add(await QuarantineAsync($"{i}"));
        var (_, said) = await RunAsync("replay", "--all");
        Assert.Equal(ids, said.Split('\n').Where(line => line.StartsWith("im-", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Only_whoever_may_reads_contents_and_moves_messages()
    {
        var id = await QuarantineAsync("1");
        using var admin = north.Client(Role.ItAdministrator);
        using var registrar = north.Client(Role.Registrar);
        using var physician = north.Client(Role.Physician);
        foreach (var refused in new[] { engine, admin, physician })
            Assert.Equal(HttpStatusCode.Forbidden, (await refused.GetAsync($"/api/v1/messages/{id}/content")).StatusCode);
        Assert.Contains("Quastenflosser", await registrar.GetStringAsync($"/api/v1/messages/{id}/content"), StringComparison.Ordinal);
        Assert.Contains("\"contentRead\",\"actor\":\"Registrar\"", await admin.GetStringAsync($"/api/v1/messages/{id}"), StringComparison.Ordinal);
        foreach (var refused in new[] { engine, registrar, physician })
            Assert.Equal(HttpStatusCode.Forbidden, (await refused.PostAsync($"/api/v1/messages/{id}/replay", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await physician.GetAsync("/api/v1/messages")).StatusCode);
    }

    [Theory]
    [InlineData("?state=lost")]
    [InlineData("?limit=0")]
    [InlineData("?limit=501")]
    [InlineData("?cursor=x")]
    [InlineData("?cursor=!!!!!!!!!!!")]
    [InlineData("?cursor=__________8")]
    [InlineData("?controlId=1")]
    [InlineData("?facility=")]
    [InlineData("?facility=%5E")]
    [InlineData("?from=yesterday")]
    public async Task A_list_that_is_asked_for_wrongly_is_refused(string query)
    {
        using var answer = await engine.GetAsync("/api/v1/messages" + query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  x ")]
    [InlineData("a\u0007bell")]
    public async Task A_discard_without_a_good_reason_is_refused(string reason)
    {
        var id = await QuarantineAsync("1");
        using var admin = north.Client(Role.ItAdministrator);
        Assert.Equal("request.invalid", await admin.RefusedAsync($"/api/v1/messages/{id}/discard",
            new System.Text.Json.Nodes.JsonObject { ["reason"] = reason }, HttpStatusCode.BadRequest));
        Assert.Equal("quarantined", await StateAsync(id, "quarantined"));
    }

    [Fact]
    public async Task Wrong_usage_unknown_messages_and_a_missing_node_have_their_exit_status()
    {
        Assert.Equal(2, (await RunAsync("list", "--state", "lost")).Exit);
        Assert.Equal(2, (await RunAsync("replay")).Exit);
        Assert.Equal(2, (await RunAsync("replay", "im-1", "--all")).Exit);
        Assert.Equal(2, (await RunAsync("discard", "im-1")).Exit);
        Assert.Equal(1, (await RunAsync("show", "im-none")).Exit);
        Assert.Equal(1, (await RunAsync("replay", "im-none")).Exit);
        Assert.Equal(0, (await RunAsync("--help")).Exit);
        await north.DisposeAsync();
        Assert.Equal(1, (await RunAsync("list")).Exit);
    }

    private async Task<(int, string)> NothingAsync(params string[] options)
    {
        var (exit, said) = await RunAsync(["replay", "--all", .. options]);
        return (exit, said.Trim());
    }

    private async Task<int> QuarantinedAsync() => (await engine.GetOkAsync("/api/v1/messages?state=quarantined")).GetProperty("messages").GetArrayLength();

    private Task<string> QuarantineAsync(string controlId) => PostAsync(Bad.Replace("{0}", controlId, StringComparison.Ordinal));

    private async Task<string> PostAsync(string message)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(message));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/hl7-v2");
        using var answer = await engine.PostAsync("/api/v1/messages", content);
        return (await answer.JsonAsync()).GetProperty("messageId").GetString()!;
    }

    private async Task<string> StateAsync(string id, string wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var state = (await engine.GetOkAsync($"/api/v1/messages/{id}")).GetProperty("state").GetString()!;
            if (state == wanted)
                return state;
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task<(int Exit, string Said)> RunAsync(params string[] arguments)
    {
        var (config, token) = (Path.Combine(folder, "node.json"), Path.Combine(folder, "token"));
        if (!File.Exists(config))
            await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new { HealthShare = new { Http = new { Url = north.App.Urls.Single() } } }));
        await File.WriteAllTextAsync(token, NodeHost.TokenOf(Role.ItAdministrator) + "\n");
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] options = arguments.Contains("--help") ? [] : ["--config", config, "--token-file", token];
        var exit = await NodeCommandLine.RunAsync(["messages", .. arguments, .. options], output, error);
        return (exit, output.ToString() is { Length: > 0 } said ? said : error.ToString());
    }
}
