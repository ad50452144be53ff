using System.Net;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Node.Webhooks;
using HealthShare.UnitTests.Node.Auth;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using static HealthShare.UnitTests.Node.Webhooks.WebhookCalls;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>What is sent again, what is given up, and how a webhook goes off and on, as time passes and nodes restart.</summary>
public sealed class WebhookStateTests
{
    private readonly MovedClock clock = new();

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

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_was_to_be_sent_is_sent_after_a_restart_once_for_each_event(DatabaseProvider provider)
    {
        await using var keyed = await KeyedNode.StartAsync(provider);
        var clock = new ManualClock();
        WebhookTable Webhooks() => new(keyed.Database, keyed.Keys, new IncidentLog(keyed.Database, NullLogger<IncidentLog>.Instance), clock);
        var made = (await Webhooks().AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["incident"]), Officer, 20, default))!.Webhook;
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
        var live = (await Webhooks().FindAsync(made.Id, default))!;
        Assert.True(await keyed.Database.WriteAsync(transaction => WebhookTable.DisableAsync(transaction, made.Id, WebhookTable.MakerDisabled, clock.GetUtcNow(), default), default));
        Assert.Empty(await deliveries.DueAsync(made.Id, 20, default)); // also for a sending that is under way
        Assert.False(await Webhooks().ExpandAsync(live, last + 1, default));
        Assert.Equal(last, (await Webhooks().FindAsync(made.Id, default))!.Position);
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
            () => webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["incident"]), Officer, 1, default))));
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
        var made = (await webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["decision"]), Officer, 20, default))!.Webhook;
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
        var lost = (await webhooks.EnableAsync(made.Id, Officer, default))!;
        Assert.InRange(lost.LostBefore!.Value, clock.GetUtcNow().AddMinutes(-2), clock.GetUtcNow());
        Assert.Null(lost.Webhook.DisabledAt);
        var due = await deliveries.DueAsync(made.Id, 20, default);
        Assert.All(due, one => Assert.True(clock.GetUtcNow().ToUnixTimeMilliseconds() - one.WantedAt < 120_000)); // as long to go as new ones
        await ExpandAsync();
        Assert.Equal(["decision.decided", "decision.decided", "reset", "decision.decided"], await KindsAsync());
        Assert.Null((await webhooks.EnableAsync(made.Id, Officer, default))!.LostBefore);
        Assert.Null(await webhooks.EnableAsync("wh-none", Officer, default));

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
        var on = (await webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["decision"]), Officer, 20, default))!.Webhook.Id;
        var off = (await webhooks.AddAsync(NewId(), new NewWebhook("https://system.north.example/hook", ["decision"]), Officer, 20, default))!.Webhook.Id;
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
        Assert.NotNull((await webhooks.EnableAsync(off, Officer, default))!.LostBefore);
        Assert.Null((await webhooks.EnableAsync(on, Officer, default))!.LostBefore);
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

    private static string NewId() => $"wh-{Guid.NewGuid():n}";

    private Task<NodeHost> StartAsync() => WebhookCalls.StartAsync(clock);

    private Task NoteAsync(NodeHost node, string subject) => WebhookCalls.NoteAsync(node, clock, subject);
}
