namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// The event of a transaction: what it changed. No more than a hint: a transaction endorsed by one member alone may carry any
/// event, so act on the public writes of valid transactions.
/// </summary>
/// <param name="Changes">What changed.</param>
public sealed record LedgerEvent(IReadOnlyList<LedgerChange> Changes)
{
    /// <summary>Name of every event of this chaincode.</summary>
    public const string Name = "healthshare.changed";
}

/// <summary>One change.</summary>
/// <param name="Kind">Kind of the key.</param>
/// <param name="Parts">Parts of the key.</param>
public sealed record LedgerChange(LedgerKind Kind, IReadOnlyList<string> Parts);
