using System.Data.Common;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Database;

namespace HealthShare.Node.Access.Log;

/// <summary>What the access log knows.</summary>
internal enum AccessEventKind
{
    /// <summary>A request on the channel, of any member.</summary>
    Ledger,

    /// <summary>A request for own records, decided by this node.</summary>
    Local,

    /// <summary>A content given out by this node.</summary>
    Read,

    /// <summary>An emergency on the channel, of any member; the access id is the emergency's.</summary>
    Emergency,

    /// <summary>Its review; the custodian is the member that declared it.</summary>
    Review,
}

/// <summary>An event as it is kept.</summary>
internal sealed record AccessEvent(
    long Seq, AccessEventKind Kind, DateTimeOffset At, string Requester, string AccessId, string? Custodian, string? RecordId, string? Staff);

/// <summary>The table behind the access log. Events are only ever added.</summary>
internal sealed class AccessEvents(IDatabase database)
{
    /// <summary>Notes a request and its decisions, in the transaction that makes them count.</summary>
    public async Task RequestedAsync(DbTransaction transaction, AccessEventKind kind, AccessEntry entry, CancellationToken ct) =>
        await AddAsync(transaction, entry.Request.PatientId,
            new AccessEvent(0, kind, entry.RequestedAt, entry.Requester, entry.Request.AccessId, null, null, entry.Request.Staff), ct);

    /// <summary>Notes an emergency.</summary>
    public static Task DeclaredAsync(DbTransaction transaction, EmergencyEntry entry, CancellationToken ct) =>
        AddAsync(transaction, entry.Emergency.PatientId, new AccessEvent(
            0, AccessEventKind.Emergency, entry.DeclaredAt, entry.Emergency.Member, entry.Emergency.EmergencyId, null, null, null), ct);

    /// <summary>Notes the review of an emergency.</summary>
    public static Task ReviewedAsync(DbTransaction transaction, ReviewEntry entry, CancellationToken ct) =>
        AddAsync(transaction, entry.Review.Emergency.PatientId, new AccessEvent(0, AccessEventKind.Review, entry.ReviewedAt, entry.Reviewer,
            entry.Review.Emergency.EmergencyId, entry.Review.Emergency.Member, null, entry.Review.Staff), ct);

    /// <summary>Notes that a content is about to be given out; durable when this returns.</summary>
    public Task ReadAsync(StandingRecord record, string reader, DateTimeOffset at, CancellationToken ct) => database.WriteAsync(
        transaction => AddAsync(transaction, record.Request.PatientId, new AccessEvent(
            0, AccessEventKind.Read, at, reader, record.AccessId, record.Record.Custodian, record.Record.Record.RecordId, record.Request.Staff), ct), ct);

    /// <summary>A patient's events, newest first.</summary>
    /// <param name="patientId">The patient.</param>
    /// <param name="before">Only events noted before this one; <see cref="long.MaxValue"/> for all.</param>
    /// <param name="limit">Most events to return.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<IReadOnlyList<AccessEvent>> ListAsync(string patientId, long before, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT seq, kind, happened_at AS HappenedAt, requester, access_id AS AccessId, custodian, record_id AS RecordId, staff
            FROM access_event WHERE patient_id = @patientId AND seq < @before ORDER BY seq DESC LIMIT @limit
            """, new { patientId, before, limit }, cancellationToken: ct));
        return [.. rows.Select(row => new AccessEvent(row.Seq, Enum.Parse<AccessEventKind>(row.Kind, ignoreCase: true),
            DateTimeOffset.FromUnixTimeMilliseconds(row.HappenedAt), row.Requester, row.AccessId, row.Custodian, row.RecordId, row.Staff))];
    }

    private static Task<int> AddAsync(DbTransaction transaction, string patientId, AccessEvent added, CancellationToken ct) =>
        transaction.WriteAsync("""
            INSERT INTO access_event (patient_id, happened_at, kind, requester, access_id, custodian, record_id, staff)
            VALUES (@patient, @at, @kind, @requester, @access, @custodian, @record, @staff)
            """,
            [
                ("patient", patientId), ("at", added.At.ToUnixTimeMilliseconds()), ("kind", added.Kind.ToString().ToLowerInvariant()),
                ("requester", added.Requester), ("access", added.AccessId), ("custodian", added.Custodian), ("record", added.RecordId),
                ("staff", added.Staff),
            ], ct);

    private sealed record Row(
        long Seq, string Kind, long HappenedAt, string Requester, string AccessId, string? Custodian, string? RecordId, string? Staff);
}
