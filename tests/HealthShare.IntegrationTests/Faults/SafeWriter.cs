using HealthShare.Fabric.Client;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>Writes as a careful application does: an unknown outcome is looked up before anything is sent again.</summary>
internal static class SafeWriter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a key until that is known to be committed.</summary>
    /// <param name="client">The way to the channel.</param>
    /// <param name="key">The key, written by nobody else.</param>
    /// <param name="lookups">How often an unknown transaction is looked for, once the peer answers, before it counts as lost.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The failures on the way.</returns>
    public static async Task<IReadOnlyList<LedgerException>> PutAsync(GatewayClient client, string key, int lookups, CancellationToken ct)
    {
        var failures = new List<LedgerException>();
        while (true)
        {
            try
            {
                await client.SubmitAsync(Call("put", key, key), ct);
                return failures;
            }
            catch (LedgerException e) when (e.MayHaveCommitted)
            {
                failures.Add(e);
                if (await IsCommittedAsync(client, e.TransactionId, lookups, ct))
                    return failures;
            }
            // A peer that has just started does not know yet who could endorse beside it.
            catch (LedgerException e) when (e.IsTransient || e is { Stage: LedgerStage.Endorse, Code: LedgerCodes.NotReady })
            {
                failures.Add(e);
            }
            await Task.Delay(Pause, ct);
        }
    }

    private static async Task<bool> IsCommittedAsync(GatewayClient client, string transactionId, int lookups, CancellationToken ct)
    {
        for (var answers = 0; answers < lookups;)
        {
            try
            {
                if (await client.GetTransactionAsync(transactionId, ct) is { } found)
                    return found.Code is HealthShare.Fabric.Protocol.Peer.TxValidationCode.Valid;
                answers++;
            }
            catch (LedgerException)
            {
                // The peer is away; that says nothing of the transaction.
            }
            await Task.Delay(Pause, ct);
        }
        return false;
    }
}
