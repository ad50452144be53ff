using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;

namespace HealthShare.Node.ReadModel;

/// <summary>
/// The node's copy of the channel's public state. The code that decides on the endorsers' side decides over it, too.
/// </summary>
public sealed class Replica(IDatabase database) : ILedgerState
{
    // No byte of UTF-8 is 255: above every key with the prefix, below every other.
    private const byte AfterAnyKey = 0xff;

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string key, CancellationToken ct) => (await FindAsync(key, ct))?.Value;

    /// <summary>Reads a key and parses it; null where there is none.</summary>
    public async Task<T?> GetAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class =>
        await GetAsync(key, ct) is { } json ? JsonSerializer.Deserialize(json, type) : null;

    /// <summary>Reads a key with the place it was written at; null where there is none.</summary>
    public async Task<ReplicaEntry?> FindAsync(string key, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT key, value, block, transaction_id AS TransactionId, seen_at AS SeenAt, first_seen_at AS FirstSeenAt FROM replica WHERE key = @key",
            new { key = Encoding.UTF8.GetBytes(key) }, cancellationToken: ct));
        return row?.ToEntry();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var entry in await EntriesAsync(kind, parts, ct))
            yield return new(entry.Key, entry.Value);
    }

    /// <summary>All values of a kind whose first parts are given, parsed, in the order of their keys.</summary>
    public async Task<List<T>> ListAsync<T>(LedgerKind kind, IReadOnlyList<string> parts, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class =>
        [.. (await EntriesAsync(kind, parts, ct)).Select(entry => JsonSerializer.Deserialize(entry.Value, type)!)];

    /// <summary>All entries of a kind whose first parts are given, in the order of their keys.</summary>
    public async Task<IReadOnlyList<ReplicaEntry>> EntriesAsync(LedgerKind kind, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var (from, to) = RangeOf(kind, parts);
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT key, value, block, transaction_id AS TransactionId, seen_at AS SeenAt, first_seen_at AS FirstSeenAt FROM replica
            WHERE key >= @from AND key < @to ORDER BY key
            """, new { from, to }, cancellationToken: ct));
        return [.. rows.Select(row => row.ToEntry())];
    }

    /// <summary>Entries of a kind whose first parts are given, what was written last first; those of one block in the order of their keys.</summary>
    /// <param name="kind">The kind: one whose order is kept.</param>
    /// <param name="patientId">The first part of their keys.</param>
    /// <param name="after">The last one that is not wanted: its block and its key; null to begin with the newest.</param>
    /// <param name="limit">Most entries to return.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<IReadOnlyList<ReplicaEntry>> NewestAsync(
        LedgerKind kind, string patientId, (ulong Block, string Key)? after, int limit, CancellationToken ct)
    {
        var list = RangeOf(kind, [patientId]).From;
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT r.key AS Key, r.value AS Value, r.block AS Block, r.transaction_id AS TransactionId, r.seen_at AS SeenAt, r.first_seen_at AS FirstSeenAt
            FROM replica_newest n JOIN replica r ON r.key = n.key
            WHERE n.list = @list AND n.block <= @block AND (n.block < @block OR n.key > @key) ORDER BY n.block DESC, n.key LIMIT @limit
            """, new { list, block = (long?)after?.Block ?? long.MaxValue, key = Encoding.UTF8.GetBytes(after?.Key ?? ""), limit }, cancellationToken: ct));
        return [.. rows.Select(row => row.ToEntry())];
    }

    /// <summary>True where there is an entry of a kind whose first parts are given.</summary>
    public async Task<bool> AnyAsync(LedgerKind kind, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var (from, to) = RangeOf(kind, parts);
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM (SELECT 1 FROM replica WHERE key >= @from AND key < @to LIMIT 1) AS found", new { from, to }, cancellationToken: ct)) > 0;
    }

    /// <summary>The keys of a kind whose first parts are given: from the first on, and before the second.</summary>
    internal static (byte[] From, byte[] To) RangeOf(LedgerKind kind, IReadOnlyList<string> parts)
    {
        var from = Encoding.UTF8.GetBytes(LedgerKey.Prefix(kind, parts));
        return (from, [.. from, AfterAnyKey]);
    }

    private sealed record Row(byte[] Key, byte[] Value, long Block, string TransactionId, long SeenAt, long FirstSeenAt)
    {
        public ReplicaEntry ToEntry() => new(Encoding.UTF8.GetString(Key), Value, (ulong)Block, TransactionId,
            DateTimeOffset.FromUnixTimeMilliseconds(SeenAt), DateTimeOffset.FromUnixTimeMilliseconds(FirstSeenAt));
    }
}

/// <summary>A value of the copy and where it comes from.</summary>
/// <param name="Key">Key in the state.</param>
/// <param name="Value">JSON.</param>
/// <param name="Block">Block that wrote it last.</param>
/// <param name="TransactionId">Transaction that wrote it last.</param>
/// <param name="SeenAt">When this node saw that block, by its own clock.</param>
/// <param name="FirstSeenAt">When it saw the block that first wrote the key, if that was not removed since.</param>
public sealed record ReplicaEntry(
    string Key, byte[] Value, ulong Block, string TransactionId, DateTimeOffset SeenAt, DateTimeOffset FirstSeenAt);
