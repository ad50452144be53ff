using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>Writes messages that came in; knows a repetition when it sees one.</summary>
internal sealed class JournalWriter(IDatabase database, IntakeHistory history, TimeProvider clock)
{
    /// <summary>Writes entries in one transaction: durable, all or none, when this returns.</summary>
    public Task<List<Appended>> AppendAsync(IReadOnlyList<NewEntry> entries, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var results = new List<Appended>(entries.Count);
        foreach (var entry in entries)
            results.Add(await AppendAsync(transaction, entry, ct));
        return results;
    }, ct);

    private async Task<Appended> AppendAsync(DbTransaction transaction, NewEntry entry, CancellationToken ct)
    {
        var values = new
        {
            entry.Id, entry.Source, entry.MessageKey, entry.ContentKey, entry.Facility, entry.Type, entry.Size, entry.RecordId, entry.ReasonCode,
            entry.Reason, State = StateName.Of(entry.State), Now = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        var written = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition("""
            INSERT INTO intake_message (id, state, source, message_key, content_key, facility, type, size, control_id_reused, received_at,
                updated_at, record_id, reason_code, reason, attempts, next_attempt_at)
            SELECT @Id, @State, @Source, @MessageKey, @ContentKey, @Facility, @Type, @Size,
                CASE WHEN EXISTS (SELECT 1 FROM intake_message WHERE message_key = @MessageKey) THEN 1 ELSE 0 END, @Now, @Now,
                @RecordId, @ReasonCode, @Reason, 0, 0
            WHERE NOT EXISTS (SELECT 1 FROM intake_message WHERE message_key = @MessageKey AND content_key = @ContentKey)
            ON CONFLICT (message_key, content_key) DO NOTHING
            RETURNING sequence AS Sequence, id AS Id, state AS State, control_id_reused AS Reused
            """, values, transaction, cancellationToken: ct));
        if (written is not null)
            return await KeepAsync(transaction, written, entry, null, ct);

        var known = await transaction.Connection!.QuerySingleAsync<Row>(new CommandDefinition("""
            SELECT sequence AS Sequence, id AS Id, state AS State, control_id_reused AS Reused FROM intake_message
            WHERE message_key = @MessageKey AND content_key = @ContentKey
            """, values, transaction, cancellationToken: ct));
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
        return await KeepAsync(transaction, known with { Id = entry.Id }, entry, $"again, after {known.Id} was discarded", ct);
    }

    private async Task<Appended> KeepAsync(DbTransaction transaction, Row row, NewEntry entry, string? detail, CancellationToken ct)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("INSERT INTO intake_payload (message, payload) VALUES (@Sequence, @Payload)",
            new { row.Sequence, entry.Payload }, transaction, cancellationToken: ct));
        await history.AddAsync(transaction, [row.Sequence], "received", entry.Actor, detail, ct);
        if (entry.State is IntakeState.Quarantined)
            await history.AddAsync(transaction, [row.Sequence], "quarantined", IntakeHistory.Node, entry.ReasonCode, ct);
        return new Appended(row.Id, entry.State, Duplicate: false, row.Reused != 0);
    }

    private sealed record Row(long Sequence, string Id, string State, long Reused);
}
