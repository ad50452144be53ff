using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access.Receipts;

/// <summary>Fetches the keys that were released to this member, as blocks bring releases.</summary>
internal sealed partial class ReceiptWorker(
    ReceiptTasks tasks, ReceiptSteps steps, IReadModel readModel, TimeProvider clock, ILogger<ReceiptWorker> logger)
    : TaskListWorker<ReceiptTask>(tasks, readModel, clock, logger)
{
    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(ReceiptTask task, CancellationToken ct)
    {
        try
        {
            await steps.ReceiveAsync(task, ct);
            return true;
        }
        catch (LedgerException e) when (e.Code is "access.expired")
        {
            await tasks.FailedAsync(task, e.Code, ct);
            return true;
        }
        catch (LedgerException e) // release.not_delivered most of the time: the envelope follows the release
        {
            LogLater(Log, task.ReleaseId, task.Custodian, e.Code);
        }
        await tasks.LaterAsync(task, ct);
        return false;
    }

    [LoggerMessage(3751, LogLevel.Information, "The envelope of release {ReleaseId} is not here yet, from {Custodian}: {Code}.")]
    private static partial void LogLater(ILogger logger, string releaseId, string custodian, string code);
}
