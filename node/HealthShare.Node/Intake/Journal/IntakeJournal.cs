using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Journal;

/// <summary>
/// Group commit: whatever waits is written in one durable transaction, so that many connections share one sync of the disk. When
/// more waits than the options allow, in number or in bytes, senders wait; when it takes too long, they are refused.
/// </summary>
internal sealed class IntakeJournal : IAsyncDisposable
{
    private const int MostPerCommit = 256;
    private const long MostBytesPerCommit = 8 * 1024 * 1024; // so that a commit of large messages does not hold up all others
    private readonly JournalWriter writer;
    private readonly JournalRoom room;
    private readonly IntakeSignal signal;
    private readonly TimeProvider clock;
    private readonly TimeSpan patience;
    private readonly ByteBudget bytes;
    private readonly Channel<Waiting> queue;
    private readonly Task writing;

    public IntakeJournal(JournalWriter writer, JournalRoom room, IntakeSignal signal, IOptions<IntakeOptions> options, TimeProvider clock)
    {
        (this.writer, this.room, this.signal, this.clock) = (writer, room, signal, clock);
        patience = options.Value.Patience;
        bytes = new ByteBudget(options.Value.WaitingBytes);
        queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.Value.WaitingMessages) { SingleReader = true });
        writing = Task.Run(WriteAsync);
    }

    /// <summary>Returns once entries, or the earlier ones that they repeat, are durable: all of them, in this order, or none.</summary>
    /// <param name="size">Bytes that the entries will take in memory.</param>
    /// <param name="make">Makes the entries, once there is room for them.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="IntakeBusyException">There is no room; nothing was kept.</exception>
    /// <exception cref="System.Data.Common.DbException">It could not be written; nothing is promised to the sender.</exception>
    /// <remarks>Cancelling stops the wait; the entries may be written nevertheless, which a repetition finds.</remarks>
    public async Task<IReadOnlyList<Appended>> AppendAsync(long size, Func<IReadOnlyList<NewEntry>> make, CancellationToken ct)
    {
        await room.RequireAsync(ct);
        var waiting = await EnqueueAsync(size, make, ct);
        return await waiting.Done.Task.WaitAsync(ct);
    }

    /// <summary>Writes what waits and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
    }

    private ValueTask<Waiting> EnqueueAsync(long size, Func<IReadOnlyList<NewEntry>> make, CancellationToken ct)
    {
        // Mostly there is room, and nothing to wait for.
        if (!bytes.TryTake(size))
            return EnqueueInTurnAsync(size, null, make, ct);
        Waiting waiting;
        try
        {
            waiting = new Waiting(make(), size);
        }
        catch
        {
            bytes.Return(size);
            throw;
        }
        return queue.Writer.TryWrite(waiting) ? new(waiting) : EnqueueInTurnAsync(size, waiting, make, ct);
    }

    private async ValueTask<Waiting> EnqueueInTurnAsync(long size, Waiting? made, Func<IReadOnlyList<NewEntry>> make, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (made is null)
                await bytes.TakeAsync(size, either.Token);
            try
            {
                made ??= new Waiting(make(), size);
                await queue.Writer.WriteAsync(made, either.Token);
                return made;
            }
            catch
            {
                bytes.Return(size);
                throw;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new IntakeBusyException(IntakeBusyException.Overloaded, "Too many messages wait to be written.");
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<Waiting>();
        while (await queue.Reader.WaitToReadAsync())
        {
            var (count, size) = (0, 0L);
            while (count < MostPerCommit && size < MostBytesPerCommit && queue.Reader.TryRead(out var next))
            {
                batch.Add(next);
                count += next.Entries.Count;
                size += next.Size;
            }
            await CommitAsync(batch);
            bytes.Return(size);
            batch.Clear();
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        var began = clock.GetTimestamp();
        try
        {
            var results = await writer.AppendAsync([.. batch.SelectMany(waiting => waiting.Entries)], CancellationToken.None);
            var at = 0;
            foreach (var waiting in batch)
            {
                waiting.Done.SetResult(results.GetRange(at, waiting.Entries.Count));
                at += waiting.Entries.Count;
            }
            signal.Door.Worked(clock.GetElapsedTime(began), room.IsRoomy, clock);
            signal.Set(IntakeState.Received);
        }
        catch (Exception e)
        {
            // Every sender that waits for this commit hears of it; the journal itself goes on.
            foreach (var waiting in batch)
                waiting.Done.TrySetException(e);
        }
    }

    private sealed record Waiting(IReadOnlyList<NewEntry> Entries, long Size)
    {
        public TaskCompletionSource<IReadOnlyList<Appended>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
