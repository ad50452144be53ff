using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Access.Requests;

/// <summary>A request of one's own, as a list shows it.</summary>
/// <param name="Id">Id of the request, <c>ac-…</c>.</param>
/// <param name="PatientId">The patient.</param>
/// <param name="Purpose">Purpose of use.</param>
/// <param name="AskedAt">When it was made.</param>
/// <param name="Partial">True when not everything could be considered then, see <see cref="AccessRequestView"/>.</param>
/// <param name="Read">Records that were read by it so far, each counted once. What it permits now the request itself says.</param>
internal sealed record OwnRequest(string Id, string PatientId, string Purpose, DateTimeOffset AskedAt, bool Partial, int Read);

/// <summary>Requests of one's own, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record OwnRequestPage(IReadOnlyList<OwnRequest> Items, string? Next);

/// <summary>What somebody asked for and read, in the role that the person has now: nothing of what was refused, nor of what another role asked for.</summary>
internal sealed class OwnRequests(IDatabase database)
{
    /// <summary>A page of a person's requests, newest first: those that the same person in the same role may see one by one.</summary>
    /// <param name="staff">Staff id.</param>
    /// <param name="role">Code of the role.</param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most requests to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<OwnRequestPage> ListAsync(string staff, string role, string? cursor, int limit, CancellationToken ct)
    {
        var (before, id) = PageCursor.Parse(cursor, 2) is [var at, var last] ? (PageCursor.Number(at), last) : (long.MaxValue, "");
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT id AS Id, patient_id AS PatientId, purpose AS Purpose, partial AS Partial, created_at AS CreatedAt FROM access_request
            WHERE staff = @staff AND (role = @role OR role IS NULL) AND (created_at < @before OR (created_at = @before AND id < @id)) ORDER BY created_at DESC, id DESC LIMIT @limit
            """, new { staff, role, before, id, limit = limit + 1 }, cancellationToken: ct))).AsList();
        var page = rows.Take(limit).ToList();
        if (page.Count == 0)
            return new OwnRequestPage([], null);
        var requests = new ValueList([.. page.Select(row => row.Id)]);
        var read = (await connection.QueryAsync<Reading>(new CommandDefinition($"""
            SELECT DISTINCT p.request_id AS RequestId, e.custodian AS Custodian, e.record_id AS RecordId
            FROM access_part p JOIN access_event e ON e.access_id = p.access_id
            WHERE e.kind = 'read' AND e.staff = @staff AND p.request_id IN {requests.Sql}
            """, requests.With(new { staff }), cancellationToken: ct))).ToLookup(reading => reading.RequestId);
        return new OwnRequestPage(
            [.. page.Select(row => new OwnRequest(row.Id, row.PatientId, row.Purpose, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
                row.Partial != 0, read[row.Id].Count()))],
            rows.Count > limit ? PageCursor.Of(PageCursor.Number(page[^1].CreatedAt), page[^1].Id) : null);
    }

    private sealed record Row(string Id, string PatientId, string Purpose, long Partial, long CreatedAt);

    private sealed record Reading(string RequestId, string Custodian, string RecordId);
}
