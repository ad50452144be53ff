using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HealthShare.Hl7.Mllp;
using HealthShare.Node.Auth;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Messages into a whole node, over HTTP and MLLP, and on to a channel in memory.</summary>
public sealed class MessageApiTests : IAsyncLifetime
{
    private const string Messages = "/api/v1/messages";
    private readonly MemoryChannel channel = new();
    private NodeHost north = null!;

    public async Task InitializeAsync()
    {
        north = await NodeHost.StartOnAsync(channel, settings: new Dictionary<string, string?>
        {
            ["HealthShare:Mllp:Port"] = "0",
            ["HealthShare:Intake:MaxMessageBytes"] = "4096",
        });
        await channel.InitAsync(("NorthMSP", north));
    }

    public async Task DisposeAsync() => await north.DisposeAsync();

    [Fact]
    public async Task A_message_is_accepted_and_becomes_a_record_and_again_it_is_only_known()
    {
        using var engine = north.Client(Role.System);
        var first = await PostAsync(engine, IntakeScene.Message("1"), HttpStatusCode.Accepted);
        Assert.False(first.GetProperty("duplicate").GetBoolean());
        var done = await RegisteredAsync(engine, first.GetProperty("id").GetString()!);
        Assert.StartsWith("rc-", done.GetProperty("recordId").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("pt-", done.GetProperty("patientId").GetString(), StringComparison.Ordinal);

        var again = await PostAsync(engine, IntakeScene.Message("1"), HttpStatusCode.OK);
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        Assert.Equal("registered", again.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/batch")]
    public async Task A_packed_body_is_refused_and_nothing_is_kept(string path)
    {
        using var engine = north.Client(Role.System);
        using var content = new ByteArrayContent([0x1F, 0x8B, 8, 0]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/hl7-v2");
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await engine.PostAsync(Messages + path, content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("Content-Encoding", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_is_too_long_is_to_be_brought_in_several()
    {
        using var engine = north.Client(Role.System);
        using var content = new ByteArrayContent([.. Enumerable.Range(0, 40).SelectMany(i => IntakeScene.Message($"{i}"))]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/hl7-v2");
        using var answer = await engine.PostAsync(Messages + "/batch", content);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("fewer messages", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_message_through_both_doors_is_one()
    {
        using var engine = north.Client(Role.System);
        await using var sender = await ConnectAsync();
        Assert.Equal("AA", (await sender.SendAsync(IntakeScene.Message("9"))).Code);
        var again = await PostAsync(engine, IntakeScene.Message("9"), HttpStatusCode.OK);
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        await RegisteredAsync(engine, again.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task A_message_in_quarantine_shows_no_record()
    {
        using var engine = north.Client(Role.System);
        foreach (var number in (string[])["4711", "4712"])
            await RegisteredAsync(engine, (await PostAsync(engine, IntakeScene.Message("q", number), HttpStatusCode.Accepted)).GetProperty("id").GetString()!);
        var both = await PostAsync(engine, IntakeScene.Message("q", "4712^^^NORTH^MR~4711"), HttpStatusCode.Accepted); // patient.conflict
        var status = await StateAsync(engine, both.GetProperty("id").GetString()!, "quarantined");
        Assert.False(status.TryGetProperty("recordId", out _));
    }

    [Theory]
    [InlineData("MSH|^~\\&|A|B|||2026||ORU^R01|1|P|2.5\rPIDX|1||7", HttpStatusCode.BadRequest, "message.segment_invalid", 40)]
    [InlineData("nothing of HL7", HttpStatusCode.BadRequest, "message.header_missing", 0)]
    [InlineData("", HttpStatusCode.BadRequest, "message.header_missing", 0)]
    [InlineData("MSH|^~\\&|A|B|||2026||ORU^R01|1|P|2.5\rOBX|1", HttpStatusCode.UnprocessableEntity, "message.segment_missing", 42)]
    public async Task What_is_wrong_is_refused_with_code_and_place_and_kept(string text, HttpStatusCode status, string code, int offset)
    {
        using var engine = north.Client(Role.System);
        var problem = await PostAsync(engine, Encoding.UTF8.GetBytes(text), status);
        Assert.Equal((code, offset), (problem.GetProperty("code").GetString(), problem.GetProperty("offset").GetInt32()));
        Assert.Contains($"byte {offset}", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var kept = await engine.GetOkAsync($"{Messages}/{problem.GetProperty("messageId").GetString()}");
        Assert.Equal(("quarantined", code), (kept.GetProperty("state").GetString(), kept.GetProperty("reasonCode").GetString()));
    }

    [Fact]
    public async Task A_batch_is_taken_whole_and_each_of_its_messages_is_answered()
    {
        using var engine = north.Client(Role.System);
        var one = Encoding.UTF8.GetString(IntakeScene.Message("1"));
        var batch = $"FHS|^~\\&\rBHS|^~\\&\r{one}{Encoding.UTF8.GetString(IntakeScene.Message("2"))}MSH|^~\\&|A|B|||2026||ORU^R01|3|P|2.5\rOBX|1\rBTS|3\rFTS|1\r";
        var answer = await PostAsync(engine, Encoding.UTF8.GetBytes(batch), HttpStatusCode.OK, "/batch");
        Assert.Equal((3, 2, 0, 1), (answer.GetProperty("messages").GetInt32(), answer.GetProperty("accepted").GetInt32(),
            answer.GetProperty("duplicates").GetInt32(), answer.GetProperty("refused").GetInt32()));
        Assert.Equal("message.segment_missing", answer.GetProperty("items")[2].GetProperty("code").GetString());
        // Alone, with the end of its line, it is the same message.
        Assert.True((await PostAsync(engine, IntakeScene.Message("1"), HttpStatusCode.OK)).GetProperty("duplicate").GetBoolean());
        Assert.Equal(2, (await PostAsync(engine, Encoding.UTF8.GetBytes(batch), HttpStatusCode.OK, "/batch")).GetProperty("duplicates").GetInt32());
        await RegisteredAsync(engine, answer.GetProperty("items")[1].GetProperty("id").GetString()!);

        var cut = await PostAsync(engine, Encoding.UTF8.GetBytes($"BHS|^~\\&\r{Encoding.UTF8.GetString(IntakeScene.Message("9"))}BTS|2\r"), HttpStatusCode.BadRequest, "/batch");
        Assert.Equal("message.count_mismatch", cut.GetProperty("code").GetString());
        Assert.Equal(3, (await engine.GetOkAsync(Messages)).GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task A_message_above_the_limit_is_refused_at_both_doors()
    {
        var message = IntakeScene.Message("1", value: new string('x', 5000));
        using var engine = north.Client(Role.System);
        var refused = await PostAsync(engine, message, HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal("request.too_large", refused.GetProperty("code").GetString());
        Assert.Contains("4096 bytes", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("HealthShare:Intake:MaxMessageBytes", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await using var sender = await ConnectAsync();
        var answer = await sender.SendAsync(message);
        Assert.Equal(("AE", "102"), (answer.Code, answer.Message.Get("ERR-3.1").Text)); // not as what may go well later
        foreach (var words in (string[])["4096 bytes", "messages of their own", "HealthShare:Intake:MaxMessageBytes"])
            Assert.Contains(words, answer.Message.Get("ERR-8").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_as_many_bodies_come_in_as_may_others_are_told_to_come_later_and_nothing_of_theirs_is_kept()
    {
        using var engine = north.Client(Role.System);
        var bodies = north.App.Services.GetRequiredService<MessageBodies>();
        var pipes = Enumerable.Range(0, MessageBodies.MostAtOnce).Select(_ => new Pipe()).ToList();
        var open = pipes.Select(pipe => bodies.ReadAsync(MessageBodiesTests.Request(pipe), default)).ToList();
        foreach (var path in (string[])["", "/batch"])
        {
            using var content = new ByteArrayContent(IntakeScene.Message("1"));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/hl7-v2");
            using var answer = await engine.PostAsync(Messages + path, content);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (answer.StatusCode, answer.Headers.RetryAfter is not null));
            Assert.Equal("intake.overloaded", (await answer.JsonAsync()).GetProperty("code").GetString());
        }
        foreach (var (pipe, one) in pipes.Zip(open))
        {
            await pipe.Writer.CompleteAsync();
            (await one).Dispose();
        }
        Assert.False((await PostAsync(engine, IntakeScene.Message("1"), HttpStatusCode.Accepted)).GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task Strangers_get_401_other_roles_403_and_unknown_messages_404()
    {
        using var stranger = north.Client();
        await PostAsync(stranger, IntakeScene.Message("1"), HttpStatusCode.Unauthorized);
        using var physician = north.Client(Role.Physician);
        await PostAsync(physician, IntakeScene.Message("1"), HttpStatusCode.Forbidden);
        using var engine = north.Client(Role.System);
        using var answer = await engine.GetAsync($"{Messages}/im-none");
        Assert.Equal((HttpStatusCode.NotFound, "access.not_available"),
            (answer.StatusCode, (await answer.JsonAsync()).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task With_the_ledger_away_messages_are_acknowledged_and_become_records_when_it_is_back()
    {
        using var engine = north.Client(Role.System);
        await using var sender = await ConnectAsync();
        channel.IsAway = true;
        Assert.Equal("AA", (await sender.SendAsync(IntakeScene.Message("1"))).Code);
        var entry = await PostAsync(engine, IntakeScene.Message("2"), HttpStatusCode.Accepted);
        channel.IsAway = false;
        await RegisteredAsync(engine, entry.GetProperty("id").GetString()!);
        var first = await PostAsync(engine, IntakeScene.Message("1"), HttpStatusCode.OK);
        await RegisteredAsync(engine, first.GetProperty("id").GetString()!);
    }

    private Task<MllpClient> ConnectAsync() =>
        MllpClient.ConnectAsync("127.0.0.1", north.App.Services.GetRequiredService<MllpListener>().Endpoint!.Port);

    private static async Task<JsonElement> PostAsync(HttpClient client, byte[] message, HttpStatusCode expected, string path = "")
    {
        using var content = new ByteArrayContent(message);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/hl7-v2");
        using var answer = await client.PostAsync(Messages + path, content);
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.JsonAsync();
    }

    private static Task<JsonElement> RegisteredAsync(HttpClient client, string id) => StateAsync(client, id, "registered");

    private static async Task<JsonElement> StateAsync(HttpClient client, string id, string wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var status = await client.GetOkAsync($"{Messages}/{id}");
            if (status.GetProperty("state").GetString() == wanted)
                return status;
            await Task.Delay(20, patience.Token);
        }
    }
}
