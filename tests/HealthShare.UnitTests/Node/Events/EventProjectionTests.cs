using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Events;

/// <summary>What of a block becomes an event, and for whom.</summary>
public sealed class EventProjectionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Who_asked_hears_that_it_was_decided_and_not_whether_something_was_denied()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await ApplyAsync(database, Access("NorthMSP", "ac-1", true, false), Access("SouthMSP", "ac-2", false), Access("NorthMSP", "ac-1", true, false));
        var events = await EventsAsync(database);
        Assert.Equal(
            [(EventTopic.Decision, "ac-1", "partly", "pt-1", null), (EventTopic.AccessRequest, "ac-1", null, null, "staff-1"), (EventTopic.Decision, "ac-2", "denied", "pt-1", null)],
            events.Select(one => (one.Topic, one.Subject, one.Code, one.PatientId, one.StaffId)));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task An_entry_that_nobody_foresaw_is_an_incident_and_keeps_nothing_else_from_being_told(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        // Replaced, and by nothing at no time.
        var odd = new EndedStatementEntry("st-1", EndedStatementKind.ReplacedGrant, "NorthMSP", Now);
        await ApplyAsync(database, Write(LedgerKey.EndedStatement("pt-1", "st-1"), odd, LedgerJson.Default.EndedStatementEntry),
            new StateWrite("no entry", LedgerKind.Access, ["pt-1"], "{"u8.ToArray(), "tx", "NorthMSP"), Access("SouthMSP", "ac-2", true));
        var events = await EventsAsync(database);
        Assert.Equal([(EventTopic.Incident, "event.not_told"), (EventTopic.Decision, "permitted")], events.Select(one => (one.Topic, one.Code!)));
        await using var connection = await database.Instance.OpenAsync(default);
        Assert.Equal("EndedStatement: InvalidOperationException", await connection.ExecuteScalarAsync<string>("SELECT detail FROM incident"));
    }

    [Fact]
    public async Task What_is_older_than_events_are_kept_is_told_to_nobody()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var entry = new EndedStatementEntry("st-1", EndedStatementKind.ExpiredGrant, "NorthMSP", Now.AddDays(-8));
        await ApplyAsync(database, Write(LedgerKey.EndedStatement("pt-1", "st-1"), entry, LedgerJson.Default.EndedStatementEntry));
        Assert.Empty(await EventsAsync(database));
    }

    private static StateWrite Access(string requester, string id, params bool[] permitted)
    {
        var record = new RecordRef("NorthMSP", "rc-1");
        return Write(LedgerKey.Access(new AccessRef("pt-1", requester, id)), new AccessEntry(
            new RequestAccess("pt-1", id, [record], "TREAT", "physician", "staff-1"), requester, Now,
            [.. permitted.Select(one => new AccessDecision(record, one, one ? "permit.signed" : "deny.default"))]), LedgerJson.Default.AccessEntry);
    }

    private static StateWrite Write<T>(string key, T entry, JsonTypeInfo<T> type)
    {
        Assert.True(LedgerKey.TryParse(key, out var kind, out var parts));
        return new StateWrite(key, kind, parts, JsonSerializer.SerializeToUtf8Bytes(entry, type), "tx", "NorthMSP");
    }

    private static Task ApplyAsync(TestDatabase database, params StateWrite[] writes)
    {
        var projection = new EventProjection(new IncidentLog(database.Instance, NullLogger<IncidentLog>.Instance), new FakeLedger(), Options.Create(new EventsOptions()));
        return database.Instance.WriteAsync(transaction => projection.ApplyAsync(new BlockChanges(1, Now, writes), transaction, default), default);
    }

    private static Task<IReadOnlyList<NodeEvent>> EventsAsync(TestDatabase database) =>
        new EventTable(database.Instance).ReadAsync(null, 0, long.MaxValue, default);
}
