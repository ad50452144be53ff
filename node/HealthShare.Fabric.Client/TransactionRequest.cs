using System.Text;

namespace HealthShare.Fabric.Client;

/// <summary>What to ask of a chaincode.</summary>
/// <param name="Chaincode">Name of the chaincode in its definition on the channel.</param>
/// <param name="Function">
/// Name of the transaction, its first argument: <c>function</c>, or <c>Contract:Transaction</c> for contract classes.
/// </param>
/// <param name="Arguments">The arguments that follow; referenced, not copied.</param>
public sealed record TransactionRequest(string Chaincode, string Function, IReadOnlyList<ReadOnlyMemory<byte>> Arguments)
{
    private static readonly Dictionary<string, ReadOnlyMemory<byte>> None = [];

    /// <summary>A request whose arguments are text, sent as UTF-8.</summary>
    public TransactionRequest(string chaincode, string function, params string[] arguments)
        : this(chaincode, function, [.. arguments.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))])
    {
    }

    /// <summary>
    /// Data that every endorser sees and no block holds. Name the <see cref="Organizations"/> that may see it. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient { get; init; } = None;

    /// <summary>
    /// MSP ids of the organizations that shall endorse (of one of which a peer shall evaluate). Empty, the default, leaves
    /// the choice to the gateway.
    /// </summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];

    /// <summary>
    /// Names one act, in 1 to 256 characters: the caller's promise that the chaincode treats a repetition as the same act. Under
    /// a key the client repeats what met a conflict, remembers what it sent (see <see cref="GatewayOptions.Outcomes"/>) and
    /// answers calls with the same key with the same outcome, at the same time and later. Null, the default, never repeats.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
