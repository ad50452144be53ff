using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>Which emergencies there are, and which of them wait for their review.</summary>
internal sealed class EmergencyTable(IDatabase database)
{
    /// <summary>Most emergencies that are listed.</summary>
    public const int MostListed = 500;

    /// <summary>Notes a session from a block.</summary>
    public static Task DeclaredAsync(DbTransaction transaction, EmergencyEntry entry, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO emergency (member, emergency_id, patient_id, declared_at, reviewed) VALUES (@Member, @EmergencyId, @PatientId, @at, 0)
            ON CONFLICT (member, emergency_id, patient_id) DO NOTHING
            """, new
        {
            entry.Emergency.Member, entry.Emergency.EmergencyId, entry.Emergency.PatientId, at = entry.DeclaredAt.ToUnixTimeMilliseconds(),
        }, transaction, cancellationToken: ct));

    /// <summary>Notes a review from a block.</summary>
    public static Task ReviewedAsync(DbTransaction transaction, EmergencyRef emergency, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE emergency SET reviewed = 1 WHERE member = @Member AND emergency_id = @EmergencyId AND patient_id = @PatientId
            """, emergency, transaction, cancellationToken: ct));

    /// <summary>Patients for whom a member declared an emergency since a time.</summary>
    public static async Task<IReadOnlyList<string>> PatientsAsync(
        DbTransaction transaction, string member, DateTimeOffset since, CancellationToken ct) =>
        [.. await transaction.Connection!.QueryAsync<string>(new CommandDefinition(
            "SELECT DISTINCT patient_id FROM emergency WHERE member = @member AND declared_at >= @since",
            new { member, since = since.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct))];

    /// <summary>The emergencies of an id. Ids are random: there is more than one only where somebody means harm.</summary>
    public Task<IReadOnlyList<EmergencyRef>> FindAsync(string emergencyId, CancellationToken ct) =>
        ListAsync("WHERE emergency_id = @emergencyId", new { emergencyId, most = MostListed }, ct);

    /// <summary>What waits for its review, what waits longest first.</summary>
    public Task<IReadOnlyList<EmergencyRef>> OpenAsync(CancellationToken ct) =>
        ListAsync("WHERE reviewed = 0", new { most = MostListed }, ct);

    // The condition is one of the two above, never input.
    private async Task<IReadOnlyList<EmergencyRef>> ListAsync(string condition, object values, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<EmergencyRef>(new CommandDefinition($"""
            SELECT patient_id AS PatientId, member AS Member, emergency_id AS EmergencyId FROM emergency {condition}
            ORDER BY declared_at, member LIMIT @most
            """, values, cancellationToken: ct))];
    }
}
