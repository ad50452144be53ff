using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>Which emergencies there are, and which of them wait for their review.</summary>
internal sealed class EmergencyTable(IDatabase database)
{
    private const int MostOfOneId = 500;

    /// <summary>Notes a session from a block.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="entry">The session.</param>
    /// <param name="own">MSP id of this member, whose affiliation with the patient says whether it may review.</param>
    /// <param name="ct">Stops the writing.</param>
    public static Task DeclaredAsync(DbTransaction transaction, EmergencyEntry entry, string own, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO emergency (member, emergency_id, patient_id, declared_at, reviewed, affiliation)
            VALUES (@Member, @EmergencyId, @PatientId, @at, 0, @affiliation)
            ON CONFLICT (member, emergency_id, patient_id) DO NOTHING
            """, new
        {
            entry.Emergency.Member, entry.Emergency.EmergencyId, entry.Emergency.PatientId, at = entry.DeclaredAt.ToUnixTimeMilliseconds(),
            affiliation = Encoding.UTF8.GetBytes(LedgerKey.Affiliation(entry.Emergency.PatientId, own)),
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
    public async Task<IReadOnlyList<EmergencyRef>> FindAsync(string emergencyId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<EmergencyRef>(new CommandDefinition("""
            SELECT patient_id AS PatientId, member AS Member, emergency_id AS EmergencyId FROM emergency
            WHERE emergency_id = @emergencyId ORDER BY declared_at, member LIMIT @most
            """, new { emergencyId, most = MostOfOneId }, cancellationToken: ct))];
    }

    /// <summary>
    /// What waits for its review, what waits longest first: all for a regulator, else what the member declared or whose patient it is
    /// affiliated with; of what was noted by an earlier version also some that are neither.
    /// </summary>
    /// <param name="own">MSP id of this member.</param>
    /// <param name="isRegulator">True for a regulator.</param>
    /// <param name="after">The last one that is not wanted.</param>
    /// <param name="limit">Most to return.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<IReadOnlyList<OpenEmergency>> OpenAsync(string own, bool isRegulator, OpenEmergency after, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<OpenEmergency>(new CommandDefinition("""
            SELECT declared_at AS DeclaredAt, member AS Member, emergency_id AS EmergencyId, patient_id AS PatientId FROM emergency
            WHERE reviewed = 0 AND (declared_at, member, emergency_id, patient_id) > (@DeclaredAt, @Member, @EmergencyId, @PatientId)
                AND (@all = 1 OR member = @own OR affiliation IS NULL OR EXISTS (SELECT 1 FROM replica WHERE replica.key = emergency.affiliation))
            ORDER BY declared_at, member, emergency_id, patient_id LIMIT @limit
            """, new
        {
            after.DeclaredAt, after.Member, after.EmergencyId, after.PatientId, own, all = isRegulator ? 1 : 0, limit,
        }, cancellationToken: ct))];
    }
}

/// <summary>An emergency that waits for its review, and its place among these.</summary>
internal sealed record OpenEmergency(long DeclaredAt, string Member, string EmergencyId, string PatientId);
