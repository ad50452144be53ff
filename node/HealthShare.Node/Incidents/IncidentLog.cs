using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Incidents;

/// <summary>Something that a person must look at.</summary>
/// <param name="HappenedAt">When this node noticed, by its own clock.</param>
/// <param name="Code">
/// Stable code, such as <c>access.decision_not_confirmed</c>; <c>reported.</c> and a code where another member reports it, whose word
/// it is.
/// </param>
/// <param name="PatientId">Patient whom it touches; null for none.</param>
/// <param name="Subject">Id of what it is about, such as an access and a record: the same code and subject are noted once.</param>
/// <param name="Detail">Codes and ids that say more; never anyone's data.</param>
public sealed record Incident(DateTimeOffset HappenedAt, string Code, string? PatientId, string Subject, string Detail)
{
    /// <summary>What the codes of other members' reports begin with.</summary>
    public const string Reported = "reported.";
}

/// <summary>A page of incidents, newest first.</summary>
/// <param name="Incidents">The incidents.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record IncidentPage(IReadOnlyList<Incident> Incidents, string? Next);

/// <summary>Whose finding an incident is.</summary>
public enum IncidentKind
{
    /// <summary>This node's own.</summary>
    Own,

    /// <summary>Another member's, by its word.</summary>
    Reported,
}

/// <summary>Notes incidents durably and lists them.</summary>
public sealed partial class IncidentLog(IDatabase database, ILogger<IncidentLog> logger)
{
    /// <summary>Most incidents of a page.</summary>
    public const int MaxLimit = 1000;

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
        if (added == 0)
            return;
        await EventTable.AddAsync(transaction, [new NodeEvent(EventTopic.Incident, "incidentNoted", incident.HappenedAt)
        {
            PatientId = incident.PatientId, Subject = incident.Subject, Code = incident.Code,
        }], ct);
        LogIncident(incident.Code, incident.Subject, incident.Detail);
    }

    /// <summary>A page of incidents, newest first.</summary>
    /// <param name="kind">
    /// <see cref="IncidentKind.Own"/> for what this node found, <see cref="IncidentKind.Reported"/> for what other members report; null for
    /// both.
    /// </param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most incidents to return, 1 to <see cref="MaxLimit"/>.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<IncidentPage> ListAsync(IncidentKind? kind, string? cursor, int limit, CancellationToken ct)
    {
        var before = PageCursor.Parse(cursor, 1) is { } parts ? PageCursor.Number(parts[0]) : long.MaxValue;
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT id, happened_at AS HappenedAt, code, patient_id AS PatientId, subject, detail FROM incident
            WHERE id < @before AND (@any = 1 OR (code LIKE @reported) = (@wanted = 1)) ORDER BY id DESC LIMIT @limit
            """, new
        {
            before, limit = limit + 1, any = kind is null ? 1 : 0, reported = Incident.Reported + "%", wanted = kind is IncidentKind.Reported ? 1 : 0,
        }, cancellationToken: ct))).AsList();
        return new IncidentPage(
            [.. rows.Take(limit).Select(row => row.ToIncident())],
            rows.Count > limit ? PageCursor.Of(PageCursor.Number(rows[limit - 1].Id)) : null);
    }

    /// <summary>The newest incidents of one code about a patient, at most <see cref="MaxLimit"/>.</summary>
    internal async Task<IReadOnlyList<Incident>> OfPatientAsync(string code, string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT id, happened_at AS HappenedAt, code, patient_id AS PatientId, subject, detail FROM incident
            WHERE patient_id = @patientId AND code = @code ORDER BY id DESC LIMIT @limit
            """, new { patientId, code, limit = MaxLimit }, cancellationToken: ct));
        return [.. rows.Select(row => row.ToIncident())];
    }

    [LoggerMessage(3401, LogLevel.Error, "Incident {Code} about {Subject}: {Detail}")]
    private partial void LogIncident(string code, string subject, string detail);

    private sealed record Row(long Id, long HappenedAt, string Code, string? PatientId, string Subject, string Detail)
    {
        public Incident ToIncident() => new(DateTimeOffset.FromUnixTimeMilliseconds(HappenedAt), Code, PatientId, Subject, Detail);
    }
}
