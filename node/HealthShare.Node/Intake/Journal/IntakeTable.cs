using System.Data;
using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>The journal's rows as the pipeline changes them. A change of state takes effect only from the state it starts at.</summary>
internal sealed class IntakeTable(IDatabase database, IntakeHistory history, TimeProvider clock)
{
    public const string Columns = """
        sequence AS Sequence, id AS Id, state AS State, source AS Source, facility AS Facility, type AS Type, size AS Size,
        received_at AS ReceivedAt, updated_at AS UpdatedAt, record_id AS RecordId, patient_id AS PatientId, meaning AS Meaning,
        control_id_reused AS ControlIdReused, repetitions AS Repetitions, reason_code AS ReasonCode, reason AS Reason, attempts AS Attempts,
        patient_hint AS PatientHint, next_attempt_at AS NextAttemptAt
        """;

    /// <summary>Messages that are neither on the ledger nor put aside. States stand in the text of queries, in these words: their indexes are partial ones.</summary>
    public const string OnTheirWay = "(state = 'received' OR state = 'parsed' OR state = 'stored')";

    private const long WeekBefore = 7 * 24 * 60 * 60 * 1000;

    private static readonly RepeatedStatement Parsed = new("""
        UPDATE intake_message SET state = 'parsed', updated_at = @now, parsed_at = @now, attempts = 0, next_attempt_at = 0, reason_code = NULL,
            patient_id = @patientId, meaning = @meaning
        WHERE sequence = @sequence AND state = @state
        """, ("now", DbType.Int64), ("patientId", DbType.String), ("meaning", DbType.Binary), ("sequence", DbType.Int64), ("state", DbType.String));

    /// <summary>
    /// Messages in a state whose time has come, by their age. Those that failed before get a quarter of the room at most while there are others, so that neither
    /// they nor the new ones hold up the others. What follows a message of the same patient that waits for its next attempt, here or further back,
    /// waits with it, and others are taken in its place: none are returned only where none may go.
    /// </summary>
    public async Task<List<IntakeMessage>> DueAsync(IntakeState state, int limit, CancellationToken ct)
    {
        while (true)
        {
            var due = await ReadDueAsync(state, limit, ct);
            var (free, changed) = await LineUpAsync(due, ct);
            if (free.Count > 0 || !changed)
                return free;
        }
    }

    /// <summary>Those of a batch, all in one state, that follow none which waits; the others wait with what they follow.</summary>
    public async Task<List<IntakeMessage>> InOrderAsync(IReadOnlyCollection<IntakeMessage> batch, CancellationToken ct) => (await LineUpAsync(batch, ct)).Free;

    // Nothing changes where all of them follow what is due itself, in an earlier state.
    private async Task<(List<IntakeMessage> Free, bool Changed)> LineUpAsync(IReadOnlyCollection<IntakeMessage> batch, CancellationToken ct)
    {
        Dictionary<long, long> behind;
        await using (var connection = await database.OpenAsync(ct))
            behind = await WaitingLine.BehindAsync(connection, batch, ct);
        var later = batch.Where(message => behind.TryGetValue(message.Sequence, out var until) && until > message.NextAttemptAt).ToList();
        if (later.Count > 0)
        {
            await database.WriteAsync(async transaction =>
            {
                foreach (var same in later.GroupBy(message => (Until: behind[message.Sequence], message.State), message => message.Sequence))
                {
                    await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                        $"UPDATE intake_message SET next_attempt_at = @Until WHERE state = @State AND sequence IN ({List(same)})",
                        new { same.Key.Until, same.Key.State }, transaction, cancellationToken: ct));
                }
                await WaitingLine.EnterAsync(transaction, later, ct);
            }, ct);
        }
        return ([.. batch.Where(message => !behind.ContainsKey(message.Sequence))], later.Count > 0);
    }

    private async Task<List<IntakeMessage>> ReadDueAsync(IntakeState state, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var again = Math.Max(1, limit / 4);
        var rows = await ReadAsync("next_attempt_at > 0 AND next_attempt_at <= @now", "next_attempt_at, sequence", again, 0);
        rows.AddRange(await ReadAsync("next_attempt_at = 0", "sequence", limit - rows.Count, 0));
        if (rows.Count < limit && rows.Count(row => row.NextAttemptAt > 0) == again)
            rows.AddRange(await ReadAsync("next_attempt_at > 0 AND next_attempt_at <= @now", "next_attempt_at, sequence", limit - rows.Count, again));
        return [.. rows.OrderBy(row => row.Sequence)];

        async Task<List<IntakeMessage>> ReadAsync(string due, string order, int most, int without) =>
            (await connection.QueryAsync<IntakeMessage>(new CommandDefinition(
                $"SELECT {Columns} FROM intake_message WHERE state = '{StateName.Of(state)}' AND {due} ORDER BY {order} LIMIT @most OFFSET @without",
                new { now = Now, most, without }, cancellationToken: ct))).AsList();
    }

    /// <summary>One message, or null.</summary>
    public async Task<IntakeMessage?> FindAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<IntakeMessage>(new CommandDefinition(
            $"SELECT {Columns} FROM intake_message WHERE id = @id", new { id }, cancellationToken: ct));
    }

    /// <summary>The encrypted contents of messages, in their order; they are loaded apart, since they may be large.</summary>
    public async Task<List<byte[]>> PayloadsAsync(IEnumerable<IntakeMessage> messages, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var payloads = await connection.QueryEachAsync(null, "SELECT payload FROM intake_payload WHERE message = @value",
            messages.Select(message => message.Sequence), row => row.GetFieldValue<byte[]>(0), ct);
        return [.. payloads.Select(payload => payload ?? throw new InvalidOperationException("A message on its way has no content."))];
    }

    /// <summary>
    /// Whether a part is continued in a message of that name, for each (<see cref="NewEntry.ContinuedIn"/>): one that came in no longer than a week before the
    /// message did for the first time. Whoever sends counts anew some day, and a part that is no true one must not shut others out for ever.
    /// </summary>
    public async Task<List<bool>> AreContinuedAsync(IReadOnlyCollection<MaybeRest> messages, CancellationToken ct)
    {
        if (messages.Count == 0)
            return [];
        await using var connection = await database.OpenAsync(ct);
        var parts = await connection.QueryEachAsync(null, "SELECT received_at FROM intake_message WHERE continued_in = @value ORDER BY received_at DESC LIMIT 1",
            messages.Select(message => message.Name), row => new Received(row.GetInt64(0)), ct);
        var are = new List<bool>(parts.Count);
        foreach (var (message, part) in messages.Zip(parts))
            are.Add(part is not null && (part.At >= Now - WeekBefore || (await FirstAsync(message) is { } first && part.At >= first - WeekBefore)));
        return are;

        Task<long?> FirstAsync(MaybeRest message) => connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT received_at FROM intake_message WHERE message_key = @MessageKey AND content_key = @ContentKey",
            new { message.MessageKey, message.ContentKey }, cancellationToken: ct));
    }

    /// <summary>Whether the journal remembers a message.</summary>
    public async Task<bool> IsKnownAsync(byte[] messageKey, byte[] contentKey, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM intake_message WHERE message_key = @messageKey AND content_key = @contentKey",
            new { messageKey, contentKey }, cancellationToken: ct)) > 0;
    }

    /// <summary>How many messages are on their way to the ledger; counts no further than asked.</summary>
    public async Task<long> QueuedAsync(long most, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            $"SELECT count(*) FROM (SELECT 1 AS one FROM intake_message WHERE {OnTheirWay} LIMIT @most) AS queued",
            new { most }, cancellationToken: ct));
    }

    /// <summary>How long the oldest message that is on its way has been so, and how many are put aside.</summary>
    public async Task<(TimeSpan Oldest, long Quarantined)> DelayAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        // Of those that never failed the first is found by the index, however many wait; those that did are read through.
        var first = string.Join(", ", ((string[])["received", "parsed", "stored"]).Select(state => $"""
            (SELECT sequence FROM intake_message WHERE state = '{state}' AND next_attempt_at = 0 ORDER BY sequence LIMIT 1),
            (SELECT min(sequence) FROM intake_message WHERE state = '{state}' AND next_attempt_at > 0)
            """));
        var since = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            $"SELECT min(received_at) FROM intake_message WHERE sequence IN ({first})", cancellationToken: ct));
        return (TimeSpan.FromMilliseconds(since is { } at ? Math.Max(0, Now - at) : 0), await CountQuarantinedAsync(connection, ct));
    }

    /// <summary>How many are put aside.</summary>
    public async Task<long> CountQuarantinedAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await CountQuarantinedAsync(connection, ct);
    }

    private static Task<long> CountQuarantinedAsync(DbConnection connection, CancellationToken ct) => connection.ExecuteScalarAsync<long>(
        new CommandDefinition("SELECT count(*) FROM intake_message WHERE state = 'quarantined'", cancellationToken: ct));

    /// <summary>Patients and meanings are known.</summary>
    public async Task ParsedAsync(DbTransaction transaction, IReadOnlyCollection<ParsedMessage> messages, CancellationToken ct)
    {
        var now = Now;
        Require(messages.Count, await Parsed.ExecuteEachAsync(transaction, messages, (values, parsed) =>
        {
            RepeatedStatement.Set(values, 0, now);
            RepeatedStatement.Set(values, 1, parsed.PatientId);
            RepeatedStatement.Set(values, 2, parsed.Meaning);
            RepeatedStatement.Set(values, 3, parsed.Message.Sequence);
            RepeatedStatement.Set(values, 4, parsed.Message.State);
        }, ct));
        await WaitingLine.LeaveAsync(transaction, messages.Select(parsed => parsed.Message), ct);
    }

    /// <summary>Their keys are kept and the ciphertexts are stored.</summary>
    public Task StoredAsync(DbTransaction transaction, IReadOnlyCollection<IntakeMessage> messages, CancellationToken ct) =>
        MoveAsync(transaction, messages, "state = 'stored', stored_at = @Now, reason = NULL", ct);

    /// <summary>The ledger has them; the content store keeps the contents from here on.</summary>
    public async Task RegisteredAsync(DbTransaction transaction, IReadOnlyCollection<IntakeMessage> messages, CancellationToken ct)
    {
        await MoveAsync(transaction, messages, "state = 'registered', registered_at = @Now, meaning = NULL", ct);
        await ForgetAsync(transaction, messages.Select(message => message.Sequence), ct);
    }

    /// <summary>It cannot become a record; everything of it is kept.</summary>
    /// <param name="transaction">The transaction that puts it aside.</param>
    /// <param name="message">The message.</param>
    /// <param name="code">Why, as a stable code.</param>
    /// <param name="reason">The same in words, without content.</param>
    /// <param name="ct">Stops the work.</param>
    /// <param name="isForDoor">It is refused for what the door looks at, and came no further: a repetition that the door takes leads it out again.</param>
    public async Task QuarantinedAsync(
        DbTransaction transaction, IntakeMessage message, string code, string reason, CancellationToken ct, bool isForDoor = false)
    {
        Require(1, await transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
            UPDATE intake_message SET state = 'quarantined', updated_at = @Now, attempts = 0, next_attempt_at = 0, reason_code = @code, reason = @reason
                {(isForDoor ? ", record_id = NULL" : "")}
            WHERE sequence = @Sequence AND state = @State
            """, new { message.Sequence, message.State, Now, code, reason }, transaction, cancellationToken: ct)));
        await WaitingLine.LeaveAsync(transaction, [message], ct);
        await IntakeHistory.KeepAsync(transaction, message.Sequence, ct);
        await history.AddAsync(transaction, [message.Sequence], "quarantined", IntakeHistory.Node, code, ct);
    }

    /// <summary>A step failed for now; it is tried again at that time, and what follows these messages stays behind them.</summary>
    public Task PostponeAsync(IReadOnlyCollection<IntakeMessage> messages, string code, DateTimeOffset until, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            await PutOffAsync(transaction, messages, code, until, ct);
            await WaitingLine.EnterAsync(transaction, messages, ct);
        }, ct);

    /// <summary>The ledger has it, only that is not noted yet: it is tried again at that time, and nobody has to stay behind it.</summary>
    public Task PostponeNoteAsync(IntakeMessage message, string code, DateTimeOffset until, CancellationToken ct) =>
        database.WriteAsync(transaction => PutOffAsync(transaction, [message], code, until, ct), ct);

    /// <summary>Lets go of contents.</summary>
    public static Task ForgetAsync(DbTransaction transaction, IEnumerable<long> messages, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"DELETE FROM intake_payload WHERE message IN ({List(messages)})", transaction: transaction, cancellationToken: ct));

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    // One statement for all of them, however they came to be due together.
    private async Task MoveAsync(DbTransaction transaction, IReadOnlyCollection<IntakeMessage> messages, string changes, CancellationToken ct)
    {
        foreach (var same in messages.GroupBy(message => message.State, message => message.Sequence, StringComparer.Ordinal))
        {
            Require(same.Count(), await transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
                UPDATE intake_message SET updated_at = @Now, attempts = 0, next_attempt_at = 0, reason_code = NULL, {changes}
                WHERE state = @state AND sequence IN ({List(same)})
                """, new { Now, state = same.Key }, transaction, cancellationToken: ct)));
        }
        await WaitingLine.LeaveAsync(transaction, messages, ct);
    }

    private static async Task PutOffAsync(DbTransaction transaction, IReadOnlyCollection<IntakeMessage> messages, string code, DateTimeOffset until, CancellationToken ct)
    {
        foreach (var same in messages.GroupBy(message => message.State, message => message.Sequence, StringComparer.Ordinal))
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
                UPDATE intake_message SET attempts = attempts + 1, next_attempt_at = @until, reason_code = @code
                WHERE state = @state AND sequence IN ({List(same)})
                """, new { until = until.ToUnixTimeMilliseconds(), code, state = same.Key }, transaction, cancellationToken: ct));
        }
    }

    private static string List(IEnumerable<long> numbers) => string.Join(',', numbers);

    private static void Require(int expected, int moved)
    {
        if (moved != expected)
            throw new InvalidOperationException("A message is not in the state any more that it was read in.");
    }

    private sealed record Received(long At);
}
