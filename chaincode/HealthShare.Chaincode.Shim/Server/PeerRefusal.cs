namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Tells what a peer does not offer at all from what it refuses this time.</summary>
internal static class PeerRefusal
{
    // What peers say, and what it means for whoever called.
    private static readonly (string Words, string Meaning)[] Unsupported =
    [
        ("not supported for leveldb", "The peer keeps its state in LevelDB, which answers no rich queries; they need CouchDB."),
        ("history database is not enabled", "The peer keeps no history of keys."),
        ("purge private data is not enabled", "The channel lacks the application capability V2_5 that purging needs."),
    ];

    /// <summary>The exception for a call that the peer answered with an error.</summary>
    /// <param name="call">The call, such as <c>GET_QUERY_RESULT</c>.</param>
    /// <param name="reason">The peer's words.</param>
    public static Exception Of(string call, string reason)
    {
        var refused = new LedgerCallException(call, reason);
        foreach (var (words, meaning) in Unsupported)
        {
            if (reason.Contains(words, StringComparison.OrdinalIgnoreCase))
                return new ContractException(ShimCodes.LedgerUnsupported, meaning, refused);
        }
        return refused;
    }
}
