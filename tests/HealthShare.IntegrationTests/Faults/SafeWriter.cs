using HealthShare.Fabric.Client;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>
/// Writes as a careful application does: what has an unknown outcome is asked for again under its key. The client looks it up, and
/// where no peer has it hands over the same transaction, which can count only once, however late the first copy arrives.
/// </summary>
internal static class SafeWriter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a key until that is known to be committed.</summary>
    /// <param name="client">The way to the channel.</param>
    /// <param name="key">The key, written by nobody else.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="failed">Told of each failure as it is met; null for nobody.</param>
    /// <returns>The failures on the way.</returns>
    public static async Task<IReadOnlyList<LedgerException>> PutAsync(
        GatewayClient client, string key, CancellationToken ct, Action<LedgerException>? failed = null)
    {
        var failures = new List<LedgerException>();
        while (true)
        {
            try
            {
                await client.SubmitAsync(Call("put", key, key) with { IdempotencyKey = key }, ct);
                return failures;
            }
            // A peer that has just started does not know yet who could endorse beside it.
            catch (LedgerException e) when (e.MayHaveCommitted || e.IsTransient || e is { Stage: LedgerStage.Endorse, Code: LedgerCodes.NotReady })
            {
                failures.Add(e);
                failed?.Invoke(e);
            }
            await Task.Delay(Pause, ct);
        }
    }
}
