using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Problems;
using HealthShare.Node.Webhooks;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Webhooks;

/// <summary>Whose a webhook is, and what becomes of it when the person is disabled: before, at the same time, and by earlier versions.</summary>
public sealed class WebhookMakerTests
{
    private const int OfMakers = 320;
    private static readonly NewWebhook Wanted = new("https://system.north.example/hook", ["incident"]);

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Whose_a_webhook_was_before_is_known_where_it_can_be_and_one_of_unknown_origin_may_be_anybodys(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider, migrate: false);
        var migrator = new Migrator(test.Instance, TimeProvider.System);
        await migrator.ApplyAsync([.. Migrator.Embedded().Where(one => one.Number < OfMakers)], default);
        await test.Instance.WriteAsync(transaction => transaction.Connection!.ExecuteAsync("""
            INSERT INTO person (id, subject, role, name, staff_id, created_at, disabled_at) VALUES
                ('us-1', 'staff sf-1', 'PrivacyOfficer', @name, 'sf-1', 5, NULL), ('us-2', 'staff sf-2', 'PrivacyOfficer', @name, 'sf-2', 5, 100);
            INSERT INTO webhook (id, url, topics, created_at, created_by, position, failures, paused_until, disabled_at, disabled_code) VALUES
                ('own', 'https://a.example', 'incident', 50, 'us-1', 0, 0, 0, NULL, NULL),
                ('left', 'https://a.example', 'incident', 50, 'us-2', 0, 0, 0, NULL, NULL),
                ('left-off', 'https://a.example', 'incident', 50, 'us-2', 0, 0, 0, 60, 'failing'),
                ('left-known', 'https://a.example', 'incident', 50, 'us-2', 0, 0, 0, 100, 'makerDisabled'),
                ('token', 'https://a.example', 'incident', 50, 'client ehr', 0, 0, 0, NULL, NULL),
                ('token-later', 'https://a.example', 'incident', 150, 'client ehr', 0, 0, 0, NULL, NULL);
            """, new { name = new byte[] { 1 } }, transaction), default);
        await migrator.ApplyAsync(default);

        await using var connection = await test.Instance.OpenAsync(default);
        var rows = (await connection.QueryAsync<(string Id, string Staff, long? At, string? Code)>(
            "SELECT id, created_staff, disabled_at, disabled_code FROM webhook ORDER BY id")).ToList();
        Assert.Equal(
        [
            ("left", "sf-2", 100, "makerDisabled"), ("left-known", "sf-2", 100, "makerDisabled"), ("left-off", "sf-2", 60, "makerDisabled"),
            ("own", "sf-1", null, null), ("token", "", 100, "makerDisabled"), ("token-later", "", null, null),
        ], rows);
        Assert.Equal(["left 0", "left-off 0", "token 0"], await connection.QueryAsync<string>(
            "SELECT subject FROM incident WHERE code = 'webhook.disabled' AND detail = 'makerDisabled' ORDER BY subject"));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_somebody_made_in_any_way_or_nobody_knows_who_goes_off_with_the_person_and_the_rest_stays_on(DatabaseProvider provider)
    {
        await using var scene = await MakerScene.StartAsync(provider);
        await scene.PersonAsync("us-1", "sf-1");
        await scene.PersonAsync("us-2", "sf-2");
        var callers = new Dictionary<string, Caller>
        {
            ["session"] = scene.Caller("us-1", "sf-1"), ["token"] = scene.Caller("client ehr", "sf-1"), ["other"] = scene.Caller("us-2", "sf-2"),
            ["program"] = scene.Caller("monitoring", null), ["unknown"] = scene.Caller("client ehr", ""),
        };
        foreach (var (id, caller) in callers)
            Assert.NotNull(await scene.Webhooks.AddAsync(id, Wanted, caller, 20, default));
        await scene.DisableAsync("us-1");
        Assert.Equal(["session", "token", "unknown"], await scene.OffAsync());

        // Who switches one on has it from then on.
        Assert.Equal("us-2", (await scene.Webhooks.EnableAsync("unknown", callers["other"], default))!.Webhook.CreatedBy);
        await scene.PersonAsync("us-3", "sf-3");
        await scene.DisableAsync("us-3");
        Assert.Equal(["session", "token"], await scene.OffAsync());
        await scene.DisableAsync("us-2");
        Assert.Equal(["other", "session", "token", "unknown"], await scene.OffAsync());
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Nobody_makes_or_switches_on_a_webhook_after_being_disabled_whatever_was_asked_before(DatabaseProvider provider)
    {
        await using var scene = await MakerScene.StartAsync(provider);
        await scene.PersonAsync("us-1", "sf-1");
        var (own, token) = (scene.Caller("us-1", "sf-1"), scene.Caller("client ehr", "sf-1"));
        await scene.Webhooks.AddAsync("program", Wanted, scene.Caller("monitoring", null), 20, default);
        await scene.Database.WriteAsync(transaction => WebhookTable.DisableAsync(transaction, "program", "failing", DateTimeOffset.UtcNow, default), default);
        await scene.DisableAsync("us-1");
        foreach (var caller in (Caller[])[own, token])
        {
            Assert.Equal("auth.unauthenticated", await CodeOfAsync(() => scene.Webhooks.AddAsync("late", Wanted, caller, 20, default)));
            Assert.Equal("auth.unauthenticated", await CodeOfAsync(() => scene.Webhooks.EnableAsync("program", caller, default)));
        }
        Assert.Null(await scene.Webhooks.FindAsync("late", default));
        Assert.Equal(["program"], await scene.OffAsync());
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Whoever_comes_first_a_webhook_made_or_switched_on_while_its_person_is_disabled_ends_off(DatabaseProvider provider)
    {
        await using var scene = await MakerScene.StartAsync(provider);
        for (var number = 0; number < 12; number++)
        {
            var (person, staff) = ($"us-{number}", $"sf-{number}");
            await scene.PersonAsync(person, staff);
            var caller = scene.Caller("client ehr", staff);
            await scene.Webhooks.AddAsync($"known-{number}", Wanted, caller, 100, default);
            await scene.Database.WriteAsync(transaction =>
                WebhookTable.DisableAsync(transaction, $"known-{number}", "failing", DateTimeOffset.UtcNow, default), default);
            await Task.WhenAll(
                Task.Run(() => TryAsync(() => scene.Webhooks.AddAsync($"new-{number}", Wanted, caller, 100, default))),
                Task.Run(() => TryAsync(() => scene.Webhooks.EnableAsync($"known-{number}", caller, default))),
                Task.Run(() => scene.DisableAsync(person)));
        }
        Assert.All(await scene.Webhooks.ListAsync(default), webhook => Assert.Equal(WebhookTable.MakerDisabled, webhook.DisabledCode));

        static async Task TryAsync(Func<Task> call)
        {
            try
            {
                await call();
            }
            catch (ApiProblemException e)
            {
                Assert.Equal("auth.unauthenticated", e.Problem.Code); // the disabling came first
            }
        }
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Who_takes_over_a_webhook_is_asked_for_the_right_when_it_happens(DatabaseProvider provider)
    {
        await using var scene = await MakerScene.StartAsync(provider);
        await scene.PersonAsync("us-1", "sf-1");
        await scene.Webhooks.AddAsync("one", Wanted, scene.Caller("us-1", "sf-1"), 20, default);
        await scene.DisableAsync("us-1");
        var administrator = new Caller("us-9", Role.ItAdministrator, "sf-9", null); // may read no incidents
        Assert.Equal("webhook.topic_forbidden", await CodeOfAsync(() => scene.Webhooks.EnableAsync("one", administrator, default)));
        Assert.Equal(["one"], await scene.OffAsync());
        Assert.Equal("us-1", (await scene.Webhooks.FindAsync("one", default))!.CreatedBy);
    }

    private static async Task<string> CodeOfAsync(Func<Task> call) => (await Assert.ThrowsAsync<ApiProblemException>(call)).Problem.Code;

    private sealed class MakerScene(KeyedNode keyed) : IAsyncDisposable
    {
        private readonly PersonNames names = new(keyed.Keys);

        public IDatabase Database => keyed.Database;

        public WebhookTable Webhooks { get; } = new(keyed.Database, keyed.Keys, Incidents(keyed), TimeProvider.System);

        public static async Task<MakerScene> StartAsync(DatabaseProvider provider) => new(await KeyedNode.StartAsync(provider));

        public Caller Caller(string name, string? staffId) => new(name, Role.PrivacyOfficer, staffId, null);

        public Task<int> PersonAsync(string id, string staffId) => Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
            "INSERT INTO person (id, subject, role, name, staff_id, created_at) VALUES (@id, @subject, 'PrivacyOfficer', @name, @staffId, 5)",
            new { id, staffId, subject = Person.SubjectOfStaff(staffId), name = names.Protect("Elif", id) }, transaction), default);

        public Task<int?> DisableAsync(string personId) => new StaffDirectory(
            Database, names, Incidents(keyed), Options.Create(new SignInOptions()), TimeProvider.System).DisableAsync(personId, "us-0", [], default);

        public async Task<IEnumerable<string>> OffAsync() =>
            (await Webhooks.ListAsync(default)).Where(webhook => webhook.DisabledAt is not null).Select(webhook => webhook.Id).Order(StringComparer.Ordinal);

        public async ValueTask DisposeAsync()
        {
            names.Dispose();
            await keyed.DisposeAsync();
        }

        private static IncidentLog Incidents(KeyedNode keyed) => new(keyed.Database, NullLogger<IncidentLog>.Instance);
    }
}
