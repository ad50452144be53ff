using System.Text;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;

namespace HealthShare.Node.Patients.Handles;

/// <summary>A code that was used at this node.</summary>
/// <param name="Id">Names the code; nobody can find the code by it.</param>
/// <param name="At">When.</param>
/// <param name="Role">What whoever used it is, such as <c>physician</c>.</param>
internal sealed record UsedHandle(string Id, DateTimeOffset At, string Role);

/// <summary>One-time codes: of those that are open only hashes, and which were used at this node.</summary>
internal sealed class HandleTable(IDatabase database, IntakeKeys keys, TimeProvider clock) : IPruned
{
    private static readonly TimeSpan UserKnownFor = TimeSpan.FromDays(365);

    /// <summary>Most uses that a patient is told of.</summary>
    public const int MostUsed = 200;

    /// <inheritdoc/>
    public string Name => "one-time codes";

    /// <summary>Takes a code up; whatever the patient had open here before is over, in both its forms.</summary>
    /// <returns>The short code for typing, which is nowhere else; null where this code was used here, or is over.</returns>
    public async Task<string?> OpenAsync(SignedHandle handle, CancellationToken ct)
    {
        var code = TypedCode.New();
        var values = new { handle.Id, handle.PatientId, hash = HashOf(code), expires = handle.Expires.ToUnixTimeMilliseconds(), now = Now };
        var added = await database.WriteAsync(async transaction =>
        {
            // Two at once take turns: on PostgreSQL neither would see the other, and both would stay open.
            if (database.Provider is DatabaseProvider.Postgresql)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))", new { name = $"handle {handle.PatientId}" }, transaction, cancellationToken: ct));
            }
            // The same one again, because its answer was lost, gets another short code.
            var taken = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO patient_handle (id, patient_id, code_hash, expires_at) VALUES (@Id, @PatientId, @hash, @expires)
                ON CONFLICT (id) DO UPDATE SET code_hash = excluded.code_hash
                WHERE patient_handle.used_at IS NULL AND patient_handle.superseded_at IS NULL
                """, values, transaction, cancellationToken: ct));
            // The row stays: a QR of which nothing is known here would count as one that is used for the first time.
            if (taken == 1)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                    UPDATE patient_handle SET superseded_at = @now, code_hash = NULL
                    WHERE patient_id = @PatientId AND id <> @Id AND used_at IS NULL AND superseded_at IS NULL
                    """, values, transaction, cancellationToken: ct));
            }
            return taken;
        }, ct);
        return added == 1 ? code : null;
    }

    /// <summary>Uses up what a short code stands for. Returns the patient; null where there is none, or it was used or is over.</summary>
    public Task<string?> UseAsync(string code, string staff, string role, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var hash = HashOf(code);
        var found = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT id AS Id, patient_id AS PatientId FROM patient_handle WHERE code_hash = @hash", new { hash }, transaction, cancellationToken: ct));
        if (found is null)
            return null;
        var used = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE patient_handle SET used_at = @now, used_by = @staff, used_role = @role, code_hash = NULL
            WHERE id = @Id AND used_at IS NULL AND superseded_at IS NULL AND expires_at > @now
            """, new { found.Id, now = Now, staff, role }, transaction, cancellationToken: ct));
        return used == 1 ? found.PatientId : null;
    }, ct);

    /// <summary>Uses up a code whose signature was checked; false where it was used here before, or a newer one ended it.</summary>
    public Task<bool> UseAsync(SignedHandle handle, string staff, string role, CancellationToken ct) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO patient_handle (id, patient_id, expires_at, used_at, used_by, used_role)
            VALUES (@Id, @PatientId, @expires, @now, @staff, @role)
            ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at, used_by = excluded.used_by, used_role = excluded.used_role, code_hash = NULL
            WHERE patient_handle.used_at IS NULL AND patient_handle.superseded_at IS NULL
            """, new { handle.Id, handle.PatientId, expires = handle.Expires.ToUnixTimeMilliseconds(), now = Now, staff, role },
            transaction, cancellationToken: ct)) == 1, ct);

    /// <summary>Uses of a patient's codes at this node, newest first, at most <see cref="MostUsed"/>.</summary>
    public async Task<IReadOnlyList<UsedHandle>> UsedAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<UsedRow>(new CommandDefinition("""
            SELECT id AS Id, used_at AS UsedAt, used_role AS Role FROM patient_handle
            WHERE patient_id = @patientId AND used_at IS NOT NULL ORDER BY used_at DESC, id LIMIT @most
            """, new { patientId, most = MostUsed }, cancellationToken: ct));
        return [.. rows.Select(row => new UsedHandle(row.Id, DateTimeOffset.FromUnixTimeMilliseconds(row.UsedAt), row.Role))];
    }

    /// <summary>Codes that nobody used go when they are over; who used one is known for a year.</summary>
    public Task<int> PruneAsync(CancellationToken ct) => database.WriteAsync(async transaction =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM patient_handle WHERE used_at IS NULL AND expires_at <= @now", new { now = Now }, transaction, cancellationToken: ct))
        + await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE patient_handle SET used_by = NULL WHERE used_at < @old AND used_by IS NOT NULL",
            new { old = (clock.GetUtcNow() - UserKnownFor).ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct)), ct);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private byte[] HashOf(string code) => keys.Hash("patient-handle", Encoding.UTF8.GetBytes(code));

    private sealed record Row(string Id, string PatientId);

    private sealed record UsedRow(string Id, long UsedAt, string Role);
}
