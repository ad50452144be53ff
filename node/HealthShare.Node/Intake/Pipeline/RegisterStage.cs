using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Stored to registered: as many records in a transaction as have gathered, some transactions at once. While one round is on its way the
/// next one gathers, so the batches grow with the load by themselves.
/// </summary>
internal sealed partial class RegisterStage(
    IntakeTable table, IDatabase database, RecordBuilder builder, IIntakeLedger ledger, IntakeSignal signal, StageFailures failures,
    StageProgress progress, IntakeMetrics metrics, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<RegisterStage> logger) : IIntakeStage
{
    public IntakeState From => IntakeState.Stored;

    public async Task<Turn> RunOnceAsync(CancellationToken ct)
    {
        var (size, atOnce) = (options.Value.RecordsPerTransaction, options.Value.TransactionsAtOnce);
        var due = await table.DueAsync(From, size * atOnce, ct);
        while (due.Count > 0 && due.Count < size && progress.MoreMayCome && LeftToGather(due) is var wait && wait > TimeSpan.Zero)
        {
            await signal.WaitAsync(From, wait, clock, ct);
            due = await table.DueAsync(From, size * atOnce, ct);
        }
        if (due.Count == 0)
            return Turn.Idle;
        var turns = await Task.WhenAll(Batches.ByPatient(due, size, atOnce).Select(batch => RegisterAsync(batch, ct)));
        return turns.Contains(Turn.Moved) ? Turn.Moved : Turn.Held;
    }

    // Whatever the clock does, nobody waits longer than the setting says.
    private TimeSpan LeftToGather(List<IntakeMessage> due)
    {
        var longest = options.Value.LongestGathering;
        var waited = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(due.Min(message => message.UpdatedAt));
        return waited < TimeSpan.Zero ? TimeSpan.Zero : longest - waited;
    }

    private async Task<Turn> RegisterAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        try
        {
            await ledger.RegisterAsync(await builder.BuildAsync(messages, ct), ct);
            await database.WriteAsync(transaction => table.RegisteredAsync(transaction, messages, ct), ct);
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            // The chaincode refuses a batch as a whole: its halves show whose fault it is.
            return messages.Count > 1 && StageFailures.IsAboutContent(e)
                ? await Batches.HalvesAsync(messages, RegisterAsync, ct)
                : await failures.HandleAsync(messages, e, ct);
        }
        metrics.Moved(IntakeState.Registered, messages.Count);
        metrics.RegisteredTogether(messages.Count);
        LogRegistered(messages.Count);
        return Turn.Moved;
    }

    [LoggerMessage(4131, LogLevel.Debug, "{Count} records are on the ledger.")]
    private partial void LogRegistered(int count);
}
