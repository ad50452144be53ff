using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Journal;

/// <summary>
/// Group commit: whatever waits is written in one durable transaction, so that many connections share one sync of the disk. When
/// more waits than the options allow, senders wait.
/// </summary>
internal sealed class IntakeJournal : IAsyncDisposable
{
    private const int MostPerCommit = 256;
    private readonly IntakeTable table;
    private readonly IntakeSignal signal;
    private readonly Channel<Waiting> queue;
    private readonly Task writing;

    public IntakeJournal(IntakeTable table, IntakeSignal signal, IOptions<IntakeOptions> options)
    {
        this.table = table;
        this.signal = signal;
        queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.Value.WaitingMessages) { SingleReader = true });
        writing = Task.Run(WriteAsync);
    }

    /// <summary>Returns once the entry, or the earlier one that it repeats, is durable.</summary>
    /// <exception cref="System.Data.Common.DbException">It could not be written; nothing is promised to the sender.</exception>
    /// <remarks>Cancelling stops the wait; the entry may be written nevertheless, which a repetition finds.</remarks>
    public async Task<Appended> AppendAsync(NewEntry entry, CancellationToken ct)
    {
        var waiting = new Waiting(entry);
        await queue.Writer.WriteAsync(waiting, ct);
        return await waiting.Done.Task.WaitAsync(ct);
    }

    /// <summary>Writes what waits and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writing;
    }

    private async Task WriteAsync()
    {
        var batch = new List<Waiting>(MostPerCommit);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MostPerCommit && queue.Reader.TryRead(out var next))
                batch.Add(next);
            await CommitAsync(batch);
            batch.Clear();
        }
    }

    private async Task CommitAsync(List<Waiting> batch)
    {
        try
        {
            var results = await table.AppendAsync([.. batch.Select(waiting => waiting.Entry)], CancellationToken.None);
            foreach (var (waiting, result) in batch.Zip(results))
                waiting.Done.SetResult(result);
            signal.Set();
        }
        catch (Exception e)
        {
            // Every sender that waits for this commit hears of it; the journal itself goes on.
            foreach (var waiting in batch)
                waiting.Done.TrySetException(e);
        }
    }

    private sealed record Waiting(NewEntry Entry)
    {
        public TaskCompletionSource<Appended> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
