using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Merges;

/// <summary>
/// Repeats this hospital's word once a merge stands complete, so that the others' time to object begins; lets the hospital's numbers follow
/// when the waiting time is over, and undoes it where a merge is stopped.
/// </summary>
internal sealed partial class MergeWorker(
    MergeTasks tasks, LedgerService ledger, IReadModel readModel, TimeProvider clock, ILogger<MergeWorker> logger)
    : TaskListWorker<MergeTask>(tasks, readModel, clock, logger)
{
    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(MergeTask task, CancellationToken ct)
    {
        if (task.State == "stopping" || task.SaidComplete ? await tasks.CarryOutAsync(task, ct) : await SayAsync(task, ct))
            return true;
        await tasks.LaterAsync(task, ct);
        return false;
    }

    private async Task<bool> SayAsync(MergeTask task, CancellationToken ct)
    {
        try
        {
            await ledger.SubmitAsync(LedgerTransactions.MergePatients, new MergePatients(task.MergeId, task.Merged, task.Surviving),
                LedgerJson.Default.MergePatients, LedgerJson.Default.MergeEntry, ct);
        }
        catch (LedgerException e) when (e.Code is "merge.objected" or "patient.erased") // no word is taken, and no hospital need object
        {
            LogNotTaken(Log, task.MergeId, e.Code);
        }
        catch (LedgerException e)
        {
            LogLater(Log, task.MergeId, e.Code);
            // The numbers follow by this node's own clock, whoever is in the way of the word.
            return task.State == "waiting" && await tasks.CarryOutAsync(task, ct);
        }
        await tasks.SaidAsync(task, ct);
        return true;
    }

    [LoggerMessage(3531, LogLevel.Information, "The merge {MergeId} takes no further word: {Code}.")]
    private static partial void LogNotTaken(ILogger logger, string mergeId, string code);

    [LoggerMessage(3532, LogLevel.Warning, "That the merge {MergeId} is complete is said again later: {Code}.")]
    private static partial void LogLater(ILogger logger, string mergeId, string code);
}
