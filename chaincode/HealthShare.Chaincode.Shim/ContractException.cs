namespace HealthShare.Chaincode.Shim;

/// <summary>
/// A rule refused the transaction. The caller gets <c>code: message</c> with status 500, and nothing is written. Both travel to
/// clients and into logs, so neither may hold private data.
/// </summary>
/// <param name="code">Stable code in lower case, such as <c>record.not_found</c>; never translated.</param>
/// <param name="message">One sentence for a person.</param>
/// <param name="inner">What caused it; stays inside the process.</param>
public sealed class ContractException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;
}

/// <summary>The peer refused a call that the chaincode made, such as a private read outside the collection.</summary>
/// <param name="call">The call, such as <c>GET_STATE</c>.</param>
/// <param name="reason">The peer's words. They can name keys, so they stay out of answers and logs.</param>
public sealed class LedgerCallException(string call, string reason) : Exception($"The peer refused {call}.")
{
    /// <summary>The call's message type.</summary>
    public string Call { get; } = call;

    /// <summary>The peer's words.</summary>
    public string Reason { get; } = reason;
}

/// <summary>Codes that the shim itself answers with.</summary>
public static class ShimCodes
{
    /// <summary>Wrong number of arguments, or one that is not what its parameter's type asks for.</summary>
    public const string ArgumentsInvalid = "arguments.invalid";

    /// <summary>No such contract or transaction.</summary>
    public const string TransactionUnknown = "transaction.unknown";

    /// <summary>A transaction marked as evaluation tried to write.</summary>
    public const string TransactionReadOnly = "transaction.read_only";

    /// <summary>The execution limit passed.</summary>
    public const string TransactionTimeout = "transaction.timeout";

    /// <summary>The service is stopping, or the peer went away.</summary>
    public const string TransactionCancelled = "transaction.cancelled";

    /// <summary>Too many transactions run at once.</summary>
    public const string TransactionOverload = "transaction.overload";

    /// <summary>The transaction failed for a reason that is not the caller's; details are in the service's log.</summary>
    public const string TransactionFailed = "transaction.failed";

    /// <summary>A key that is empty, not valid Unicode, or holds a reserved character.</summary>
    public const string KeyInvalid = "key.invalid";

    /// <summary>The peer refused a call, such as a private read outside the collection.</summary>
    public const string LedgerRefused = "ledger.refused";

    /// <summary>The peer or its channel does not offer what was called, such as rich queries on LevelDB.</summary>
    public const string LedgerUnsupported = "ledger.unsupported";

    /// <summary>A stored value is not the JSON it should be.</summary>
    public const string StateCorrupt = "state.corrupt";
}
