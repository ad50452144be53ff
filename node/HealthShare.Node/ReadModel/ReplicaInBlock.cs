using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.ReadModel;

/// <summary>The copy as a block leaves it, seen from within the transaction that applies the block: for projections.</summary>
internal sealed class ReplicaInBlock(DbTransaction transaction) : ILedgerState
{
    /// <inheritdoc/>
    public Task<byte[]?> GetAsync(string key, CancellationToken ct) => transaction.Connection!.QuerySingleOrDefaultAsync<byte[]?>(
        new CommandDefinition("SELECT value FROM replica WHERE key = @key", new { key = Encoding.UTF8.GetBytes(key) }, transaction, cancellationToken: ct));

    /// <summary>Reads a key and parses it; null where there is none.</summary>
    public async Task<T?> GetAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class =>
        await GetAsync(key, ct) is { } json ? JsonSerializer.Deserialize(json, type) : null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        var (from, to) = Replica.RangeOf(kind, parts);
        var rows = await transaction.Connection!.QueryAsync<Row>(new CommandDefinition(
            "SELECT key, value FROM replica WHERE key >= @from AND key < @to ORDER BY key", new { from, to }, transaction, cancellationToken: ct));
        foreach (var row in rows)
            yield return new(Encoding.UTF8.GetString(row.Key), row.Value);
    }

    private sealed record Row(byte[] Key, byte[] Value);
}
