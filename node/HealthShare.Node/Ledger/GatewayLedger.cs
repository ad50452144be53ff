using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Node.Receipts;

namespace HealthShare.Node.Ledger;

/// <summary>The channel through the gateways of this member's own peers. The one implementation of <see cref="ILedger"/>.</summary>
/// <param name="own">Client of this member's gateway peers.</param>
/// <param name="others">
/// Clients of other members' peers, one for each member: asked for heights and commits, and the way of what cannot wait.
/// </param>
/// <param name="identity">Who signs until a renewal; disposed with this.</param>
/// <param name="chaincode">Name of the chaincode.</param>
/// <param name="files">Where renewed certificates come from; null where none do.</param>
internal sealed partial class GatewayLedger(
    GatewayClient own, IReadOnlyList<(string MspId, GatewayClient Client)> others, SigningIdentity identity, string chaincode,
    CertificateFiles? files = null) : ILedger, IAsyncDisposable
{
    private static readonly TimeSpan PatienceWithOthers = TimeSpan.FromSeconds(3);

    private readonly List<IDisposable> loaded = [identity];
    private volatile SigningIdentity signer = identity;

    public string Channel => own.ChannelName;

    public string MspId => signer.MspId;

    public int MembersWithPeers => others.Count + 1;

    public LedgerConnection Connection => new(own.Peers, signer.Certificate.NotAfter.ToUniversalTime());

    public async Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct)
    {
        // The contracts treat a repetition as the same act, each by its own ids. A key for this call alone lets the client repeat
        // conflicts; whether a later call means the same act is for its caller to say, by those ids.
        var request = RequestOf(call) with { IdempotencyKey = Guid.NewGuid().ToString("N") };
        var result = await own.SubmitAsync(request, ct);
        return new LedgerCommit(result.TransactionId, result.BlockNumber, result.Result);
    }

    public Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct) => own.EvaluateAsync(RequestOf(call), ct);

    public IAsyncEnumerable<Block> BlocksAsync(ulong from, CancellationToken ct) => own.BlocksAsync(from, last: null, ct);

    public async Task<ulong> HeightAsync(CancellationToken ct)
    {
        var asked = others.Select(other => AskHeightAsync(other.Client, ct)).ToList();
        var mine = (await own.GetChainInfoAsync(ct)).Height;
        var answers = (await Task.WhenAll(asked)).OfType<ulong>().ToList();
        if (others.Count > 0 && answers.Count == 0)
            throw new LedgerException(LedgerStage.Evaluate, "", LedgerCodes.Unavailable, "No other member's peer answers.");
        return ChannelHeight.Agreed(mine, answers);
    }

    public (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim)
    {
        var current = signer;
        return (current.Creator.Memory, current.Sign(claim.ToBytes(current.Creator.Span)));
    }

    public async ValueTask DisposeAsync()
    {
        await own.DisposeAsync();
        foreach (var (_, other) in others)
            await other.DisposeAsync();
        loaded.ForEach(part => part.Dispose());
    }

    // One member that is away must not hold up the comparison with the others.
    private static async Task<ulong?> AskHeightAsync(GatewayClient other, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(PatienceWithOthers);
        try
        {
            return (await other.GetChainInfoAsync(patience.Token)).Height;
        }
        catch (LedgerException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private TransactionRequest RequestOf(LedgerCall call) =>
        new(chaincode, call.Transaction, call.Arguments) { Transient = call.Transient, Organizations = call.Organizations };
}
