using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Events;

/// <summary>What of the events a reader wants.</summary>
/// <param name="Topics">These topics.</param>
/// <param name="PatientId">Of this patient; null for all.</param>
/// <param name="StaffId">Where an event is for one member of staff: this one; null for nobody.</param>
internal sealed record EventFilter(IReadOnlyList<EventTopic> Topics, string? PatientId = null, string? StaffId = null)
{
    /// <summary>True for an event that the table would give by this filter.</summary>
    public bool Wants(NodeEvent one) => Topics.Contains(one.Topic) && (one.StaffId is null || one.StaffId == StaffId) && (PatientId is null || one.PatientId == PatientId);
}

/// <summary>The table of events. They are only ever added, and go when they are old.</summary>
internal sealed class EventTable(IDatabase database)
{
    /// <summary>Most events read at once.</summary>
    public const int Batch = 200;

    private const int PruneBatch = 5000;

    /// <summary>
    /// Adds events together with what else the transaction writes: both count or neither. They are written as its last, whenever this is
    /// called: whoever numbers events holds a lock that everybody waits for.
    /// </summary>
    public static Task AddAsync(DbTransaction transaction, IReadOnlyCollection<NodeEvent> events, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
            return Task.FromCanceled(ct);
        if (events.Count > 0)
            TransactionEnd.Add(transaction, token => WriteAsync(transaction, events, token));
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(DbTransaction transaction, IReadOnlyCollection<NodeEvent> events, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        // Nobody else takes a number until this transaction is over, so that no reader passes one that is not there yet.
        var first = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "UPDATE event_head SET last = last + 0 RETURNING last", transaction: transaction, cancellationToken: ct));
        var last = first;
        foreach (var added in events)
        {
            last += await connection.ExecuteAsync(new CommandDefinition("""
                INSERT INTO event (sequence, topic, kind, happened_at, patient_id, staff_id, subject, members, code, until_at, name)
                VALUES (@sequence, @topic, @Kind, @at, @PatientId, @StaffId, @Subject, @members, @Code, @until, @Name)
                ON CONFLICT (name) DO NOTHING
                """,
                new
                {
                    sequence = last + 1, topic = NameOf(added.Topic), added.Kind, at = added.At.ToUnixTimeMilliseconds(), added.PatientId,
                    added.StaffId, added.Subject, members = added.Members.Count == 0 ? null : string.Join(' ', added.Members), added.Code,
                    until = added.Until?.ToUnixTimeMilliseconds(), added.Name,
                }, transaction, cancellationToken: ct));
        }
        if (last > first)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE event_head SET last = @last", new { last }, transaction, cancellationToken: ct));
        }
    }

    /// <summary>The last event's number, and the last one that is kept no longer.</summary>
    public async Task<(long Last, long Pruned)> HeadAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleAsync<(long, long)>(
            new CommandDefinition("SELECT last, pruned FROM event_head", cancellationToken: ct));
    }

    /// <summary>Events after a number and up to another, in their order, at most <see cref="Batch"/>.</summary>
    public async Task<IReadOnlyList<NodeEvent>> ReadAsync(EventFilter? filter, long after, long to, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await ReadAsync(connection, null, filter, after, to, ct);
    }

    /// <summary>The same within a transaction.</summary>
    public static async Task<IReadOnlyList<NodeEvent>> ReadAsync(
        DbConnection connection, DbTransaction? transaction, EventFilter? filter, long after, long to, CancellationToken ct)
    {
        var topics = new ValueList([.. (filter?.Topics ?? []).Select(NameOf)]);
        var wanted = filter is null ? "" : $"AND topic IN {topics.Sql} AND (staff_id IS NULL OR staff_id = @staff)";
        var rows = await connection.QueryAsync<Row>(new CommandDefinition($"""
            SELECT sequence AS Sequence, topic AS Topic, kind AS Kind, happened_at AS HappenedAt, patient_id AS PatientId, staff_id AS StaffId,
                subject AS Subject, members AS Members, code AS Code, until_at AS UntilAt
            FROM event WHERE sequence > @after AND sequence <= @to {wanted} {(filter?.PatientId is null ? "" : "AND patient_id = @patient")}
            ORDER BY sequence LIMIT @limit
            """, topics.With(new { after, to, staff = filter?.StaffId ?? "", patient = filter?.PatientId, limit = Batch }), transaction, cancellationToken: ct));
        return [.. rows.Select(row => row.ToEvent())];
    }

    /// <summary>The number up to which some are gone.</summary>
    public static Task<long> PrunedAsync(DbTransaction transaction, CancellationToken ct) => transaction.Connection!.ExecuteScalarAsync<long>(
        new CommandDefinition("SELECT pruned FROM event_head", transaction: transaction, cancellationToken: ct));

    /// <summary>Lets go of events that happened before a time, save those that a webhook which is on was not yet told of.</summary>
    /// <returns>How many went.</returns>
    public async Task<int> PruneAsync(DateTimeOffset before, CancellationToken ct)
    {
        var gone = 0;
        int batch;
        do
        {
            batch = await database.WriteAsync(async transaction =>
            {
                var values = new { at = before.ToUnixTimeMilliseconds(), limit = PruneBatch };
                var newest = await transaction.Connection!.ExecuteScalarAsync<long?>(new CommandDefinition("""
                    SELECT max(sequence) FROM (
                        SELECT sequence FROM event WHERE happened_at < @at
                            AND NOT EXISTS (SELECT 1 FROM webhook WHERE disabled_at IS NULL AND position < sequence)
                        ORDER BY sequence LIMIT @limit) AS old
                    """, values, transaction, cancellationToken: ct));
                if (newest is not { } to)
                    return 0;
                var deleted = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "DELETE FROM event WHERE happened_at < @at AND sequence <= @to", new { values.at, to }, transaction, cancellationToken: ct));
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE event_head SET pruned = @to WHERE pruned < @to", new { to }, transaction, cancellationToken: ct));
                return deleted;
            }, ct);
            gone += batch;
        }
        while (batch == PruneBatch);
        return gone;
    }

    /// <summary>A topic as it is written.</summary>
    public static string NameOf(EventTopic topic) => char.ToLowerInvariant(topic.ToString()[0]) + topic.ToString()[1..];

    private sealed record Row(
        long Sequence, string Topic, string Kind, long HappenedAt, string? PatientId, string? StaffId, string? Subject, string? Members, string? Code,
        long? UntilAt)
    {
        public NodeEvent ToEvent() => new(Enum.Parse<EventTopic>(Topic, ignoreCase: true), Kind, DateTimeOffset.FromUnixTimeMilliseconds(HappenedAt))
        {
            Sequence = Sequence, PatientId = PatientId, StaffId = StaffId, Subject = Subject, Code = Code,
            Members = Members?.Split(' ') ?? [], Until = UntilAt is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null,
        };
    }
}
