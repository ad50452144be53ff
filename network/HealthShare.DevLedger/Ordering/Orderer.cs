using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.Ordering;

/// <summary>
/// Puts transactions in order and has them committed: one queue, one writer. While the ledger cannot be written, as on a full
/// disk, it keeps what it took, takes nothing new, and tries again until it can go on.
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
    private readonly Action<IReadOnlyList<ByteString>> commit;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task writer;
    private volatile Exception? failure;

    public Orderer(BatchOptions batch, Action<IReadOnlyList<ByteString>> commit, TimeProvider time, ILogger logger)
    {
        cutter = new BlockCutter(batch);
        (this.commit, timeout, this.time, this.logger) = (commit, batch.Timeout, time, logger);
        writer = Task.Run(RunAsync);
    }

    /// <summary>Why nothing can be committed at the moment; null while all is well.</summary>
    public Exception? Failure => failure;

    /// <summary>Cancelled when ordering has ended at shutdown: what is not committed yet will not be.</summary>
    public CancellationToken Ended => stopping.Token;

    /// <summary>Takes a transaction; waits while the queue is full.</summary>
    /// <returns>Why it was not taken, for whoever sent it; null where it was.</returns>
    public async Task<string?> AddAsync(ByteString envelope, CancellationToken ct)
    {
        if (failure is { } reason)
            return $"the ledger takes no transactions at the moment: {StorageFault.Describe(reason)}";
        return await TryEnqueueAsync(new Item(envelope, null), ct) ? null : "ordering has stopped";
    }

    /// <summary>Runs something between two blocks, when all that was taken before is committed.</summary>
    /// <exception cref="InvalidOperationException">Ordering has ended.</exception>
    /// <exception cref="IOException">Nothing can be committed at the moment, so nobody could say how long this would wait.</exception>
    public async Task RunBetweenBlocksAsync(Action work, CancellationToken ct)
    {
        if (failure is { } reason)
            throw new IOException($"The ledger takes no changes at the moment: {StorageFault.Describe(reason)}.", reason);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var item = new Item(ByteString.Empty, () =>
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
        await done.Task; // once begun it is not given up: the caller must know what became of it
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
        await OrderAsync();
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
                foreach (var batch in cutter.Add(item.Envelope))
                {
                    await CommitAsync(batch);
                    due = null; // what is left waits from now on
                }
                due = cutter.HasPending ? due ?? Task.Delay(timeout, time) : null;
            }
        }
        if (cutter.HasPending)
            await CommitAsync(cutter.Cut());
    }

    // What was taken is kept until it is committed. Only the end of the process gives it up, and nobody was told it was committed.
    private async Task CommitAsync(IReadOnlyList<ByteString> batch)
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
            catch (Exception e)
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

    [LoggerMessage(3005, LogLevel.Critical, "Stopped while the ledger could not be written: {Count} transactions were not committed.")]
    private partial void LogGivenUp(int count);

    /// <summary>A transaction, or something to run between two blocks.</summary>
    private readonly record struct Item(ByteString Envelope, Action? Work);
}
