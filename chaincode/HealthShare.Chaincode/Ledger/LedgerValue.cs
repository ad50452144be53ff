using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Compares values as they stand on the ledger.</summary>
public static class LedgerValue
{
    /// <summary>True when two values are the same bytes on the ledger.</summary>
    public static bool Same<T>(T a, T b, JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(a, type).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(b, type));
}
