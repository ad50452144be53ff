using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Database;

/// <summary>A write on its way into a group. Once begun it is seen through; before that it can be cancelled.</summary>
internal abstract class PendingWrite
{
    private const int Waiting = 0, Begun = 1, Cancelled = 2;
    private int state;

    /// <summary>Takes the write up; false for one that was cancelled.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref state, Begun, Waiting) == Waiting;

    /// <summary>Takes it back, unless it has begun: then its own token is what stops it.</summary>
    public void Cancel(CancellationToken ct)
    {
        if (Interlocked.CompareExchange(ref state, Cancelled, Waiting) == Waiting)
            Cancelling(ct);
    }

    /// <summary>Does the work inside a transaction.</summary>
    public abstract Task RunAsync(SqliteTransaction transaction);

    /// <summary>Tells that the work is on the disk.</summary>
    public abstract void Complete();

    /// <summary>Tells that nothing of it is there. The first word counts.</summary>
    public abstract void Fail(Exception reason);

    /// <summary>Tells that it was never begun.</summary>
    protected abstract void Cancelling(CancellationToken ct);
}

/// <summary>A write with its result.</summary>
internal sealed class PendingWrite<T>(Func<SqliteTransaction, Task<T>> work) : PendingWrite
{
    // Whatever follows a caller, such as its trace, is there while its work is done.
    private readonly ExecutionContext? context = ExecutionContext.Capture();
    private readonly TaskCompletionSource<T> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    /// <summary>Ends when the work is on the disk, or will never be.</summary>
    public Task<T> Outcome => outcome.Task;

    public override async Task RunAsync(SqliteTransaction transaction)
    {
        Task<T>? begun = null;
        try
        {
            if (context is null)
                begun = work(transaction);
            else
                ExecutionContext.Run(context, _ => begun = work(transaction), null);
            result = await begun!;
            await TransactionEnd.RunAsync(transaction, CancellationToken.None); // once begun it is seen through
        }
        finally
        {
            TransactionEnd.Forget(transaction);
        }
    }

    public override void Complete() => outcome.TrySetResult(result!);

    public override void Fail(Exception reason)
    {
        if (reason is OperationCanceledException cancelled)
            outcome.TrySetCanceled(cancelled.CancellationToken);
        else
            outcome.TrySetException(reason);
    }

    protected override void Cancelling(CancellationToken ct) => outcome.TrySetCanceled(ct);
}
