using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Node.Receipts;

namespace HealthShare.Node.Ledger;

/// <summary>
/// The node's one way to the channel. Every method throws <see cref="LedgerException"/>, which says how far things got.
/// Features use <see cref="LedgerService"/>, which reads and writes JSON.
/// </summary>
public interface ILedger
{
    /// <summary>Name of the channel.</summary>
    string Channel { get; }

    /// <summary>MSP id under which this node acts.</summary>
    string MspId { get; }

    /// <summary>How many members' peers this node knows, this member's included.</summary>
    int MembersWithPeers { get; }

    /// <summary>How the way to the channel is at this moment, as far as calls have shown.</summary>
    LedgerConnection Connection { get; }

    /// <summary>
    /// Takes one transaction from proposal to commit. What is safe to repeat is repeated with a bound: conflicts, lagging
    /// endorsers, a busy gateway; a transaction whose outcome is unknown is looked up and never sent twice on suspicion.
    /// </summary>
    Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct);

    /// <summary>
    /// The same through another member's gateway, under this member's identity: for what must not wait until this member's own
    /// peers are back. Only for transactions that the contracts take a repetition of for the same act.
    /// </summary>
    Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct);

    /// <summary>MSP ids of the members whose peers say that they have committed a transaction as valid.</summary>
    /// <param name="transactionId">The transaction.</param>
    /// <param name="wanted">How many are enough; fewer where there are not as many members with peers.</param>
    /// <param name="ct">Ends the wait; then those that have said so by then are the answer.</param>
    Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct);

    /// <summary>Asks a query of one peer.</summary>
    Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct);

    /// <summary>Follows the blocks from a number on, without a gap, over reconnections.</summary>
    IAsyncEnumerable<Block> BlocksAsync(ulong from, CancellationToken ct);

    /// <summary>
    /// Number of blocks that the channel has as far as the members' peers know: the highest that two of them report, see
    /// <see cref="ChannelHeight"/>. Where there are other members, at least one of them must answer, so that a peer cut off from
    /// the others is noticed.
    /// </summary>
    Task<ulong> HeightAsync(CancellationToken ct);

    /// <summary>Signs a claim for a receipt with this node's identity on the channel. Nothing else is ever signed but transactions.</summary>
    /// <param name="claim">What is claimed; whoever calls has checked that it is so.</param>
    /// <returns>The node's serialized identity, and the signature in DER.</returns>
    (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim);
}

/// <summary>A call of the chaincode.</summary>
/// <param name="Transaction"><c>Contract:Transaction</c>.</param>
/// <param name="Arguments">Arguments in their wire form, UTF-8.</param>
public sealed record LedgerCall(string Transaction, params IReadOnlyList<ReadOnlyMemory<byte>> Arguments)
{
    /// <summary>Data that endorsers see and no block holds; name the <see cref="Organizations"/> with it. Default none.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    /// <summary>MSP ids of those who shall endorse or answer. Default empty: the gateway chooses.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];
}

/// <summary>A transaction that is committed and valid.</summary>
/// <param name="TransactionId">Its id.</param>
/// <param name="Block">The block that holds it.</param>
/// <param name="Result">What the chaincode returned.</param>
public sealed record LedgerCommit(string TransactionId, ulong Block, ReadOnlyMemory<byte> Result);

/// <summary>A transaction that is committed and valid, with its result read.</summary>
/// <param name="TransactionId">Its id.</param>
/// <param name="Block">The block that holds it.</param>
/// <param name="Result">What the chaincode returned.</param>
public sealed record LedgerCommit<T>(string TransactionId, ulong Block, T Result);
