using System.Data.Common;
using HealthShare.Fabric.Client;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Parts;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Intake.Provenance;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Stored to registered: as many records in a transaction as have gathered, some transactions at once. While one round is on its way the
/// next one gathers, so the batches grow with the load by themselves.
/// </summary>
internal sealed partial class RegisterStage(
    IntakeTable table, IDatabase database, RecordBuilder builder, SealedRecords sealedRecords, LineageTable lineage, IIntakeLedger ledger, IntakeSignal signal, StageFailures failures,
    StageProgress progress, IntakeMetrics metrics, IOptions<IntakeOptions> options, TimeProvider clock, ILogger<RegisterStage> logger) : IIntakeStage
{
    private const int MostRecords = RecordParts.Most + 1;

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

    // What failed before in this turn may be what some of these follow.
    private async Task<Turn> RegisterInOrderAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct) =>
        await table.InOrderAsync(messages, ct) is { Count: > 0 } free ? await RegisterAsync(free, ct) : Turn.Moved;

    private async Task<Turn> RegisterAsync(List<IntakeMessage> messages, CancellationToken ct)
    {
        List<BuiltRecord> built = [];
        try
        {
            built = await builder.BuildAsync(messages, ct);
            // A message and its parts are one transaction's, which takes so many; another message's may be too many with them.
            if (messages.Count > 1 && built.Sum(one => one.Records.Count) > MostRecords)
                return await Batches.HalvesAsync(messages, RegisterInOrderAsync, ct);
            await ledger.RegisterAsync([.. built.SelectMany(one => one.Records)], ct);
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            // The chaincode refuses a batch as a whole: its halves show whose fault it is.
            if (messages.Count > 1 && StageFailures.IsAboutContent(e))
                return await Batches.HalvesAsync(messages, RegisterInOrderAsync, ct);
            if (e is not LedgerException { ChaincodeMessage: not null, Code: StageFailures.IdTaken })
                return await failures.HandleAsync(messages, e, ct);
            if (await ledger.FindRecordAsync(messages[0].PatientId!, messages[0].RecordId!, ct) is not { } registered)
            {
                // The ledger has a record that this node has not seen yet: nobody can say whose it is.
                await failures.PutOffAsync(messages, StageFailures.NotSeenYet, ct);
                return Turn.Moved;
            }
            if (await sealedRecords.FindAsync(messages[0].RecordId!, ct) is not { } sealedHere || !sealedHere.IsOf(registered))
                return await failures.HandleAsync(messages, e, ct);
            // Registered before the answer was lost, and read otherwise since: what the ledger has is the outcome.
        }
        return await NoteAsync(built, ct);
    }

    // The ledger has them: whatever fails from here on is a fault of this program, and never a message's way into quarantine.
    private async Task<Turn> NoteAsync(IReadOnlyList<BuiltRecord> built, CancellationToken ct)
    {
        try
        {
            if (await database.WriteAsync(transaction => NoteAsync(transaction, built, ct), ct) > 0)
                signal.Set(IntakeState.Registered);
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            return built.Count > 1 ? await Batches.HalvesAsync(built, NoteAsync, ct) : await failures.HoldAsync(built[0].Message, e, ct);
        }
        metrics.Moved(IntakeState.Registered, built.Count);
        metrics.RegisteredTogether(built.Count);
        LogRegistered(built.Count);
        return Turn.Moved;
    }

    // In the order in which they came: of two that say the same at the same time, the later one holds.
    private async Task<int> NoteAsync(DbTransaction transaction, IReadOnlyList<BuiltRecord> built, CancellationToken ct)
    {
        List<IntakeMessage> messages = [.. built.Select(one => one.Message)];
        await table.RegisteredAsync(transaction, messages, ct);
        await ProvenanceTable.AddAsync(transaction, messages, ct);
        return await lineage.AddAsync(transaction,
            [.. built.Where(one => one.Lineage is not null).OrderBy(one => one.Message.Sequence).Select(one => (one.Message, one.Lineage!))], ct);
    }

    [LoggerMessage(4131, LogLevel.Debug, "{Count} records are on the ledger.")]
    private partial void LogRegistered(int count);
}
