using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Node.Webhooks;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>What the hospital's systems are told, when it is told again, and when no more.</summary>
public sealed class WebhookTests
{
    private const string Api = "/api/v1/webhooks";
    private readonly MovedClock clock = new();

    [Fact]
    public async Task An_event_is_delivered_signed_and_holds_ids_and_kinds_alone()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (_, secret) = await MakeAsync(client, receiver.Url, "notification", "incident");
        await TellAsync(node, new NodeEvent(EventTopic.Notification, "emergency", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1", Members = ["SouthMSP"], Code = "unconscious" });
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        await NoteAsync(node, "one");

        var taken = await receiver.TakenAsync(2);
        Assert.Equal(["notification.emergency", "incident.incidentNoted"], taken.Select(one => WebhookReceiver.TypeOf(one.Body)));
        Assert.All(taken, one => Assert.True(WebhookReceiver.IsSigned(one, secret)));
        Assert.False(WebhookReceiver.IsSigned(taken[0] with { Body = taken[0].Body + " " }, secret));
        Assert.Equal(2, taken.Select(one => one.Headers["webhook-id"].ToString()).Distinct().Count());
        Assert.InRange(long.Parse(taken[0].Headers["webhook-timestamp"]!, CultureInfo.InvariantCulture), clock.GetUtcNow().ToUnixTimeSeconds() - 60, clock.GetUtcNow().ToUnixTimeSeconds());
        using var json = JsonDocument.Parse(taken[0].Body);
        Assert.Equal(["members", "patientId", "subject"], json.RootElement.GetProperty("data").EnumerateObject().Select(member => member.Name).Order());
        Assert.DoesNotContain("unconscious", taken[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_under_the_same_id_and_a_redirect_is_not_followed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var statuses = new Queue<int>([500, 302]);
        receiver.Answers = () => statuses.TryDequeue(out var status) ? status : 200;
        var (id, _) = await MakeAsync(client, receiver.Url, "incident");
        await NoteAsync(node, "one");
        await receiver.TakenAsync(1);
        await OutcomeAsync(client, id, "500");
        clock.Forward(TimeSpan.FromMinutes(1));
        await receiver.TakenAsync(2);
        await OutcomeAsync(client, id, "302");
        clock.Forward(TimeSpan.FromMinutes(5));
        var taken = await receiver.TakenAsync(3);
        Assert.Single(taken.Select(one => one.Headers["webhook-id"].ToString()).Distinct());
        Assert.All(taken, one => Assert.Equal("/hook", one.Path));
        await UntilAsync(client, id, one => one.GetProperty("state").GetString() == "delivered");
        Assert.False((await client.GetOkAsync($"{Api}/{id}")).TryGetProperty("failingSince", out _));
    }

    [Fact]
    public async Task A_webhook_that_takes_nothing_for_long_is_switched_off_with_an_incident_and_goes_on_when_it_is_switched_on()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        using var officer = node.Client(Role.PrivacyOfficer);
        receiver.Answers = () => 503;
        var (id, _) = await MakeAsync(client, receiver.Url, "incident");
        await NoteAsync(node, "one");
        await receiver.TakenAsync(1);
        await UntilAsync(client, id, one => one.GetProperty("attempts").GetInt64() > 0);
        clock.Forward(TimeSpan.FromDays(5.5));
        await receiver.TakenAsync(2);
        JsonElement webhook;
        for (var attempt = 0; !(webhook = await client.GetOkAsync($"{Api}/{id}")).TryGetProperty("disabledAt", out _); attempt++)
        {
            Assert.True(attempt < 1200);
            await Task.Delay(50);
        }
        Assert.Equal("failing", webhook.GetProperty("disabledCode").GetString());
        Assert.Contains((await officer.GetOkAsync("/api/v1/incidents")).EnumerateArray(), one => one.GetProperty("code").GetString() == "webhook.disabled");
        var before = receiver.Taken.Count;
        await NoteAsync(node, "two");
        receiver.Answers = () => 200;
        Assert.False(await node.App.Services.GetRequiredService<WebhookWorker>().RunOnceAsync(default));
        Assert.Equal(before, receiver.Taken.Count);
        using (var enabled = await client.PostAsync($"{Api}/{id}/enable", null))
            Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
        // What happened in between is not lost: the incident of its own end, and the one after.
        await receiver.TakenAsync(before + 2);
    }

    [Fact]
    public async Task Deliveries_can_be_tested_listed_by_pages_and_replayed_and_a_deleted_webhook_is_told_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, secret) = await MakeAsync(client, receiver.Url, "incident");
        for (var number = 0; number < 4; number++)
            await NoteAsync(node, $"{number}");
        using (var tested = await client.PostAsync($"{Api}/{id}/test", null))
            Assert.Equal(HttpStatusCode.Accepted, tested.StatusCode);
        var taken = await receiver.TakenAsync(5);
        Assert.Contains("test", taken.Select(one => WebhookReceiver.TypeOf(one.Body)));
        Assert.All(taken, one => Assert.True(WebhookReceiver.IsSigned(one, secret)));

        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = await client.GetOkAsync($"{Api}/{id}/deliveries?limit=2{cursor}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor.Length > 0);
        Assert.Equal(taken.Select(one => one.Headers["webhook-id"].ToString()).Order(), ids.Order());
        await DeliveredAsync(client, id); // the receiver knows of a delivery before the node has noted it

        using (var again = await client.PostAsync($"{Api}/{id}/deliveries/{ids[0]}/replay", null))
            Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(ids[0], (await receiver.TakenAsync(6))[^1].Headers["webhook-id"]);
        await DeliveredAsync(client, id);
        var all = await client.PostAsync($"{Api}/{id}/replay", new JsonObject { ["since"] = "2000-01-01T00:00:00Z" }, HttpStatusCode.Accepted);
        Assert.Equal(5, all.GetProperty("deliveries").GetInt64());
        await receiver.TakenAsync(11);

        using (var deleted = await client.DeleteAsync($"{Api}/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await NoteAsync(node, "after");
        await node.App.Services.GetRequiredService<WebhookWorker>().RunOnceAsync(default);
        Assert.Equal(11, receiver.Taken.Count);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/test"), (HttpMethod.Post, "/enable"),
            (HttpMethod.Get, "/deliveries"), (HttpMethod.Post, $"/deliveries/{ids[0]}/replay")])
        {
            using var gone = await client.SendAsync(new HttpRequestMessage(method, $"{Api}/{id}{path}"));
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }
    }

    [Fact]
    public async Task The_secret_is_shown_once_and_lies_wrapped()
    {
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, secret) = await MakeAsync(client, "https://system.north.example/hook", "incident");
        Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length);
        foreach (var path in (string[])["", $"/{id}", $"/{id}/deliveries"])
            Assert.DoesNotContain(secret[10..], (await client.GetOkAsync(Api + path)).GetRawText(), StringComparison.Ordinal);
        await using var connection = await node.App.Services.GetRequiredService<IDatabase>().OpenAsync(default);
        var wrapped = await Dapper.SqlMapper.ExecuteScalarAsync<byte[]>(connection, "SELECT wrapped FROM secret WHERE purpose = 'webhook'");
        Assert.Equal(-1, wrapped!.AsSpan().IndexOf(Convert.FromBase64String(secret["whsec_".Length..])));
    }

    [Fact]
    public async Task Another_secret_signs_what_comes_and_loses_nothing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (id, first) = await MakeAsync(client, receiver.Url, "decision");
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1" });
        Assert.True(WebhookReceiver.IsSigned((await receiver.TakenAsync(1))[0], first));
        var renewed = await client.PostAsync($"{Api}/{id}/secret", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal(id, renewed.GetProperty("webhook").GetProperty("id").GetString());
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        var taken = (await receiver.TakenAsync(2))[1];
        Assert.False(WebhookReceiver.IsSigned(taken, first));
        Assert.True(WebhookReceiver.IsSigned(taken, renewed.GetProperty("secret").GetString()!));
        Assert.Contains((await client.GetOkAsync("/api/v1/incidents")).EnumerateArray(), one => one.GetProperty("code").GetString() == "webhook.secret_renewed");
        using var administrator = node.Client(Role.ItAdministrator); // may not read what it tells of, so may not speak in its name
        Assert.Equal("webhook.topic_forbidden", await administrator.RefusedAsync($"{Api}/{id}/secret", new JsonObject(), HttpStatusCode.Forbidden));
        using var none = await client.PostAsync($"{Api}/wh-none/secret", null);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Nobody_hears_by_a_webhook_what_the_role_may_not_read_and_who_made_and_deleted_one_stays_known()
    {
        await using var node = await StartAsync();
        using var administrator = node.Client(Role.ItAdministrator);
        using var officer = node.Client(Role.PrivacyOfficer);
        foreach (var topic in (string[])["notification", "decision", "revocation", "incident"])
            Assert.Equal("webhook.topic_forbidden", await administrator.RefusedAsync(Api, Wanted("https://system.north.example/hook", "intake", topic), HttpStatusCode.Forbidden));
        var (id, _) = await MakeAsync(administrator, "https://system.north.example/hook", "intake");
        using (var deleted = await administrator.DeleteAsync($"{Api}/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        var noted = (await officer.GetOkAsync("/api/v1/incidents")).EnumerateArray().Where(one => one.GetProperty("subject").GetString() == id).ToList();
        Assert.Equal(["webhook.created", "webhook.deleted"], noted.Select(one => one.GetProperty("code").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains("https://system.north.example/hook", noted.Single(one => one.GetProperty("code").GetString() == "webhook.created").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_does_not_open_stops_its_own_webhook_alone()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (broken, _) = await MakeAsync(client, receiver.Url, "decision");
        var (_, secret) = await MakeAsync(client, receiver.Url, "decision");
        await node.App.Services.GetRequiredService<IDatabase>().WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!,
            "UPDATE secret SET wrapped = @wrapped WHERE purpose = 'webhook' AND id = @broken", new { broken, wrapped = new byte[60] }, transaction), default);
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        Assert.True(WebhookReceiver.IsSigned(Assert.Single(await receiver.TakenAsync(1)), secret));
        await OutcomeAsync(client, broken, "secretUnreadable");
        Assert.Single(receiver.Taken);
    }

    [Theory]
    [InlineData("http://system.north.example/hook")]
    [InlineData("ftp://system.north.example/hook")]
    [InlineData("https://user:password@system.north.example/hook")]
    [InlineData("https://system.north.example/hook#part")]
    [InlineData("https://10.0.0.1/hook")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://[fe80::1]/hook")]
    [InlineData("https://[::ffff:10.0.0.1]/hook")]
    [InlineData("https://2130706433/hook")]
    [InlineData("https://0x7f.1/hook")]
    [InlineData("hook")]
    [InlineData("")]
    public async Task An_address_that_leads_into_the_house_or_is_not_https_is_refused(string url)
    {
        await using var node = await NodeHost.StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        Assert.Equal("request.invalid", await client.RefusedAsync(Api, Wanted(url, "incident"), HttpStatusCode.BadRequest));
        Assert.Empty((await client.GetOkAsync(Api)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_name_that_leads_into_the_house_is_not_connected_to_whatever_it_led_to_before()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await NodeHost.StartAsync();
        var sender = node.App.Services.GetRequiredService<WebhookSender>();
        var table = node.App.Services.GetRequiredService<WebhookTable>();
        var made = await table.AddAsync(new NewWebhook("https://system.north.example/hook", ["incident"]), "test", 20, default);
        var port = new Uri(receiver.Url).Port;
        foreach (var address in (string[])["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "fd00::1", "64:ff9b::7f00:1"])
        {
            sender.LookUp = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]);
            Assert.Equal("addressRefused", (await sender.SendAsync(made!.Webhook.Id, $"https://system.north.example:{port}/hook", "msg_1", "{}", default)).Outcome);
            Assert.Equal("addressRefused", (await sender.SendAsync(made.Webhook.Id, $"http://localhost:{port}/hook", "msg_1", "{}", default)).Outcome);
        }
        Assert.Empty(receiver.Taken);
    }

    [Fact]
    public async Task Wrong_webhooks_are_refused_and_their_number_is_bounded()
    {
        await using var node = await NodeHost.StartAsync(new Dictionary<string, string?> { ["HealthShare:Webhooks:Most"] = "1" });
        using var client = node.Client(Role.PrivacyOfficer);
        const string Url = "https://system.north.example/hook";
        foreach (var wrong in (JsonObject[])[Wanted(Url), Wanted(Url, "accessRequest"), Wanted(Url, "everything"), Wanted(Url, "Incident"),
            new JsonObject { ["url"] = Url, ["topics"] = new JsonArray("incident"), ["description"] = new string('x', 201) },
            new JsonObject { ["url"] = Url, ["topics"] = new JsonArray("incident"), ["secret"] = "mine" }, new JsonObject { ["url"] = Url }])
            Assert.Equal("request.invalid", await client.RefusedAsync(Api, wrong, HttpStatusCode.BadRequest));
        await MakeAsync(client, Url, "incident");
        Assert.Equal("webhook.too_many", await client.RefusedAsync(Api, Wanted(Url, "incident"), HttpStatusCode.Conflict));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_was_to_be_sent_is_sent_after_a_restart_once_for_each_event(DatabaseProvider provider)
    {
        await using var keyed = await KeyedNode.StartAsync(provider);
        var clock = new ManualClock();
        WebhookTable Webhooks() => new(keyed.Database, keyed.Keys, new IncidentLog(keyed.Database, NullLogger<IncidentLog>.Instance), clock);
        var made = (await Webhooks().AddAsync(new NewWebhook("https://system.north.example/hook", ["incident"]), "test", 20, default))!.Webhook;
        await keyed.Database.WriteAsync(transaction => EventTable.AddAsync(transaction,
            [.. Enumerable.Range(0, 3).Select(number => new NodeEvent(EventTopic.Incident, "incidentNoted", clock.GetUtcNow()) { Subject = $"{number}" })], default), default);
        var before = (await Webhooks().FindAsync(made.Id, default))!;
        var last = before.Position + 3;
        Assert.False(await Webhooks().ExpandAsync(before, last, default));
        Assert.False(await Webhooks().ExpandAsync(before, last, default)); // somebody else was first
        await keyed.RestartAsync();
        var deliveries = new DeliveryTable(keyed.Database, clock);
        var due = await deliveries.DueAsync(made.Id, 20, default);
        Assert.Equal(3, due.Count);
        Assert.Equal(last, (await Webhooks().FindAsync(made.Id, default))!.Position);
        await keyed.Database.WriteAsync(async transaction =>
        {
            await DeliveryTable.TriedAsync(transaction, due[0], new WebhookOutcome("500"), clock.GetUtcNow(), TimeSpan.FromDays(3), default);
            await WebhookTable.NotTakenAsync(transaction, made.Id, clock.GetUtcNow(), null, default);
            await DeliveryTable.TriedAsync(transaction, due[1], new WebhookOutcome("200", true), clock.GetUtcNow(), TimeSpan.FromDays(3), default);
            await WebhookTable.TakenAsync(transaction, made.Id, default);
        }, default);
        await keyed.RestartAsync();
        deliveries = new DeliveryTable(keyed.Database, clock);
        Assert.Equal([due[2].Id], (await deliveries.DueAsync(made.Id, 20, default)).Select(one => one.Id));
        clock.Now += TimeSpan.FromSeconds(6);
        Assert.Equal([due[0].Id, due[2].Id], (await deliveries.DueAsync(made.Id, 20, default)).Select(one => one.Id));
        var (items, next) = await deliveries.ListAsync(made.Id, long.MaxValue, 2, default);
        Assert.Equal(["waiting", "delivered"], items.Select(one => one.State));
        Assert.Single((await deliveries.ListAsync(made.Id, next!.Value, 2, default)).Items);
        Assert.True(await Webhooks().DeleteAsync(made.Id, "test", default));
        Assert.False(await Webhooks().DeleteAsync(made.Id, "test", default));
        Assert.False(await Webhooks().ExpandAsync(before, last, default));
        Assert.Null(await Webhooks().AddTestAsync(made.Id, new WebhookBody("test", clock.GetUtcNow(), new WebhookData(null, made.Id, null, null)), clock.GetUtcNow(), default));
        Assert.Empty(await deliveries.DueAsync(made.Id, 20, default));
        Assert.Empty(await Webhooks().ListAsync(default));
    }

    [Fact]
    public async Task A_replay_while_a_try_is_on_its_way_is_sent_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Before = () => held.Task;
        var (id, _) = await MakeAsync(client, receiver.Url, "decision");
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1" });
        await receiver.TakenAsync(1);
        var delivery = (await client.GetOkAsync($"{Api}/{id}/deliveries")).GetProperty("items")[0].GetProperty("id").GetString();
        using (var again = await client.PostAsync($"{Api}/{id}/deliveries/{delivery}/replay", null))
            Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        held.SetResult();
        Assert.All(await receiver.TakenAsync(2), one => Assert.Equal(delivery, one.Headers["webhook-id"]));
        await UntilAsync(client, id, one => one.GetProperty("state").GetString() == "delivered");
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_replay_leaves_when_something_was_made_and_outdates_a_try_that_began_before(DatabaseProvider provider)
    {
        await using var keyed = await KeyedNode.StartAsync(provider);
        var deliveries = new DeliveryTable(keyed.Database, clock);
        var begin = clock.GetUtcNow();
        for (var hour = 0; hour < 3; hour++)
        {
            await keyed.Database.WriteAsync(transaction => DeliveryTable.AddAsync(
                transaction, "wh-1", new WebhookBody("test", begin, new WebhookData(null, null, null, null)), begin.AddHours(hour), default), default);
        }
        clock.Forward(TimeSpan.FromHours(5));
        Assert.Equal(3, await deliveries.ReplayAsync("wh-1", begin, default));
        Assert.Equal(2, await deliveries.ReplayAsync("wh-1", begin.AddHours(1), default));
        Assert.Equal(2, await deliveries.ReplayAsync("wh-1", begin.AddHours(1), default));
        Assert.Equal([2.0, 1.0, 0.0], (await deliveries.ListAsync("wh-1", long.MaxValue, 5, default)).Items.Select(one => Math.Round((one.CreatedAt - begin).TotalHours)));

        var due = (await deliveries.DueAsync("wh-1", 1, default)).Single();
        Assert.NotNull(await deliveries.ReplayAsync("wh-1", due.Id, default));
        foreach (var outcome in (WebhookOutcome[])[new("200", IsTaken: true), new("500")])
        {
            Assert.False(await keyed.Database.WriteAsync(transaction => DeliveryTable.TriedAsync(
                transaction, due, outcome, clock.GetUtcNow(), TimeSpan.FromMinutes(1), default), default));
        }
        var again = (await deliveries.DueAsync("wh-1", 1, default)).Single();
        Assert.Equal((due.Id, due.Replays + 1), (again.Id, again.Replays));
        Assert.True(await keyed.Database.WriteAsync(transaction => DeliveryTable.TriedAsync(
            transaction, again, new WebhookOutcome("200", IsTaken: true), clock.GetUtcNow(), TimeSpan.FromMinutes(1), default), default));
    }

    [Fact]
    public async Task A_receiver_that_says_it_is_gone_is_switched_off_at_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        receiver.Answers = () => 410;
        var (id, _) = await MakeAsync(client, receiver.Url, "decision");
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1" });
        await OutcomeAsync(client, id, "410");
        Assert.Equal("gone", (await client.GetOkAsync($"{Api}/{id}")).GetProperty("disabledCode").GetString());
        receiver.Answers = () => 200;
        using (var enabled = await client.PostAsync($"{Api}/{id}/enable", null))
            Assert.False((await enabled.JsonAsync()).TryGetProperty("lostBefore", out _));
        await UntilAsync(client, id, one => one.GetProperty("state").GetString() == "delivered");
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Of_two_who_make_the_last_webhook_at_once_one_does_and_quiet_days_after_giving_up_are_no_failing(DatabaseProvider provider)
    {
        await using var keyed = await KeyedNode.StartAsync(provider);
        var webhooks = new WebhookTable(keyed.Database, keyed.Keys, new IncidentLog(keyed.Database, NullLogger<IncidentLog>.Instance), clock);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            () => webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["incident"]), "test", 1, default))));
        var id = Assert.Single(both, made => made is not null)!.Webhook.Id;
        Assert.Single(await webhooks.ListAsync(default));

        var deliveries = new DeliveryTable(keyed.Database, clock);
        await webhooks.AddTestAsync(id, new WebhookBody("test", clock.GetUtcNow(), new WebhookData(null, id, null, null)), clock.GetUtcNow(), default);
        await FailAsync();
        Assert.NotNull((await webhooks.FindAsync(id, default))!.FailingSince);
        clock.Forward(TimeSpan.FromDays(4));
        await FailAsync(); // the last try
        Assert.Equal("failed", (await deliveries.ListAsync(id, long.MaxValue, 1, default)).Items.Single().State);
        Assert.Null((await webhooks.FindAsync(id, default))!.FailingSince);

        async Task FailAsync()
        {
            var due = (await deliveries.DueAsync(id, 1, default)).Single();
            await keyed.Database.WriteAsync(async transaction =>
            {
                await DeliveryTable.TriedAsync(transaction, due, new WebhookOutcome("500"), clock.GetUtcNow(), TimeSpan.FromDays(3), default);
                await WebhookTable.NotTakenAsync(transaction, id, clock.GetUtcNow(), null, default);
                await WebhookTable.GaveUpAsync(transaction, id, default);
            }, default);
        }
    }

    [Fact]
    public async Task A_receiver_that_holds_its_answers_back_delays_nobody_else()
    {
        await using var slow = await WebhookReceiver.StartAsync();
        await using var quick = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        slow.Before = () => held.Task;
        await MakeAsync(client, slow.Url, "decision");
        await MakeAsync(client, quick.Url, "decision");
        for (var number = 1; number <= 3; number++)
        {
            await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = $"ac-{number}" });
            await quick.TakenAsync(number); // while the first of the slow one is still without an answer
        }
        Assert.Single(await slow.TakenAsync(1));
        held.SetResult();
        await slow.TakenAsync(3);
    }

    [Fact]
    public async Task A_receiver_that_asks_to_be_left_alone_is()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        receiver.Answers = () => 429;
        receiver.Headers = headers => headers.RetryAfter = "3600";
        var (id, _) = await MakeAsync(client, receiver.Url, "decision");
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-1" });
        var tried = await OutcomeAsync(client, id, "429");
        Assert.Equal(TimeSpan.FromHours(1), tried.GetProperty("nextAttemptAt").GetDateTimeOffset() - tried.GetProperty("lastAttemptAt").GetDateTimeOffset());
        await TellAsync(node, new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = "ac-2" });
        clock.Forward(TimeSpan.FromMinutes(59));
        Assert.False(await node.App.Services.GetRequiredService<WebhookWorker>().RunOnceAsync(default));
        Assert.Single(receiver.Taken);
        receiver.Answers = () => 200;
        clock.Forward(TimeSpan.FromMinutes(2));
        await receiver.TakenAsync(3);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_a_webhook_that_is_off_misses_is_said_first_when_it_is_on_again_and_one_that_is_on_misses_nothing(DatabaseProvider provider)
    {
        await using var keyed = await KeyedNode.StartAsync(provider);
        var webhooks = new WebhookTable(keyed.Database, keyed.Keys, new IncidentLog(keyed.Database, NullLogger<IncidentLog>.Instance), clock);
        var (events, deliveries) = (new EventTable(keyed.Database), new DeliveryTable(keyed.Database, clock));
        var made = (await webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["decision"]), "test", 20, default))!.Webhook;
        await TellAsync(1, 2);
        clock.Forward(TimeSpan.FromDays(8));
        Assert.Equal(1, await PruneAsync()); // what it was told of by its making; the rest waits for it
        await ExpandAsync();
        Assert.Equal(2, await PruneAsync());
        Assert.Equal(["decision.decided", "decision.decided"], await KindsAsync());

        await keyed.Database.WriteAsync(transaction => WebhookTable.DisableAsync(transaction, made.Id, "failing", clock.GetUtcNow(), default), default);
        await TellAsync(3);
        clock.Forward(TimeSpan.FromDays(8));
        await TellAsync(4);
        Assert.Equal(1, await PruneAsync());
        var lost = (await webhooks.EnableAsync(made.Id, default))!;
        Assert.InRange(lost.LostBefore!.Value, clock.GetUtcNow().AddMinutes(-2), clock.GetUtcNow());
        Assert.Null(lost.Webhook.DisabledAt);
        var due = await deliveries.DueAsync(made.Id, 20, default);
        Assert.All(due, one => Assert.True(clock.GetUtcNow().ToUnixTimeMilliseconds() - one.WantedAt < 120_000)); // as long to go as new ones
        await ExpandAsync();
        Assert.Equal(["decision.decided", "decision.decided", "reset", "decision.decided"], await KindsAsync());
        Assert.Null((await webhooks.EnableAsync(made.Id, default))!.LostBefore);
        Assert.Null(await webhooks.EnableAsync("wh-none", default));

        async Task TellAsync(params int[] numbers) => await keyed.Database.WriteAsync(transaction => EventTable.AddAsync(transaction,
            [.. numbers.Select(number => new NodeEvent(EventTopic.Decision, "decided", clock.GetUtcNow()) { PatientId = "pt-1", Subject = $"ac-{number}" })], default), default);
        Task<int> PruneAsync() => events.PruneAsync(clock.GetUtcNow().AddDays(-7), default);
        async Task ExpandAsync() => await webhooks.ExpandAsync((await webhooks.FindAsync(made.Id, default))!, (await events.HeadAsync(default)).Last, default);
        async Task<IEnumerable<string>> KindsAsync() => (await deliveries.ListAsync(made.Id, long.MaxValue, 20, default)).Items.Select(one => one.Kind).Reverse();
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_is_over_goes_in_its_time_and_what_waits_stays_save_where_a_webhook_is_off(DatabaseProvider provider)
    {
        await using var keyed = await KeyedNode.StartAsync(provider);
        var webhooks = new WebhookTable(keyed.Database, keyed.Keys, new IncidentLog(keyed.Database, NullLogger<IncidentLog>.Instance), clock);
        var (events, deliveries) = (new EventTable(keyed.Database), new DeliveryTable(keyed.Database, clock));
        var on = (await webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["decision"]), "test", 20, default))!.Webhook.Id;
        var off = (await webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["decision"]), "test", 20, default))!.Webhook.Id;
        foreach (var id in (string[])[on, off])
        {
            for (var number = 0; number < 2; number++)
                await webhooks.AddTestAsync(id, new WebhookBody("test", clock.GetUtcNow(), new WebhookData(null, id, null, null)), clock.GetUtcNow(), default);
            var first = (await deliveries.DueAsync(id, 1, default)).Single();
            await keyed.Database.WriteAsync(transaction => DeliveryTable.TriedAsync(
                transaction, first, new WebhookOutcome("200", IsTaken: true), clock.GetUtcNow(), TimeSpan.FromDays(3), default), default);
        }
        await keyed.Database.WriteAsync(transaction => WebhookTable.DisableAsync(transaction, off, "failing", clock.GetUtcNow(), default), default);
        Assert.Equal(0, await deliveries.PruneAsync(clock.GetUtcNow().AddDays(-7), default));
        clock.Forward(TimeSpan.FromDays(8));
        Assert.Equal(3, await deliveries.PruneAsync(clock.GetUtcNow().AddDays(-7), default));
        Assert.Equal((1, 0), (await CountAsync(on), await CountAsync(off)));
        Assert.NotNull((await webhooks.EnableAsync(off, default))!.LostBefore);
        Assert.Null((await webhooks.EnableAsync(on, default))!.LostBefore);
        await webhooks.ExpandAsync((await webhooks.FindAsync(off, default))!, (await events.HeadAsync(default)).Last, default);
        Assert.Equal("reset", (await deliveries.ListAsync(off, long.MaxValue, 5, default)).Items.Single().Kind);

        async Task<int> CountAsync(string id) => (await deliveries.ListAsync(id, long.MaxValue, 5, default)).Items.Count;
    }

    [Fact]
    public async Task A_webhook_that_cannot_be_read_is_put_off_and_the_others_go_on()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var node = await StartAsync();
        using var client = node.Client(Role.PrivacyOfficer);
        var (broken, _) = await MakeAsync(client, receiver.Url, "incident");
        await MakeAsync(client, receiver.Url, "incident");
        var database = node.App.Services.GetRequiredService<IDatabase>();
        await database.WriteAsync(transaction => Dapper.SqlMapper.ExecuteAsync(transaction.Connection!,
            "UPDATE webhook SET topics = 'nonsense' WHERE id = @broken", new { broken }, transaction), default);
        await NoteAsync(node, "one");
        Assert.Single(await receiver.TakenAsync(1));
        await NoteAsync(node, "two");
        Assert.Equal(2, (await receiver.TakenAsync(2)).Count);
        await using var connection = await database.OpenAsync(default);
        Assert.True(await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "SELECT failures FROM webhook WHERE id = @broken", new { broken }) > 0);
        Assert.Equal(0, await Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, "SELECT count(*) FROM webhook WHERE id <> @broken AND failures > 0", new { broken }));
    }

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(
        new Dictionary<string, string?> { ["HealthShare:Webhooks:Networks:0"] = "127.0.0.0/8" }, services => services.AddSingleton<TimeProvider>(clock));

    private static JsonObject Wanted(string url, params string[] topics) =>
        new() { ["url"] = url, ["topics"] = new JsonArray([.. topics.Select(topic => (JsonNode)topic)]) };

    private static async Task<(string Id, string Secret)> MakeAsync(HttpClient client, string url, params string[] topics)
    {
        var made = await client.PostAsync(Api, Wanted(url, topics), HttpStatusCode.Created);
        return (made.GetProperty("webhook").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    private static Task TellAsync(NodeHost node, NodeEvent told) => node.App.Services.GetRequiredService<IDatabase>().WriteAsync(
        transaction => EventTable.AddAsync(transaction, [told], default), default);

    private Task NoteAsync(NodeHost node, string subject) => node.App.Services.GetRequiredService<IncidentLog>().NoteAsync(
        new Incident(clock.GetUtcNow(), "access.decision_not_confirmed", null, subject, "x"), default);

    private static Task<JsonElement> OutcomeAsync(HttpClient client, string id, string expected) =>
        UntilAsync(client, id, one => one.TryGetProperty("outcome", out var outcome) && outcome.GetString() == expected);

    private static async Task DeliveredAsync(HttpClient client, string id)
    {
        for (var attempt = 0; (await client.GetOkAsync($"{Api}/{id}/deliveries?limit=200")).GetProperty("items").EnumerateArray()
            .Any(one => one.GetProperty("state").GetString() != "delivered"); attempt++)
        {
            Assert.True(attempt < 1200);
            await Task.Delay(50);
        }
    }

    private static async Task<JsonElement> UntilAsync(HttpClient client, string id, Func<JsonElement, bool> isSo)
    {
        for (var attempt = 0; ; attempt++)
        {
            var newest = (await client.GetOkAsync($"{Api}/{id}/deliveries?limit=1")).GetProperty("items").EnumerateArray().FirstOrDefault();
            if (newest.ValueKind is JsonValueKind.Object && isSo(newest))
                return newest;
            Assert.True(attempt < 1200, newest.ToString());
            await Task.Delay(50);
        }
    }
}
