using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.Ordering;

/// <summary>
/// Puts transactions in order and has them committed: one queue, one writer. A failing disk stops it for good; nothing that was
/// reported as committed is lost then, and a restart goes on from the last whole block.
/// </summary>
internal sealed partial class Orderer : IAsyncDisposable
{
    private const int QueueLength = 10_000;
    private readonly Channel<ByteString> queue = System.Threading.Channels.Channel.CreateBounded<ByteString>(QueueLength);
    private readonly CancellationTokenSource stopping = new();
    private readonly BlockCutter cutter;
    private readonly Action<IReadOnlyList<ByteString>> commit;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task writer;

    public Orderer(BatchOptions batch, Action<IReadOnlyList<ByteString>> commit, TimeProvider time, ILogger logger)
    {
        cutter = new BlockCutter(batch);
        (this.commit, timeout, this.time, this.logger) = (commit, batch.Timeout, time, logger);
        writer = Task.Run(RunAsync);
    }

    /// <summary>Why nothing is ordered any more; null while all is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Cancelled when ordering has ended, by failure or at shutdown: what is not committed yet will not be.</summary>
    public CancellationToken Ended => stopping.Token;

    /// <summary>Takes a transaction; waits while the queue is full.</summary>
    /// <returns>False where ordering has ended.</returns>
    public async Task<bool> AddAsync(ByteString envelope, CancellationToken ct)
    {
        try
        {
            await queue.Writer.WriteAsync(envelope, ct);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writer;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await OrderAsync();
        }
        catch (Exception e)
        {
            Failure = e;
            LogStopped(e);
            queue.Writer.TryComplete();
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
                commit(cutter.Cut());
                due = null;
            }
            while (due is not { IsCompleted: true } && queue.Reader.TryRead(out var envelope))
            {
                foreach (var batch in cutter.Add(envelope))
                {
                    commit(batch);
                    due = null; // what is left waits from now on
                }
                due = cutter.HasPending ? due ?? Task.Delay(timeout, time) : null;
            }
        }
        if (cutter.HasPending)
            commit(cutter.Cut());
    }

    [LoggerMessage(3003, LogLevel.Critical, "Ordering has stopped: the ledger could not be written. Restart once the cause is removed.")]
    private partial void LogStopped(Exception e);
}
