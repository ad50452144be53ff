using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>Writes messages that came in; knows a repetition when it sees one.</summary>
internal sealed class JournalWriter(IDatabase database, IntakeHistory history, TimeProvider clock)
{
    private const string Insert = """
        INSERT INTO intake_message (id, state, source, message_key, content_key, facility, type, size, control_id_reused, received_at,
            updated_at, record_id, reason_code, reason, attempts, next_attempt_at)
        SELECT @Id, @State, @Source, @MessageKey, @ContentKey, @Facility, @Type, @Size,
            CASE WHEN EXISTS (SELECT 1 FROM intake_message WHERE message_key = @MessageKey) THEN 1 ELSE 0 END, @Now, @Now,
            @RecordId, @ReasonCode, @Reason, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM intake_message WHERE message_key = @MessageKey AND content_key = @ContentKey)
        ON CONFLICT (message_key, content_key) DO NOTHING
        """;

    /// <summary>Writes entries in one transaction: durable, all or none, when this returns.</summary>
    public Task<List<Appended>> AppendAsync(IReadOnlyList<NewEntry> entries, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        // Each statement is prepared once for all entries, which is most of what a small commit costs.
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var written = await transaction.Connection!.ExecuteAsync(new CommandDefinition(Insert, entries.Select(entry => new
        {
            entry.Id, entry.Source, entry.MessageKey, entry.ContentKey, entry.Facility, entry.Type, entry.Size, entry.RecordId, entry.ReasonCode,
            entry.Reason, State = StateName.Of(entry.State), Now = now,
        }), transaction, cancellationToken: ct));
        var (results, fresh) = (new List<Appended>(entries.Count), new List<(long Sequence, NewEntry Entry)>(entries.Count));
        var rows = written == entries.Count ? await FindAsync(transaction, entries, ct) : null;
        foreach (var (i, entry) in entries.Index())
        {
            // Where none was there before, the ids find them; else the keys do, after whatever was done to an entry of the same keys just now.
            var row = rows?[i] ?? await FindAsync(transaction, entry, ct);
            if (row.Id == entry.Id)
            {
                fresh.Add((row.Sequence, entry));
                results.Add(new Appended(row.Id, entry.State, Duplicate: false, row.Reused != 0));
            }
            else
            {
                results.Add(await KnownAsync(transaction, row, entry, ct));
            }
        }
        if (fresh.Count != written)
            throw new InvalidOperationException("The journal holds other entries than were written.");
        await KeepAsync(transaction, fresh, null, ct);
        return results;
    }, ct);

    private static Task<List<Row?>> FindAsync(DbTransaction transaction, IEnumerable<NewEntry> entries, CancellationToken ct) =>
        transaction.Connection!.QueryEachAsync(transaction, "SELECT sequence, id, state, control_id_reused FROM intake_message WHERE id = @value",
            entries.Select(entry => entry.Id), row => new Row(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3)), ct);

    private static Task<Row> FindAsync(DbTransaction transaction, NewEntry entry, CancellationToken ct) =>
        transaction.Connection!.QuerySingleAsync<Row>(new CommandDefinition("""
            SELECT sequence AS Sequence, id AS Id, state AS State, control_id_reused AS Reused FROM intake_message
            WHERE message_key = @MessageKey AND content_key = @ContentKey
            """, new { entry.MessageKey, entry.ContentKey }, transaction, cancellationToken: ct));

    private async Task<Appended> KnownAsync(DbTransaction transaction, Row known, NewEntry entry, CancellationToken ct)
    {
        if (known.State == StateName.Of(IntakeState.Discarded))
            return await ReopenAsync(transaction, known, entry, ct);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE intake_message SET repetitions = repetitions + 1 WHERE sequence = @Sequence", new { known.Sequence }, transaction, cancellationToken: ct));
        return new Appended(known.Id, StateName.Read(known.State), Duplicate: true, known.Reused != 0);
    }

    // What staff discarded never had an effect. Its sender insists, so it begins again: a message too many is better than one lost.
    // It does so under the new entry's id, which the content was encrypted for.
    private async Task<Appended> ReopenAsync(DbTransaction transaction, Row known, NewEntry entry, CancellationToken ct)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE intake_message SET id = @Id, state = @State, updated_at = @now, record_id = @RecordId, reason_code = @ReasonCode, reason = @Reason,
                attempts = 0, next_attempt_at = 0, repetitions = repetitions + 1
            WHERE sequence = @Sequence
            """, new
        {
            known.Sequence, entry.Id, State = StateName.Of(entry.State), now = clock.GetUtcNow().ToUnixTimeMilliseconds(), entry.RecordId, entry.ReasonCode, entry.Reason,
        }, transaction, cancellationToken: ct));
        await KeepAsync(transaction, [(known.Sequence, entry)], $"again, after {known.Id} was discarded", ct);
        return new Appended(entry.Id, entry.State, Duplicate: false, known.Reused != 0);
    }

    private async Task KeepAsync(DbTransaction transaction, IReadOnlyCollection<(long Sequence, NewEntry Entry)> fresh, string? detail, CancellationToken ct)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("INSERT INTO intake_payload (message, payload) VALUES (@Sequence, @Payload)",
            fresh.Select(one => new { one.Sequence, one.Entry.Payload }), transaction, cancellationToken: ct));
        foreach (var actor in fresh.GroupBy(one => one.Entry.Actor, one => one.Sequence, StringComparer.Ordinal))
            await history.AddAsync(transaction, actor, "received", actor.Key, detail, ct);
        foreach (var (sequence, entry) in fresh.Where(one => one.Entry.State is IntakeState.Quarantined))
            await history.AddAsync(transaction, [sequence], "quarantined", IntakeHistory.Node, entry.ReasonCode, ct);
    }

    private sealed record Row(long Sequence, string Id, string State, long Reused);
}
