using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Consents;

/// <summary>
/// Goes on with revocations that nobody waits for: those that were under way when this node stopped, and those whose caller is gone. To
/// send one again has no second effect.
/// </summary>
internal sealed partial class RevocationWorker(
    RevocationTasks tasks, RevocationRelay relay, IReadModel readModel, TimeProvider clock, ILogger<RevocationWorker> logger)
    : TaskListWorker<RevocationTask>(tasks, readModel, clock, logger)
{
    private readonly TimeProvider clock = clock;
    private bool isResumed;

    /// <inheritdoc/>
    public override async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        if (!isResumed)
            await tasks.ResumeAsync();
        isResumed = true;
        return await base.RunOnceAsync(ct);
    }

    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(RevocationTask task, CancellationToken ct)
    {
        if (clock.GetUtcNow() - task.BegunAt > RevocationTasks.LongestTry)
        {
            LogGivenUp(Log, task.Transaction, task.Attempts);
            await tasks.GiveUpAsync(task.Id, task.Transaction, RevocationRelay.StatementIn(task.Argument.Span), LedgerCodes.Timeout);
            return true;
        }
        try
        {
            await relay.GoOnAsync(task, ct);
            return true;
        }
        catch (LedgerException)
        {
            // The relay has said why.
        }
        await tasks.LaterAsync(task);
        return false;
    }

    [LoggerMessage(3616, LogLevel.Error, "{Transaction} did not get to the channel in {Attempts} attempts and is given up.")]
    private static partial void LogGivenUp(ILogger logger, string transaction, int attempts);
}
