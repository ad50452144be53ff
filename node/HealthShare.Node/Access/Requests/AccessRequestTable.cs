using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Log;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;

namespace HealthShare.Node.Access.Requests;

/// <summary>A request as it is kept.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PatientId">Patient.</param>
/// <param name="Purpose">Purpose of use.</param>
/// <param name="Staff">Staff id of who asked.</param>
/// <param name="Role">
/// Code of the role that it was made in; null for one from before roles were kept that was about no record, which is anybody's of that staff id.
/// </param>
/// <param name="Partial">True when not everything could be considered.</param>
/// <param name="IdempotencyKey">Key of the caller; null without one.</param>
/// <param name="ContentHash">Tells one content from another under the same key.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record StoredRequest(
    string Id, string PatientId, string Purpose, string Staff, string? Role, bool Partial, string? IdempotencyKey, byte[] ContentHash,
    DateTimeOffset CreatedAt);

/// <summary>A part of a request: what is decided together.</summary>
/// <param name="IsLocal">True for own records, decided by this node.</param>
/// <param name="Request">What is asked; its access id names the part.</param>
/// <param name="Entry">The decisions; null until there are any.</param>
internal sealed record RequestPart(bool IsLocal, RequestAccess Request, AccessEntry? Entry);

/// <summary>Access requests of this member's staff.</summary>
internal sealed class AccessRequestTable(IDatabase database, AccessEvents events)
{
    /// <summary>Keeps a request with its parts; decisions made here go to the access log in the same commit.</summary>
    /// <returns>False when the caller has used the idempotency key already; then nothing is kept.</returns>
    public Task<bool> AddAsync(StoredRequest request, IReadOnlyList<RequestPart> parts, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var added = await transaction.WriteAsync("""
            INSERT INTO access_request (id, patient_id, purpose, staff, role, partial, idempotency_key, content_hash, created_at)
            VALUES (@id, @patient, @purpose, @staff, @role, @partial, @key, @hash, @at)
            ON CONFLICT (staff, idempotency_key) DO NOTHING
            """,
            [
                ("id", request.Id), ("patient", request.PatientId), ("purpose", request.Purpose), ("staff", request.Staff),
                ("role", request.Role), ("partial", request.Partial ? 1L : 0L), ("key", request.IdempotencyKey), ("hash", request.ContentHash),
                ("at", request.CreatedAt.ToUnixTimeMilliseconds()),
            ], ct);
        if (added == 0)
            return false;
        foreach (var part in parts)
            await AddAsync(transaction, request, part, ct);
        return true;
    }, ct);

    /// <summary>A request by its id, or null.</summary>
    public Task<StoredRequest?> FindAsync(string id, CancellationToken ct) => FindAsync("id = @id", new { id }, ct);

    /// <summary>A request with its parts, for whoever made it and in the role that it was made in; null for anybody else.</summary>
    public async Task<(StoredRequest Request, IReadOnlyList<RequestPart> Parts)?> FindAsync(string id, Caller caller, CancellationToken ct) =>
        await FindAsync(id, ct) is { } request && request.Staff == caller.StaffId && (request.Role is not { } role || role == RoleCode.Of(caller.Role))
            ? (request, await PartsAsync(id, ct))
            : null;

    /// <summary>A request by its maker and idempotency key, or null.</summary>
    public Task<StoredRequest?> FindAsync(string staff, string key, CancellationToken ct) =>
        FindAsync("staff = @staff AND idempotency_key = @key", new { staff, key }, ct);

    /// <summary>The parts of a request.</summary>
    public async Task<IReadOnlyList<RequestPart>> PartsAsync(string requestId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<PartRow>(new CommandDefinition(
            "SELECT is_local AS IsLocal, request, entry FROM access_part WHERE request_id = @requestId ORDER BY access_id",
            new { requestId }, cancellationToken: ct));
        return [.. rows.Select(row => new RequestPart(row.IsLocal != 0,
            JsonSerializer.Deserialize(row.Request, LedgerJson.Default.RequestAccess)!,
            row.Entry is null ? null : JsonSerializer.Deserialize(row.Entry, LedgerJson.Default.AccessEntry)))];
    }

    /// <summary>The decisions of one part; null where there are none here.</summary>
    public async Task<AccessEntry?> EntryAsync(string accessId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var entry = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT entry FROM access_part WHERE access_id = @accessId", new { accessId }, cancellationToken: ct));
        return entry is null ? null : JsonSerializer.Deserialize(entry, LedgerJson.Default.AccessEntry);
    }

    /// <summary>Keeps what the ledger decided, as the endorsers answered; the block's own words replace it when they come.</summary>
    public Task DecidedAsync(AccessEntry entry, CancellationToken ct) => database.WriteAsync(
        transaction => DecidedAsync(transaction, entry, ct), ct);

    /// <summary>Keeps what a block says the ledger decided.</summary>
    public static Task DecidedAsync(DbTransaction transaction, AccessEntry entry, CancellationToken ct) => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("UPDATE access_part SET entry = @entry WHERE access_id = @AccessId AND is_local = 0",
            new { entry = JsonSerializer.Serialize(entry, LedgerJson.Default.AccessEntry), entry.Request.AccessId }, transaction, cancellationToken: ct));

    private async Task AddAsync(DbTransaction transaction, StoredRequest request, RequestPart part, CancellationToken ct)
    {
        await transaction.WriteAsync("""
            INSERT INTO access_part (access_id, request_id, is_local, request, entry) VALUES (@access, @id, @local, @asked, @entry)
            """,
            [
                ("access", part.Request.AccessId), ("id", request.Id), ("local", part.IsLocal ? 1L : 0L),
                ("asked", JsonSerializer.Serialize(part.Request, LedgerJson.Default.RequestAccess)),
                ("entry", part.Entry is null ? null : JsonSerializer.Serialize(part.Entry, LedgerJson.Default.AccessEntry)),
            ], ct);
        if (part is { IsLocal: true, Entry: { } decided })
            await events.RequestedAsync(transaction, AccessEventKind.Local, decided, ct);
    }

    // The condition is one of the two above, never input.
    private async Task<StoredRequest?> FindAsync(string condition, object values, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<RequestRow>(new CommandDefinition($"""
            SELECT id, patient_id AS PatientId, purpose, staff, role, partial, idempotency_key AS IdempotencyKey, content_hash AS ContentHash,
                created_at AS CreatedAt
            FROM access_request WHERE {condition}
            """, values, cancellationToken: ct));
        return row is null ? null : new StoredRequest(row.Id, row.PatientId, row.Purpose, row.Staff, row.Role, row.Partial != 0,
            row.IdempotencyKey, row.ContentHash, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt));
    }

    private sealed record PartRow(long IsLocal, string Request, string? Entry);

    private sealed record RequestRow(
        string Id, string PatientId, string Purpose, string Staff, string? Role, long Partial, string? IdempotencyKey, byte[] ContentHash, long CreatedAt);
}
