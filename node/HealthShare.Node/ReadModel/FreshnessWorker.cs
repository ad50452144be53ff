using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.ReadModel;

/// <summary>Compares the copy's height with the members' own, so that a copy left behind is noticed.</summary>
internal sealed partial class FreshnessWorker(
    ILedger ledger, ReadModelState state, IOptions<ReadModelOptions> options, TimeProvider clock, ILogger<FreshnessWorker> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // The moment before the question: what is answered was true then or later.
            var (asked, timestamp) = (clock.GetUtcNow(), clock.GetTimestamp());
            try
            {
                var highest = await ledger.HeightAsync(stoppingToken);
                if (highest > 0 && state.Height < highest)
                    await WaitAsync(highest - 1, stoppingToken);
                state.Compared(highest, asked, timestamp);
            }
            catch (LedgerException e)
            {
                LogCannotCompare(e.Code);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
            {
                LogBehind(state.Height);
            }
            await Task.Delay(options.Value.CompareEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A block may be on its way just now; being one block behind for a moment is no lag.
    private async Task WaitAsync(ulong block, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Value.CompareEvery);
        await state.WaitForAsync(block, patience.Token);
    }

    [LoggerMessage(3211, LogLevel.Warning, "The members' heights cannot be compared: {Code}.")]
    private partial void LogCannotCompare(string code);

    [LoggerMessage(3212, LogLevel.Warning, "The copy of the channel lags behind; it has {Height} blocks.")]
    private partial void LogBehind(ulong height);
}
