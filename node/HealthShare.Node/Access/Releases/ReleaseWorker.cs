using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;
using HealthShare.Vault;

namespace HealthShare.Node.Access.Releases;

/// <summary>Gives the keys of permitted records away, as blocks bring decisions. Off while the copy of the channel is too old.</summary>
internal sealed partial class ReleaseWorker(
    ReleaseTasks tasks, ReleaseSteps steps, IReadModel readModel, TimeProvider clock, ILogger<ReleaseWorker> logger)
    : TaskListWorker<ReleaseTask>(tasks, readModel, clock, logger)
{
    private readonly IReadModel copy = readModel;

    /// <inheritdoc/>
    public override async Task<bool> RunOnceAsync(CancellationToken ct) => copy.IsFresh && await base.RunOnceAsync(ct);

    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(ReleaseTask task, CancellationToken ct)
    {
        // An old copy may not know of a revocation. Asked for each task: those before it may have taken long.
        if (!copy.IsFresh)
            return false;
        DateTimeOffset? until = null;
        try
        {
            var step = await steps.AdvanceAsync(task, ct);
            if (step.Moved)
                return true;
            until = step.Until;
        }
        // Some of it ended after the last look; the rest goes on.
        catch (LedgerException e) when (e.Code is "access.expired")
        {
            await steps.ExpiredAsync(task, e.Code, ct);
            return true;
        }
        // What a block has stopped that this copy does not have yet is found by the next look: it may be permitted again.
        catch (LedgerException e) when (e.Code is "access.denied" or "release.id_taken" or "patient.erased")
        {
            LogRefused(Log, task.ReleaseId, e.Code);
            await tasks.RefusedAsync(task.ReleaseId, e.Code, ct);
            return true;
        }
        catch (LedgerException e)
        {
            LogLater(Log, task.ReleaseId, task.State, e.Code);
        }
        catch (VaultException e)
        {
            LogLater(Log, task.ReleaseId, task.State, e.Code);
        }
        await tasks.LaterAsync(task, until, ct);
        return false;
    }

    [LoggerMessage(3731, LogLevel.Warning, "The ledger refuses release {ReleaseId}: {Code}.")]
    private static partial void LogRefused(ILogger logger, string releaseId, string code);

    [LoggerMessage(3732, LogLevel.Warning, "Release {ReleaseId}, {State}, is tried again later: {Code}.")]
    private static partial void LogLater(ILogger logger, string releaseId, string state, string code);
}
