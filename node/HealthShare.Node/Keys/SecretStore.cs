using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Keys;

/// <summary>The table of wrapped secrets. Nothing leaves it but by purpose and id.</summary>
internal sealed class SecretStore(IDatabase database, KeyWrapper wrapper, TimeProvider clock)
{
    private const int RewrapBatch = 500;
    private const string Insert =
        "INSERT INTO secret (purpose, id, wrapped, made_at) VALUES (@purpose, @id, @wrapped, @at) ON CONFLICT (purpose, id) DO NOTHING";

    public KeyWrapper Wrapper => wrapper;

    /// <summary>Keeps a secret unless there is one already. It is wrapped before this returns, so the caller may zero it at once.</summary>
    /// <returns>True when it was kept, false when another is there.</returns>
    public Task<bool> AddAsync(DbTransaction transaction, string purpose, string id, ReadOnlySpan<byte> secret) =>
        InsertAsync(transaction, purpose, id, wrapper.Wrap(secret, purpose, id));

    /// <summary>Keeps 32-byte keys, each unless there is one already.</summary>
    /// <returns>How many were kept.</returns>
    public Task<int> AddAsync(DbTransaction transaction, string purpose, IEnumerable<(string Id, SecretKey Key)> keys, CancellationToken ct)
    {
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return transaction.Connection!.ExecuteAsync(new CommandDefinition(Insert,
            keys.Select(key => new { purpose, id = key.Id, wrapped = wrapper.Wrap(key.Key.Bytes, purpose, key.Id), at }), transaction, cancellationToken: ct));
    }

    /// <summary>A secret's bytes, or null. The caller zeroes them.</summary>
    /// <exception cref="HealthShare.Vault.VaultException">It is damaged, or its master key is not configured.</exception>
    public async Task<byte[]?> FindAsync(DbConnection connection, string purpose, string id, CancellationToken ct)
    {
        var wrapped = await connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT wrapped FROM secret WHERE purpose = @purpose AND id = @id", new { purpose, id }, cancellationToken: ct));
        return wrapped is null ? null : wrapper.Unwrap(wrapped, purpose, id);
    }

    /// <summary>A 32-byte key, or null.</summary>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<SecretKey?> FindKeyAsync(string purpose, string id, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        if (await FindAsync(connection, purpose, id, ct) is not { } secret)
            return null;
        try
        {
            return SecretKey.From(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Wraps anew what an earlier master key wrapped, a batch in each transaction; it can be stopped and taken up again.</summary>
    /// <returns>How many secrets were wrapped anew.</returns>
    public async Task<int> RewrapAsync(CancellationToken ct)
    {
        var rewrapped = 0;
        (string Purpose, string Id) after = ("", "");
        while (true)
        {
            var batch = await RewrapAsync(after, ct);
            rewrapped += batch.Rewrapped;
            if (batch.Last is not { } last)
                return rewrapped;
            after = last;
        }
    }

    private Task<(int Rewrapped, (string, string)? Last)> RewrapAsync((string Purpose, string Id) after, CancellationToken ct) =>
        database.WriteAsync<(int, (string, string)?)>(async transaction =>
        {
            var rows = (await transaction.Connection!.QueryAsync<SecretRow>(new CommandDefinition("""
                SELECT purpose, id, wrapped FROM secret WHERE purpose > @Purpose OR (purpose = @Purpose AND id > @Id)
                ORDER BY purpose, id LIMIT @limit
                """, new { after.Purpose, after.Id, limit = RewrapBatch }, transaction, cancellationToken: ct))).AsList();
            var rewrapped = 0;
            foreach (var row in rows.Where(row => wrapper.NeedsRewrap(row.Wrapped)))
            {
                var secret = wrapper.Unwrap(row.Wrapped, row.Purpose, row.Id);
                var wrapped = wrapper.Wrap(secret, row.Purpose, row.Id);
                CryptographicOperations.ZeroMemory(secret);
                rewrapped += await transaction.Connection!.ExecuteAsync(
                    "UPDATE secret SET wrapped = @wrapped WHERE purpose = @Purpose AND id = @Id", new { wrapped, row.Purpose, row.Id }, transaction);
            }
            return (rewrapped, rows.Count < RewrapBatch ? null : (rows[^1].Purpose, rows[^1].Id));
        }, ct);

    private async Task<bool> InsertAsync(DbTransaction transaction, string purpose, string id, byte[] wrapped) =>
        await transaction.Connection!.ExecuteAsync(Insert, new { purpose, id, wrapped, at = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction) == 1;

    private sealed record SecretRow(string Purpose, string Id, byte[] Wrapped);
}
