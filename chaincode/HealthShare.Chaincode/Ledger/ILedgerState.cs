namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// The public state to read from: a chaincode's stub, or a node's replica. The same code decides over both, which is what
/// lets a node check what endorsers decided.
/// </summary>
public interface ILedgerState
{
    /// <summary>Reads a key; null where there is none.</summary>
    Task<byte[]?> GetAsync(string key, CancellationToken ct);

    /// <summary>All keys of a kind whose first parts are given, in the order of the keys' UTF-8 bytes.</summary>
    IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, CancellationToken ct);
}
