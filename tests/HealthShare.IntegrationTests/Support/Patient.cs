using System.Diagnostics;
using HealthShare.Fabric.Client;

namespace HealthShare.IntegrationTests.Support;

/// <summary>
/// How tests ask for what must succeed: a machine that runs several of them and their processes at once may stop any of these for a
/// while, which is no fault of what is under test.
/// </summary>
internal static class Patient
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Limits that no call comes near unless something is wrong.</summary>
    public static GatewayOptions Options { get; } = new()
    {
        EvaluateTimeout = TimeSpan.FromMinutes(2),
        EndorseTimeout = TimeSpan.FromMinutes(2),
        SubmitTimeout = TimeSpan.FromMinutes(2),
        CommitTimeout = TimeSpan.FromMinutes(4),
    };

    /// <summary>
    /// Asks until there is an answer, whatever was refused before. The first call at a peer connects it with its chaincode, for which
    /// both sides allow each other seconds only.
    /// </summary>
    public static async Task AskAsync(GatewayClient client, TransactionRequest request)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await client.EvaluateAsync(request);
                return;
            }
            catch (LedgerException) when (Stopwatch.GetElapsedTime(began) < Limit)
            {
                await Task.Delay(100);
            }
        }
    }
}
