using System.Data.Common;
using HealthShare.Fabric.Client;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Events;

/// <summary>
/// Tells how far what a patient took back has come: with which members it is, and when it is with enough. What is not there yet when its
/// caller was answered is followed, over restarts of this node, for a day at most.
/// </summary>
internal sealed partial class RevocationProgress(
    FollowedRevocations followed, LedgerService ledger, IReadModel readModel, TimeProvider clock, ILogger<RevocationProgress> logger)
    : TaskListWorker<FollowedRevocation>(followed, readModel, clock, logger)
{
    /// <summary>How long one is followed at most; then its state is told as unknown.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private const int Enough = 2;
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2), LongestWrite = TimeSpan.FromSeconds(5);

    private readonly TimeProvider clock = clock;

    /// <summary>Tells it, and goes on telling until it is done.</summary>
    public async Task TellAsync(Statement statement, string transactionId, IReadOnlyList<string> committedBy, bool isDone)
    {
        using var patience = new CancellationTokenSource(LongestWrite);
        try
        {
            await followed.TellAsync(statement, transactionId, committedBy, isDone, patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception e) when (e is DbException or OperationCanceledException) // it is on the channel, whether or not anybody hears of it
        {
            LogNotKnown(Log, e.GetType().Name);
        }
    }

    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(FollowedRevocation task, CancellationToken ct)
    {
        var committedBy = await CommittedByAsync(task, ct);
        if (committedBy.Count >= Math.Min(Enough, ledger.MembersWithPeers))
            await followed.EndAsync(task, "done", committedBy, ct);
        else if (clock.GetUtcNow() - task.Since > Longest)
            await followed.EndAsync(task, "unknown", committedBy, ct);
        else
            await followed.LaterAsync(task, ct);
        return false; // none waits for another
    }

    private async Task<IReadOnlyList<string>> CommittedByAsync(FollowedRevocation one, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(LongestLook);
        try
        {
            return await ledger.CommittedByAsync(one.TransactionId, Enough, patience.Token);
        }
        catch (Exception e) when (e is LedgerException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogNotKnown(Log, e.GetType().Name);
            return [];
        }
    }

    [LoggerMessage(3913, LogLevel.Information, "How far a revocation has come is not known: {Kind}.")]
    private static partial void LogNotKnown(ILogger logger, string kind);
}
