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
        control_id_reused AS ControlIdReused, repetitions AS Repetitions, reason_code AS ReasonCode, reason AS Reason, attempts AS Attempts
        """;

    /// <summary>
    /// Messages in a state whose time has come. Those that failed before get a quarter of the room, so that neither they nor the new ones
    /// hold up the others; each kind oldest first.
    /// </summary>
    public async Task<List<IntakeMessage>> DueAsync(IntakeState state, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<IntakeMessage>(new CommandDefinition(
            $"""
            SELECT {Columns} FROM intake_message WHERE state = @state AND next_attempt_at > 0 AND next_attempt_at <= @now
            ORDER BY next_attempt_at, sequence LIMIT @limit
            """, new { state = StateName.Of(state), now = Now, limit = Math.Max(1, limit / 4) }, cancellationToken: ct))).AsList();
        rows.AddRange(await connection.QueryAsync<IntakeMessage>(new CommandDefinition(
            $"SELECT {Columns} FROM intake_message WHERE state = @state AND next_attempt_at = 0 ORDER BY sequence LIMIT @limit",
            new { state = StateName.Of(state), limit = limit - rows.Count }, cancellationToken: ct)));
        return rows;
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

    /// <summary>How many messages are on their way to the ledger; counts no further than asked.</summary>
    public async Task<long> QueuedAsync(long most, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM (SELECT 1 AS one FROM intake_message WHERE state IN ('received', 'parsed', 'stored') LIMIT @most) AS queued",
            new { most }, cancellationToken: ct));
    }

    /// <summary>Patients and meanings are known.</summary>
    public async Task ParsedAsync(DbTransaction transaction, IReadOnlyCollection<ParsedMessage> messages, CancellationToken ct)
    {
        await MoveAsync(transaction, IntakeState.Parsed, [.. messages.Select(parsed => parsed.Message)], "patient_id = @PatientId, meaning = @Meaning",
            messages.Select(parsed => new { parsed.Message.Sequence, parsed.Message.State, parsed.PatientId, parsed.Meaning, To = "parsed", Now }), ct);
    }

    /// <summary>Their keys are kept and the ciphertexts are stored.</summary>
    public Task StoredAsync(DbTransaction transaction, IReadOnlyCollection<IntakeMessage> messages, CancellationToken ct) =>
        MoveAsync(transaction, IntakeState.Stored, messages, "reason = NULL", Values(messages, IntakeState.Stored), ct);

    /// <summary>The ledger has them; the content store keeps the contents from here on.</summary>
    public async Task RegisteredAsync(DbTransaction transaction, IReadOnlyCollection<IntakeMessage> messages, CancellationToken ct)
    {
        await MoveAsync(transaction, IntakeState.Registered, messages, "meaning = NULL", Values(messages, IntakeState.Registered), ct);
        await ForgetAsync(transaction, messages.Select(message => message.Sequence), ct);
    }

    /// <summary>It cannot become a record; everything of it is kept.</summary>
    public async Task QuarantinedAsync(DbTransaction transaction, IntakeMessage message, string code, string reason, CancellationToken ct)
    {
        var values = new { message.Sequence, message.State, To = StateName.Of(IntakeState.Quarantined), Now, code, reason };
        await ChangeAsync(transaction, "reason_code = @code, reason = @reason", [values], 1, ct);
        await history.AddAsync(transaction, [message.Sequence], "quarantined", IntakeHistory.Node, code, ct);
    }

    /// <summary>A step failed for now; it is tried again at that time.</summary>
    public Task PostponeAsync(IReadOnlyCollection<IntakeMessage> messages, string code, DateTimeOffset until, CancellationToken ct) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE intake_message SET attempts = attempts + 1, next_attempt_at = @until, reason_code = @code
            WHERE sequence = @Sequence AND state = @State
            """, messages.Select(message => new { until = until.ToUnixTimeMilliseconds(), code, message.Sequence, message.State }),
            transaction, cancellationToken: ct)), ct);

    /// <summary>Lets go of contents.</summary>
    public static Task ForgetAsync(DbTransaction transaction, IEnumerable<long> messages, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM intake_payload WHERE message = @message",
            messages.Select(message => new { message }), transaction, cancellationToken: ct));

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private IEnumerable<object> Values(IEnumerable<IntakeMessage> messages, IntakeState to) =>
        messages.Select(message => new { message.Sequence, message.State, To = StateName.Of(to), Now });

    private async Task MoveAsync(
        DbTransaction transaction, IntakeState to, IReadOnlyCollection<IntakeMessage> messages, string changes, IEnumerable<object> values, CancellationToken ct)
    {
        await ChangeAsync(transaction, "reason_code = NULL, " + changes, values, messages.Count, ct);
        await history.AddAsync(transaction, messages.Select(message => message.Sequence), StateName.Of(to), IntakeHistory.Node, null, ct);
    }

    private static async Task ChangeAsync(DbTransaction transaction, string changes, IEnumerable<object> values, int expected, CancellationToken ct)
    {
        var moved = await transaction.Connection!.ExecuteAsync(new CommandDefinition($"""
            UPDATE intake_message SET state = @To, updated_at = @Now, attempts = 0, next_attempt_at = 0, {changes}
            WHERE sequence = @Sequence AND state = @State
            """, values, transaction, cancellationToken: ct));
        if (moved != expected)
            throw new InvalidOperationException("A message is not in the state any more that it was read in.");
    }
}
