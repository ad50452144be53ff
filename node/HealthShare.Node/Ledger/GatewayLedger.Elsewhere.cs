using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Node.Ledger;

/// <summary>What goes through other members' peers, or is asked of them.</summary>
internal sealed partial class GatewayLedger
{
    public async Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct)
    {
        var failure = new LedgerException(LedgerStage.Endorse, "", LedgerCodes.Unavailable, "There is no other member to go through.");
        foreach (var (_, other) in others)
        {
            try
            {
                var result = await other.SubmitAsync(RequestOf(call) with { IdempotencyKey = Guid.NewGuid().ToString("N") }, ct);
                return new LedgerCommit(result.TransactionId, result.BlockNumber, result.Result);
            }
            catch (LedgerException e) when (e.ChaincodeStatus is null)
            {
                failure = e; // the next member may get through; the contract takes a repetition for the same act
            }
        }
        throw failure;
    }

    public async Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var asked = others.Prepend((identity.MspId, own)).Select(member => HasCommittedAsync(member.Item1, member.Item2, transactionId, enough.Token)).ToList();
        wanted = Math.Min(wanted, asked.Count);
        var committed = new List<string>();
        while (asked.Count > 0 && committed.Count < wanted)
        {
            var next = await Task.WhenAny(asked);
            asked.Remove(next);
            if (await next is { } mspId)
                committed.Add(mspId);
        }
        await enough.CancelAsync();
        await Task.WhenAll(asked);
        committed.Sort(StringComparer.Ordinal);
        return committed;
    }

    // A peer that is away, or that has it flagged as invalid, has not committed it; asking again is for the caller to say.
    private static async Task<string?> HasCommittedAsync(string mspId, GatewayClient peer, string transactionId, CancellationToken ct)
    {
        try
        {
            return (await peer.GetCommitStatusAsync(transactionId, ct)).Code is TxValidationCode.Valid ? mspId : null;
        }
        catch (LedgerException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
