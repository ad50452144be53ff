using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.Ordering;

/// <summary>
/// Puts transactions in order and has them committed: one queue, one writer. While the ledger cannot be written, as on a full
/// disk, it keeps what it took, takes nothing new, and tries again until it can go on. Any other fault is one of this code, which
/// trying again would not mend: ordering ends for good.
/// </summary>
internal sealed partial class Orderer : IAsyncDisposable
{
    private const int QueueLength = 10_000;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);
    private readonly Channel<Item> queue = System.Threading.Channels.Channel.CreateBounded<Item>(QueueLength);
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource closing = new();
    private readonly BlockCutter cutter;
    private readonly Action<IReadOnlyList<OrderedTransaction>> commit;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task writer;
    private readonly TaskCompletionSource<Exception> fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Exception? failure;

    public Orderer(BatchOptions batch, Action<IReadOnlyList<OrderedTransaction>> commit, TimeProvider time, ILogger logger)
    {
        cutter = new BlockCutter(batch);
        (this.commit, timeout, this.time, this.logger) = (commit, batch.Timeout, time, logger);
        writer = Task.Run(RunAsync);
    }

    /// <summary>Why nothing can be committed at the moment; null while all is well.</summary>
    public Exception? Failure => failure;

    /// <summary>Cancelled when ordering has ended, at shutdown or by a fault: what is not committed yet will not be.</summary>
    public CancellationToken Ended => stopping.Token;

    /// <summary>Completes when ordering has ended by a fault that is not the disk's, and with it.</summary>
    public Task<Exception> Fault => fault.Task;

    /// <summary>Takes a transaction; waits while the queue is full.</summary>
    /// <returns>Why it was not taken, for whoever sent it; null where it was.</returns>
    public async Task<string?> AddAsync(OrderedTransaction transaction, CancellationToken ct)
    {
        if (failure is { } reason)
            return $"the ledger takes no transactions at the moment: {StorageFault.Describe(reason)}";
        return await TryEnqueueAsync(new Item(transaction, null), ct) ? null : "ordering has stopped";
    }

    /// <summary>Runs something between two blocks, when all that was taken before is committed.</summary>
    /// <exception cref="InvalidOperationException">Ordering has ended.</exception>
    /// <exception cref="IOException">Nothing can be committed at the moment, so nobody could say how long this would wait.</exception>
    public async Task RunBetweenBlocksAsync(Action work, CancellationToken ct)
    {
        if (failure is { } reason)
            throw new IOException($"The ledger takes no changes at the moment: {StorageFault.Describe(reason)}.", reason);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var item = new Item(default, () =>
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        if (!await TryEnqueueAsync(item, ct))
            throw new InvalidOperationException("Ordering has stopped.");
        // Once begun it is not given up: the caller must know what became of it.
        if (await Task.WhenAny(done.Task, fault.Task) == fault.Task && !done.Task.IsCompleted)
            throw new InvalidOperationException("Ordering has ended by an unexpected fault.", await fault.Task);
        await done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await closing.CancelAsync();
        await writer;
        closing.Dispose();
        stopping.Dispose();
    }

    private async Task<bool> TryEnqueueAsync(Item item, CancellationToken ct)
    {
        try
        {
            await queue.Writer.WriteAsync(item, ct);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await OrderAsync();
        }
        catch (Exception e)
        {
            failure = e;
            LogFault(e);
            queue.Writer.TryComplete();
            fault.SetResult(e);
        }
        await stopping.CancelAsync();
    }

    private async Task OrderAsync()
    {
        Task? due = null;
        while (true)
        {
            var more = queue.Reader.WaitToReadAsync().AsTask();
            if (due is not null && !more.IsCompleted)
                await Task.WhenAny(more, due);
            else if (!await more)
                break;
            if (due is { IsCompleted: true })
            {
                await CommitAsync(cutter.Cut());
                due = null;
            }
            while (due is not { IsCompleted: true } && queue.Reader.TryRead(out var item))
            {
                if (item.Work is { } work)
                {
                    if (cutter.HasPending)
                        await CommitAsync(cutter.Cut());
                    work();
                    due = null;
                    continue;
                }
                foreach (var batch in cutter.Add(item.Transaction))
                {
                    await CommitAsync(batch);
                    due = null; // what is left waits from now on
                }
                due = cutter.HasPending && timeout > TimeSpan.Zero ? due ?? Task.Delay(timeout, time) : null;
            }
            // Nothing is waited for: what comes while this block is written makes the next one.
            if (timeout == TimeSpan.Zero && cutter.HasPending)
                await CommitAsync(cutter.Cut());
        }
        if (cutter.HasPending)
            await CommitAsync(cutter.Cut());
    }

    // What was taken is kept until it is committed. Only the end of the process gives it up, and nobody was told it was committed.
    private async Task CommitAsync(IReadOnlyList<OrderedTransaction> batch)
    {
        for (var delay = FirstRetry; ; delay = delay * 2 < LongestRetry ? delay * 2 : LongestRetry)
        {
            try
            {
                commit(batch);
                if (failure is not null)
                    LogRecovered();
                failure = null;
                return;
            }
            catch (Exception e) when (StorageFault.Is(e))
            {
                if (failure?.Message != e.Message)
                    LogRefusing(e, batch.Count);
                failure = e;
            }
            if (closing.IsCancellationRequested)
            {
                LogGivenUp(batch.Count);
                return;
            }
            await Task.Delay(delay, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(3003, LogLevel.Critical,
        "The ledger could not be written. New transactions are refused; the {Count} taken before are kept and tried again.")]
    private partial void LogRefusing(Exception e, int count);

    [LoggerMessage(3004, LogLevel.Warning, "The ledger can be written again. Transactions are taken.")]
    private partial void LogRecovered();

    [LoggerMessage(3010, LogLevel.Critical,
        "Ordering has ended by an unexpected fault. Nothing is committed any more; what was taken and not committed is lost.")]
    private partial void LogFault(Exception e);

    [LoggerMessage(3005, LogLevel.Critical, "Stopped while the ledger could not be written: {Count} transactions were not committed.")]
    private partial void LogGivenUp(int count);

    /// <summary>A transaction, or something to run between two blocks.</summary>
    private readonly record struct Item(OrderedTransaction Transaction, Action? Work);
}
