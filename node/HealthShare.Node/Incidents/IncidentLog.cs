using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Incidents;

/// <summary>Something that a person must look at.</summary>
/// <param name="HappenedAt">When this node noticed, by its own clock.</param>
/// <param name="Code">Stable code, such as <c>access.decision_not_confirmed</c>.</param>
/// <param name="PatientId">Patient whom it touches; null for none.</param>
/// <param name="Subject">Id of what it is about, such as an access and a record: the same code and subject are noted once.</param>
/// <param name="Detail">Codes and ids that say more; never anyone's data.</param>
public sealed record Incident(DateTimeOffset HappenedAt, string Code, string? PatientId, string Subject, string Detail);

/// <summary>Notes incidents durably and lists them.</summary>
public sealed partial class IncidentLog(IDatabase database, ILogger<IncidentLog> logger)
{
    private const int MostListed = 1000;

    /// <summary>Notes an incident.</summary>
    public Task NoteAsync(Incident incident, CancellationToken ct) => database.WriteAsync(transaction => NoteAsync(incident, transaction, ct), ct);

    /// <summary>Notes an incident together with what else the transaction writes.</summary>
    public async Task NoteAsync(Incident incident, DbTransaction transaction, CancellationToken ct)
    {
        var added = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO incident (happened_at, code, patient_id, subject, detail) VALUES (@at, @Code, @PatientId, @Subject, @Detail)
            ON CONFLICT (code, subject) DO NOTHING
            """,
            new { at = incident.HappenedAt.ToUnixTimeMilliseconds(), incident.Code, incident.PatientId, incident.Subject, incident.Detail },
            transaction, cancellationToken: ct));
        if (added > 0)
            LogIncident(incident.Code, incident.Subject, incident.Detail);
    }

    /// <summary>The latest 1,000 incidents, newest first.</summary>
    public async Task<IReadOnlyList<Incident>> ListAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT happened_at AS HappenedAt, code, patient_id AS PatientId, subject, detail FROM incident ORDER BY id DESC LIMIT @limit
            """, new { limit = MostListed }, cancellationToken: ct));
        return [.. rows.Select(row => new Incident(
            DateTimeOffset.FromUnixTimeMilliseconds(row.HappenedAt), row.Code, row.PatientId, row.Subject, row.Detail))];
    }

    [LoggerMessage(3401, LogLevel.Error, "Incident {Code} about {Subject}: {Detail}")]
    private partial void LogIncident(string code, string subject, string detail);

    private sealed record Row(long HappenedAt, string Code, string? PatientId, string Subject, string Detail);
}
