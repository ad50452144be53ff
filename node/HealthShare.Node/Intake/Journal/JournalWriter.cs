using System.Data;
using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>Writes messages that came in; knows a repetition when it sees one.</summary>
internal sealed class JournalWriter(IDatabase database, IntakeHistory history, TimeProvider clock)
{
    // Nothing comes back of one that is there already.
    private static readonly RepeatedStatement Insert = new("""
        INSERT INTO intake_message (id, state, source, actor, message_key, content_key, facility, type, size, control_id_reused, received_at,
            updated_at, record_id, patient_hint, reason_code, reason, attempts, next_attempt_at)
        VALUES (@id, @state, @source, @actor, @messageKey, @contentKey, @facility, @type, @size,
            CASE WHEN EXISTS (SELECT 1 FROM intake_message WHERE message_key = @messageKey) THEN 1 ELSE 0 END, @now, @now,
            @recordId, @patientHint, @reasonCode, @reason, 0, 0)
        ON CONFLICT (message_key, content_key) DO NOTHING RETURNING sequence, control_id_reused
        """, ("id", DbType.String), ("state", DbType.String), ("source", DbType.String), ("actor", DbType.String), ("messageKey", DbType.Binary),
        ("contentKey", DbType.Binary), ("facility", DbType.String), ("type", DbType.String), ("size", DbType.Int64), ("now", DbType.Int64),
        ("recordId", DbType.String), ("patientHint", DbType.Int64), ("reasonCode", DbType.String), ("reason", DbType.String));

    private static readonly RepeatedStatement InsertPayload = new(
        "INSERT INTO intake_payload (message, payload) VALUES (@message, @payload)", ("message", DbType.Int64), ("payload", DbType.Binary));

    /// <summary>Writes entries in one transaction: durable, all or none, when this returns.</summary>
    public Task<List<Appended>> AppendAsync(IReadOnlyList<NewEntry> entries, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var results = new List<Appended>(entries.Count);
        foreach (var entry in entries)
        {
            results.Add(await AppendAsync(transaction, entry, now, ct));
            if (entry.ContinuedIn is not null)
                await NotePartAsync(transaction, entry, ct);
        }
        return results;
    }, ct);

    // What is there already may be forgotten between the two looks: then there is room for it.
    private async Task<Appended> AppendAsync(DbTransaction transaction, NewEntry entry, long now, CancellationToken ct)
    {
        while (true)
        {
            if (await Insert.QueryAsync(transaction, (entry, now), SetValues, row => new Row(row.GetInt64(0), entry.Id, "", row.GetInt64(1)), ct) is { } written)
            {
                await KeepAsync(transaction, written.Sequence, entry, null, ct);
                return new Appended(entry.Id, entry.State, Duplicate: false, written.Reused != 0);
            }
            if (await FindAsync(transaction, entry, ct) is { } known)
                return await KnownAsync(transaction, known, entry, ct);
        }
    }

    private static void SetValues(DbParameterCollection values, (NewEntry Entry, long Now) row)
    {
        var (entry, at) = (row.Entry, 0);
        foreach (var value in (ReadOnlySpan<object?>)
        [
            entry.Id, StateName.Of(entry.State), entry.Source, entry.State is IntakeState.Received ? entry.Actor : null, entry.MessageKey, entry.ContentKey,
            entry.Facility, entry.Type, entry.Size, row.Now, entry.RecordId, entry.PatientHint, entry.ReasonCode, entry.Reason,
        ])
            RepeatedStatement.Set(values, at++, value);
    }

    // Apart from the insert: parts are few.
    private static Task<int> NotePartAsync(DbTransaction transaction, NewEntry entry, CancellationToken ct) => transaction.Connection!.ExecuteAsync(new CommandDefinition(
        "UPDATE intake_message SET continued_in = @ContinuedIn WHERE message_key = @MessageKey AND content_key = @ContentKey",
        new { entry.ContinuedIn, entry.MessageKey, entry.ContentKey }, transaction, cancellationToken: ct));

    // Locked, where writers run side by side: staff may discard it at this moment, and the sender is told by the state that stays.
    private Task<Row?> FindAsync(DbTransaction transaction, NewEntry entry, CancellationToken ct) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition($"""
            SELECT sequence AS Sequence, id AS Id, state AS State, control_id_reused AS Reused FROM intake_message
            WHERE message_key = @MessageKey AND content_key = @ContentKey {(database.Provider is DatabaseProvider.Postgresql ? "FOR UPDATE" : "")}
            """, new { entry.MessageKey, entry.ContentKey }, transaction, cancellationToken: ct));

    private async Task<Appended> KnownAsync(DbTransaction transaction, Row known, NewEntry entry, CancellationToken ct)
    {
        if (known.State == StateName.Of(IntakeState.Discarded))
            return await ReopenAsync(transaction, known, entry, ct);
        var isTaken = entry.State is IntakeState.Received && known.State == StateName.Of(IntakeState.Quarantined) && await AcceptAsync(transaction, known, entry, ct);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE intake_message SET repetitions = repetitions + 1 WHERE sequence = @Sequence", new { known.Sequence }, transaction, cancellationToken: ct));
        return new Appended(known.Id, isTaken ? entry.State : StateName.Read(known.State), Duplicate: !isTaken, known.Reused != 0);
    }

    // What the door refused then and takes now, since a limit was raised or a rule is another: it is answered with AA, so it must go on, with the content that was
    // kept. What has a record id came further than the door, and is for staff.
    private async Task<bool> AcceptAsync(DbTransaction transaction, Row known, NewEntry entry, CancellationToken ct)
    {
        if (await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE intake_message SET state = 'received', updated_at = @now, record_id = @RecordId, patient_hint = @PatientHint, reason_code = NULL, reason = NULL,
                attempts = 0, next_attempt_at = 0
            WHERE sequence = @Sequence AND state = 'quarantined' AND record_id IS NULL
            """, new { known.Sequence, now = clock.GetUtcNow().ToUnixTimeMilliseconds(), entry.RecordId, entry.PatientHint }, transaction, cancellationToken: ct)) == 0)
            return false;
        await history.AddAsync(transaction, [known.Sequence], "received", entry.Actor, "again, after it was refused", ct);
        return true;
    }

    // What staff discarded never had an effect. Its sender insists, so it begins again: a message too many is better than one lost.
    // It does so under the new entry's id, which the content was encrypted for; whom it is about is asked anew, for nothing of it was registered.
    private async Task<Appended> ReopenAsync(DbTransaction transaction, Row known, NewEntry entry, CancellationToken ct)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE intake_message SET id = @Id, state = @State, updated_at = @now, record_id = @RecordId, patient_hint = @PatientHint, patient_id = NULL, meaning = NULL,
                reason_code = @ReasonCode, reason = @Reason, attempts = 0, next_attempt_at = 0, repetitions = repetitions + 1
            WHERE sequence = @Sequence
            """, new
        {
            known.Sequence, entry.Id, State = StateName.Of(entry.State), now = clock.GetUtcNow().ToUnixTimeMilliseconds(), entry.RecordId, entry.PatientHint, entry.ReasonCode, entry.Reason,
        }, transaction, cancellationToken: ct));
        await KeepAsync(transaction, known.Sequence, entry, $"again, after {known.Id} was discarded", ct);
        return new Appended(entry.Id, entry.State, Duplicate: false, known.Reused != 0);
    }

    // How a message came in is noted beside it, unless there is more to say.
    private async Task KeepAsync(DbTransaction transaction, long sequence, NewEntry entry, string? detail, CancellationToken ct)
    {
        await InsertPayload.ExecuteEachAsync(transaction, [entry], (values, one) =>
        {
            RepeatedStatement.Set(values, 0, sequence);
            RepeatedStatement.Set(values, 1, one.Payload);
        }, ct);
        if (detail is not null || entry.State is not IntakeState.Received)
            await history.AddAsync(transaction, [sequence], "received", entry.Actor, detail, ct);
        if (entry.State is IntakeState.Quarantined)
            await history.AddAsync(transaction, [sequence], "quarantined", IntakeHistory.Node, entry.ReasonCode, ct);
    }

    private sealed record Row(long Sequence, string Id, string State, long Reused);
}
