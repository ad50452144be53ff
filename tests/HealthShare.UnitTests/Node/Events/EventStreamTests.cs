using System.Net;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Events;

/// <summary>Who hears what of the stream, from where, and until when.</summary>
public sealed class EventStreamTests
{
    private static readonly Dictionary<string, string?> Quick = new() { ["HealthShare:Events:Heartbeat"] = "00:00:01", ["HealthShare:Events:StreamsPerCaller"] = "2" };

    [Fact]
    public async Task A_patient_hears_of_grant_and_revocation_and_a_stream_that_comes_back_misses_nothing_and_repeats_nothing()
    {
        await using var scene = await StartAsync();
        await scene.RestartAsync(North);
        using var patient = scene.Client(North, Role.Patient);
        string lastId, granted;
        await using (var stream = await EventStreamReader.OpenAsync(patient))
        {
            Assert.Equal("text/event-stream", stream.Answer.Content.Headers.ContentType!.MediaType);
            Assert.True(stream.Answer.Headers.CacheControl!.NoStore);
            var topics = (await stream.NextAsync("ready")).GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!);
            Assert.Equal(["notification", "decision", "revocation", "accessLog"], topics);
            granted = await scene.GrantAsync();
            var told = await stream.NextAsync("notification", "consentAccepted");
            Assert.Equal((granted, scene.PatientId), (told.GetProperty("subject").GetString(), told.GetProperty("patientId").GetString()));
            lastId = stream.LastId!;
        }
        using var registrar = scene.Client(North, Role.Registrar);
        await registrar.PostAsync($"/api/v1/patients/{scene.PatientId}/consents/{granted}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeBody(granted))), HttpStatusCode.OK);
        await scene.CaughtUpAsync();

        await using var again = await EventStreamReader.OpenAsync(patient, lastId);
        var first = await again.NextAsync();
        Assert.Equal("ready", first!.Value.Type);
        var heard = new List<(string Type, string? Kind)>();
        while (!(heard.Contains(("notification", "consentRevoked")) && heard.Contains(("revocation", "done"))))
        {
            var (type, data) = (await again.NextAsync())!.Value;
            heard.Add((type, data.TryGetProperty("kind", out var kind) ? kind.GetString() : null));
        }
        Assert.DoesNotContain(("notification", "consentAccepted"), heard);
    }

    [Fact]
    public async Task Nobody_hears_of_another_patient_and_staff_hear_what_their_role_may_read()
    {
        await using var node = await NodeHost.StartAsync(Quick);
        var log = node.App.Services.GetRequiredService<IncidentLog>();
        var database = node.App.Services.GetRequiredService<IDatabase>();
        const string Other = "pt-bbbbbbbbbbbbbbbbbbbbbbbbbb";
        using var patient = node.Client(Role.Patient);
        using var officer = node.Client(Role.PrivacyOfficer);
        using var administrator = node.Client(Role.ItAdministrator);
        using var physician = node.Client(Role.Physician);
        await using var own = await EventStreamReader.OpenAsync(patient);
        await using var watched = await EventStreamReader.OpenAsync(officer);
        await using var run = await EventStreamReader.OpenAsync(administrator);
        await using var treated = await EventStreamReader.OpenAsync(physician);
        foreach (var stream in (EventStreamReader[])[own, watched, run, treated])
            await stream.NextAsync("ready");

        await log.NoteAsync(new Incident(DateTimeOffset.UtcNow, "access.decision_not_confirmed", Other, "ac-1/rc-1", "deny.default"), default);
        await database.WriteAsync(transaction => EventTable.AddAsync(transaction,
        [
            new NodeEvent(EventTopic.Notification, "emergency", DateTimeOffset.UtcNow) { PatientId = Other, Subject = "ac-1" },
            new NodeEvent(EventTopic.AccessRequest, "decided", DateTimeOffset.UtcNow) { StaffId = "staff-1", Subject = "ac-2" },
            new NodeEvent(EventTopic.AccessRequest, "decided", DateTimeOffset.UtcNow) { StaffId = "staff-0", Subject = "ac-3" },
            new NodeEvent(EventTopic.Intake, "quarantined", DateTimeOffset.UtcNow) { Subject = "message-1", Code = "hl7.malformed" },
            new NodeEvent(EventTopic.Notification, "consentAccepted", DateTimeOffset.UtcNow) { PatientId = NodeHost.PatientId, Subject = "st-1" },
        ], default), default);

        await node.App.Services.GetRequiredService<EventFeed>().LookAsync(default);
        var seen = DateTimeOffset.UtcNow;
        Assert.Equal(["notification consentAccepted"], await HeardAsync(own));
        Assert.Equal(["incident incidentNoted", "notification emergency", "intake quarantined", "notification consentAccepted"], await HeardAsync(watched));
        Assert.Equal(["intake quarantined"], await HeardAsync(run));
        Assert.Equal(["accessRequest decided"], await HeardAsync(treated)); // the physician's own staff id is staff-0

        async Task<List<string>> HeardAsync(EventStreamReader stream)
        {
            var heard = new List<string>();
            // The turn that ends with the second heartbeat after the look has seen what the look saw.
            for (var late = 0; late < 2;)
            {
                var (type, data) = (await stream.NextAsync())!.Value;
                if (type != "heartbeat")
                    heard.Add($"{type} {data.GetProperty("kind").GetString()}");
                else if (data.GetProperty("at").GetDateTimeOffset() > seen)
                    late++;
            }
            return heard;
        }
    }

    [Fact]
    public async Task A_session_that_is_ended_elsewhere_ends_the_stream_before_anything_more_is_said()
    {
        await using var scene = await SignInScene.StartAsync(("HealthShare:Events:Heartbeat", "00:00:01"));
        var (browser, passkey) = await scene.SignedInAsync("privacyOfficer");
        var elsewhere = scene.Browser();
        await elsewhere.SignInAsync(passkey);
        using var client = scene.Node.Client();
        client.DefaultRequestHeaders.Add("Cookie", $"__Host-healthshare={browser.Cookies["__Host-healthshare"]}");
        await using var stream = await EventStreamReader.OpenAsync(client);
        await stream.NextAsync("ready");
        var sessions = await elsewhere.GetOkAsync("sessions");
        var ended = sessions.GetProperty("items").EnumerateArray().Single(one => !one.GetProperty("current").GetBoolean()).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, await elsewhere.DeleteAsync($"sessions/{ended}"));
        await scene.Node.App.Services.GetRequiredService<IncidentLog>().NoteAsync(
            new Incident(DateTimeOffset.UtcNow, "access.decision_not_confirmed", null, "ac-1", "x"), default);
        var rest = await stream.UntilAsync("end");
        Assert.DoesNotContain(rest, item => item.Type == "incident");
        Assert.Equal("session", rest[^1].Data.GetProperty("reason").GetString());
        Assert.Null(await stream.NextAsync());
        using var refused = await EventStreamReader.SendAsync(client, stream.LastId);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task An_open_stream_is_no_use_of_a_session_that_nobody_uses()
    {
        await using var scene = await SignInScene.StartAsync(("HealthShare:Events:Heartbeat", "00:00:01"));
        var (browser, _) = await scene.SignedInAsync("auditor");
        using var client = scene.Node.Client();
        client.DefaultRequestHeaders.Add("Cookie", $"__Host-healthshare={browser.Cookies["__Host-healthshare"]}");
        await using var stream = await EventStreamReader.OpenAsync(client);
        await stream.NextAsync("heartbeat");
        scene.Clock.Forward(TimeSpan.FromMinutes(31));
        Assert.Equal("session", (await stream.NextAsync("end")).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Streams_of_one_caller_are_bounded_and_a_closed_one_makes_room()
    {
        await using var node = await NodeHost.StartAsync(Quick);
        using var auditor = node.Client(Role.Auditor);
        await using var first = await EventStreamReader.OpenAsync(auditor);
        var second = await EventStreamReader.OpenAsync(auditor);
        using (var third = await EventStreamReader.SendAsync(auditor))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
            var problem = await third.JsonAsync();
            Assert.Equal("events.too_many_streams", problem.GetProperty("code").GetString());
            Assert.Equal(third.Headers.GetValues("X-Request-Id").Single(), problem.GetProperty("requestId").GetString());
            Assert.True(third.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
        using (var officer = node.Client(Role.PrivacyOfficer))
            await (await EventStreamReader.OpenAsync(officer)).DisposeAsync();
        await second.DisposeAsync();
        for (var attempt = 0; ; attempt++)
        {
            using var next = await EventStreamReader.SendAsync(auditor);
            if (next.StatusCode == HttpStatusCode.OK)
                break;
            Assert.True(attempt < 600, "The place of a closed stream stays taken.");
            await Task.Delay(100);
        }
    }

    [Fact]
    public async Task An_id_that_was_altered_made_up_or_given_to_somebody_else_is_refused()
    {
        await using var node = await NodeHost.StartAsync(Quick);
        using var auditor = node.Client(Role.Auditor);
        using var officer = node.Client(Role.PrivacyOfficer);
        string id;
        await using (var stream = await EventStreamReader.OpenAsync(auditor))
        {
            await stream.NextAsync("ready");
            id = stream.LastId!;
        }
        await (await EventStreamReader.OpenAsync(auditor, id)).DisposeAsync();
        var altered = (id[0] == 'A' ? 'B' : 'A') + id[1..];
        foreach (var (client, wrong) in ((HttpClient, string)[])[(officer, id), (auditor, altered), (auditor, "1"), (auditor, "0x"), (auditor, new string('A', 20_000))])
        {
            using var answer = await EventStreamReader.SendAsync(client, wrong);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("request.invalid", (await answer.JsonAsync()).GetProperty("code").GetString());
        }
        using var delegated = node.Client(Role.Delegate);
        using var forbidden = await EventStreamReader.SendAsync(delegated);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
    }

    [Fact]
    public async Task Who_comes_back_after_events_are_gone_is_told_to_read_anew()
    {
        await using var node = await NodeHost.StartAsync(Quick);
        using var auditor = node.Client(Role.Auditor);
        string id;
        await using (var stream = await EventStreamReader.OpenAsync(auditor))
        {
            await stream.NextAsync("ready");
            id = stream.LastId!;
        }
        var log = node.App.Services.GetRequiredService<IncidentLog>();
        await log.NoteAsync(new Incident(DateTimeOffset.UnixEpoch, "access.decision_not_confirmed", null, "ac-1", "x"), default);
        Assert.Equal(1, await node.App.Services.GetRequiredService<EventTable>().PruneAsync(DateTimeOffset.UtcNow.AddDays(-1), default));
        await using var again = await EventStreamReader.OpenAsync(auditor, id);
        Assert.Equal("reset", (await again.NextAsync())!.Value.Type);
    }

    [Fact]
    public async Task Progress_of_long_work_comes_by_the_stream_to_those_who_may_see_it()
    {
        await using var node = await NodeHost.StartAsync(Quick);
        using var administrator = node.Client(Role.ItAdministrator);
        using var physician = node.Client(Role.Physician);
        await using var stream = await EventStreamReader.OpenAsync(administrator);
        await using var other = await EventStreamReader.OpenAsync(physician);
        await stream.NextAsync("ready");
        await other.NextAsync("ready");
        using var checkedOnce = await administrator.PostAsync("/api/v1/content/check", System.Net.Http.Json.JsonContent.Create(new System.Text.Json.Nodes.JsonObject()));
        await checkedOnce.Content.ReadAsStringAsync();
        System.Text.Json.JsonElement progress;
        do
            progress = await stream.NextAsync("progress");
        while (progress.GetProperty("state").GetString() != "done");
        Assert.Equal("contentCheck", progress.GetProperty("job").GetString());
        var done = DateTimeOffset.UtcNow; // the other hears nothing but heartbeats until after that
        for (var late = 0; late < 2;)
        {
            var (type, data) = (await other.NextAsync())!.Value;
            Assert.Equal("heartbeat", type);
            late += data.GetProperty("at").GetDateTimeOffset() > done ? 1 : 0;
        }
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams_at_once()
    {
        var node = await NodeHost.StartAsync(Quick);
        using var auditor = node.Client(Role.Auditor);
        await using var stream = await EventStreamReader.OpenAsync(auditor);
        await stream.NextAsync("ready");
        var stopping = node.DisposeAsync().AsTask();
        Assert.Equal("stopping", (await stream.NextAsync("end")).GetProperty("reason").GetString());
        await stopping;
    }
}
