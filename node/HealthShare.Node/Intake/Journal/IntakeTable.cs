using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>The journal's rows. A change of state takes effect only from the state it starts at.</summary>
internal sealed class IntakeTable(IDatabase database, TimeProvider clock)
{
    private const string Columns = """
        sequence AS Sequence, id AS Id, state AS State, size AS Size, received_at AS ReceivedAt, updated_at AS UpdatedAt,
        record_id AS RecordId, patient_id AS PatientId, meaning AS Meaning,
        control_id_reused AS ControlIdReused, reason_code AS ReasonCode, reason AS Reason,
        attempts AS Attempts
        """;

    /// <summary>Writes entries in one transaction: durable, all or none, when this returns.</summary>
    public Task<List<Appended>> AppendAsync(IReadOnlyList<NewEntry> entries, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var results = new List<Appended>(entries.Count);
        foreach (var entry in entries)
            results.Add(await AppendAsync(transaction, entry, ct));
        return results;
    }, ct);

    /// <summary>Messages in a state whose time has come, oldest first.</summary>
    public async Task<List<IntakeMessage>> DueAsync(IntakeState state, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<IntakeMessage>(new CommandDefinition(
            $"SELECT {Columns} FROM intake_message WHERE state = @state AND next_attempt_at <= @now ORDER BY sequence LIMIT @limit",
            new { state = NameOf(state), now = Now, limit }, cancellationToken: ct));
        return rows.AsList();
    }

    /// <summary>One message, or null.</summary>
    public async Task<IntakeMessage?> FindAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<IntakeMessage>(new CommandDefinition(
            $"SELECT {Columns} FROM intake_message WHERE id = @id", new { id }, cancellationToken: ct));
    }

    /// <summary>The encrypted content of one message; it is loaded apart, since it may be large.</summary>
    public async Task<byte[]> PayloadAsync(string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.QuerySingleAsync<byte[]>(new CommandDefinition(
            "SELECT payload FROM intake_message WHERE id = @id", new { id }, cancellationToken: ct));
    }

    /// <summary>How many messages are in each state.</summary>
    public async Task<Dictionary<IntakeState, long>> CountAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<(string State, long Count)>(new CommandDefinition(
            "SELECT state AS State, count(*) AS Count FROM intake_message GROUP BY state", cancellationToken: ct));
        return rows.ToDictionary(row => StateOf(row.State), row => row.Count);
    }

    /// <summary>Patient and meaning are known.</summary>
    public Task ParsedAsync(DbTransaction transaction, IntakeMessage message, string patientId, byte[] meaning, CancellationToken ct) =>
        MoveAsync(transaction, message, IntakeState.Parsed, "patient_id = @patientId, meaning = @meaning, reason_code = NULL", new { patientId, meaning }, ct);

    /// <summary>Its key is kept and the ciphertext is stored.</summary>
    public Task StoredAsync(DbTransaction transaction, IntakeMessage message, CancellationToken ct) =>
        MoveAsync(transaction, message, IntakeState.Stored, "reason_code = NULL", new { }, ct);

    /// <summary>The ledger has it; the content store keeps the content from here on.</summary>
    public Task RegisteredAsync(DbTransaction transaction, IntakeMessage message, CancellationToken ct) =>
        MoveAsync(transaction, message, IntakeState.Registered, "payload = NULL, meaning = NULL, reason_code = NULL", new { }, ct);

    /// <summary>It cannot become a record; everything of it is kept.</summary>
    public Task QuarantinedAsync(DbTransaction transaction, IntakeMessage message, string code, string reason, CancellationToken ct) =>
        MoveAsync(transaction, message, IntakeState.Quarantined, "reason_code = @code, reason = @reason", new { code, reason }, ct);

    /// <summary>A step failed for now; it is tried again at that time.</summary>
    public Task PostponeAsync(IReadOnlyList<IntakeMessage> messages, string code, DateTimeOffset until, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            foreach (var message in messages)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE intake_message SET attempts = attempts + 1, next_attempt_at = @until, reason_code = @code WHERE id = @Id AND state = @State",
                    new { until = until.ToUnixTimeMilliseconds(), code, message.Id, message.State }, transaction, cancellationToken: ct));
            }
        }, ct);

    public static string NameOf(IntakeState state) => state switch
    {
        IntakeState.Received => "received",
        IntakeState.Parsed => "parsed",
        IntakeState.Stored => "stored",
        IntakeState.Registered => "registered",
        IntakeState.Quarantined => "quarantined",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state."),
    };

    public static IntakeState StateOf(string name) => Enum.GetValues<IntakeState>().Single(state => NameOf(state) == name);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Appended> AppendAsync(DbTransaction transaction, NewEntry entry, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        var values = new
        {
            entry.Id, entry.Source, entry.MessageKey, entry.ContentKey, entry.Size, entry.Payload, entry.RecordId, entry.ReasonCode, entry.Reason,
            State = NameOf(entry.State), Now,
        };
        var written = await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO intake_message (id, state, source, message_key, content_key, size, control_id_reused, received_at, updated_at,
                payload, record_id, reason_code, reason, attempts, next_attempt_at)
            SELECT @Id, @State, @Source, @MessageKey, @ContentKey, @Size,
                CASE WHEN EXISTS (SELECT 1 FROM intake_message WHERE message_key = @MessageKey) THEN 1 ELSE 0 END, @Now, @Now,
                @Payload, @RecordId, @ReasonCode, @Reason, 0, 0
            WHERE NOT EXISTS (SELECT 1 FROM intake_message WHERE message_key = @MessageKey AND content_key = @ContentKey)
            ON CONFLICT (message_key, content_key) DO NOTHING
            """, values, transaction, cancellationToken: ct));
        var row = await connection.QuerySingleAsync<(string Id, string State, long Reused)>(new CommandDefinition("""
            SELECT id AS Id, state AS State, control_id_reused AS Reused FROM intake_message
            WHERE message_key = @MessageKey AND content_key = @ContentKey
            """, values, transaction, cancellationToken: ct));
        return new Appended(row.Id, StateOf(row.State), written == 0, row.Reused != 0);
    }

    private async Task MoveAsync(
        DbTransaction transaction, IntakeMessage message, IntakeState to, string changes, object values, CancellationToken ct)
    {
        var parameters = new DynamicParameters(values);
        parameters.Add("id", message.Id);
        parameters.Add("from", message.State);
        parameters.Add("to", NameOf(to));
        parameters.Add("now", Now);
        var moved = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE intake_message SET state = @to, updated_at = @now, attempts = 0, next_attempt_at = 0, {changes} WHERE id = @id AND state = @from",
            parameters, transaction, cancellationToken: ct));
        if (moved != 1)
            throw new InvalidOperationException($"Message {message.Id} is not in state '{message.State}' any more.");
    }
}
