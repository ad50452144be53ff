using HealthShare.Fabric.Client;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Pipeline;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>
/// Tells the ledger what became of registered records. It stands in the database from the registration on, so nothing is lost by a crash, and
/// saying it again has no effect.
/// </summary>
internal sealed partial class SupersedeStage(
    LineageTable lineage, IDatabase database, IntakeHistory history, IIntakeLedger ledger, StageFailures failures, TimeProvider clock,
    ILogger<SupersedeStage> logger) : IIntakeStage
{
    private const int MostAtOnce = 100; // what one transaction carries

    public IntakeState From => IntakeState.Registered;

    public async Task<Turn> RunOnceAsync(CancellationToken ct)
    {
        var due = await lineage.DueAsync(MostAtOnce, ct);
        return due.Count == 0 ? Turn.Idle : await SayAsync(due, ct);
    }

    private async Task<Turn> SayAsync(IReadOnlyList<SupersessionTask> tasks, CancellationToken ct)
    {
        try
        {
            await ledger.SupersedeAsync([.. tasks.Select(task => task.Said)], ct);
            await EndAsync(tasks, null, ct);
            return Turn.Moved;
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            var isAboutContent = StageFailures.IsAboutContent(e);
            if (tasks.Count > 1 && isAboutContent)
                return await Batches.HalvesAsync(tasks, SayAsync, ct);
            var code = e is LedgerException ledgerFault ? ledgerFault.Code : "intake.fault";
            // What no time can heal; a record that is not found may be a peer that lags behind.
            if (tasks.Count == 1 && e is LedgerException { ChaincodeMessage: not null } && code is "arguments.invalid" or "record.relation_taken" or StageFailures.Erased)
            {
                LogRefused(tasks[0].RecordId, code);
                await EndAsync(tasks, code, ct);
                return Turn.Moved;
            }
            LogPostponed(tasks.Count, code);
            await lineage.PostponeAsync(tasks, code, clock.GetUtcNow() + failures.PauseAfter((int)Math.Min(20, tasks.Max(task => task.Attempts))), ct);
            return isAboutContent ? Turn.Moved : Turn.Held;
        }
    }

    private Task EndAsync(IReadOnlyList<SupersessionTask> tasks, string? refusal, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await LineageTable.EndAsync(transaction, tasks, refusal, ct);
        foreach (var task in tasks)
        {
            var step = refusal is not null ? "supersessionRefused" : task.ById.Length == 0 ? "withdrawn" : "superseded";
            var detail = refusal ?? (task.ById.Length == 0 ? null : $"{task.Relation.ToLowerInvariant()} {task.ById}");
            await history.AddOfRecordAsync(transaction, task.RecordId, step, IntakeHistory.Node, detail, ct);
        }
    }, ct);

    [LoggerMessage(4161, LogLevel.Warning, "{Count} supersessions wait for their next attempt: {Code}.")]
    private partial void LogPostponed(int count, string code);

    [LoggerMessage(4162, LogLevel.Error, "What became of record {RecordId} cannot be said on the ledger: {Code}.")]
    private partial void LogRefused(string recordId, string code);
}
