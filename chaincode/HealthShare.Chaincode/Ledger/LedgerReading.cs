using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Entries of the state as their types.</summary>
internal static class LedgerReading
{
    /// <summary>An entry; null where there is none.</summary>
    /// <exception cref="JsonException">What stands there is none.</exception>
    public static async Task<T?> FindAsync<T>(this ILedgerState state, string key, JsonTypeInfo<T> type, CancellationToken ct) where T : class =>
        await state.GetAsync(key, ct) is { } json ? JsonSerializer.Deserialize(json, type) : null;

    /// <summary>All entries of a kind whose keys begin with a part, read as a range.</summary>
    /// <exception cref="JsonException">One of them is none.</exception>
    public static async Task<List<T>> ListAsync<T>(
        this ILedgerState state, LedgerKind kind, string first, JsonTypeInfo<T> type, CancellationToken ct) where T : class
    {
        var values = new List<T>();
        await foreach (var (_, value) in state.ListAsync(kind, [first], ct))
            values.Add(JsonSerializer.Deserialize(value.Span, type) ?? throw new JsonException("null"));
        return values;
    }

    /// <summary>True while a hospital's word counts, see <see cref="Governance.Counts"/>.</summary>
    public static async Task<bool> StandsAsync(this Voucher voucher, ILedgerState state, CancellationToken ct) => Governance.Counts(
        await state.FindAsync(LedgerKey.Organization(voucher.Member), LedgerJson.Default.OrganizationEntry, ct), voucher.At);
}
