using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Node.Ledger;

/// <summary>What goes through other members' peers, or is asked of them.</summary>
internal sealed partial class GatewayLedger
{
    // All at once: one that stalls takes no time from the next, and the contract takes what arrives twice for the same act.
    public async Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var tried = others.Select(other => SubmitThroughAsync(other.Client, RequestOf(call), enough.Token)).ToList();
        var failure = new LedgerException(LedgerStage.Endorse, "", LedgerCodes.Unavailable, "There is no other member to go through.");
        while (tried.Count > 0)
        {
            var next = await Task.WhenAny(tried);
            tried.Remove(next);
            try
            {
                var commit = await next;
                await enough.CancelAsync();
                await ((Task)Task.WhenAll(tried)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return commit;
            }
            catch (LedgerException e)
            {
                failure = failure.ChaincodeStatus is null ? e : failure; // that the contract refuses says more than that one is away
            }
        }
        throw failure;
    }

    private static async Task<LedgerCommit> SubmitThroughAsync(GatewayClient other, TransactionRequest request, CancellationToken ct)
    {
        var result = await other.SubmitAsync(request with { IdempotencyKey = Guid.NewGuid().ToString("N") }, ct);
        return new LedgerCommit(result.TransactionId, result.BlockNumber, result.Result);
    }

    public async Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var asked = others.Prepend((MspId, own)).Select(member => HasCommittedAsync(member.Item1, member.Item2, transactionId, enough.Token)).ToList();
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
