using System.Collections.Concurrent;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.Fabric.Client.Commits;

/// <summary>
/// One stream of filtered blocks by which a client learns of all its commits, in place of a signed question for each. It only
/// ever hastens an answer: where it says nothing, the peers are asked as if there were no feed.
/// </summary>
internal sealed partial class CommitFeed(LedgerStream<FilteredBlock> blocks, GatewayOptions options, ILogger logger) : IAsyncDisposable
{
    // A peer that has not delivered its newest block by then is no faster than a question.
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, ExpectedCommit> expected = new(StringComparer.Ordinal);
    private readonly Lock changing = new();
    private Reading? reading;
    private long? restsSince;
    private bool disposed;

    /// <summary>
    /// Begins to watch for a transaction; call it before the transaction is handed over, or its block may have passed. Null while
    /// there is no stream, and where somebody watches for the same transaction already: ask instead.
    /// </summary>
    public async ValueTask<ExpectedCommit?> ExpectAsync(string transactionId, CancellationToken ct)
    {
        if (Open() is not { } open)
            return null;
        try
        {
            if (!await open.Opened.Task.WaitAsync(OpeningLimit, options.TimeProvider, ct))
                return null;
        }
        catch (TimeoutException)
        {
            await RestAsync(open);
            return null;
        }
        var commit = new ExpectedCommit(transactionId, () => expected.TryRemove(transactionId, out _));
        if (!expected.TryAdd(transactionId, commit))
            return null;
        if (open.End.IsCancellationRequested)
            commit.Answer(null); // the stream ended before it could see this one
        return commit;
    }

    /// <summary>Closes the stream for a while, because it says less than the peers do when they are asked. Who waits on it, asks.</summary>
    public Task RestAsync() => reading is { } open ? RestAsync(open) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Reading? last;
        lock (changing)
        {
            (last, disposed) = (reading, true);
        }
        if (last is not null)
        {
            await RestAsync(last);
            await last.Ended;
        }
    }

    private Reading? Open()
    {
        lock (changing)
        {
            if (disposed || (restsSince is { } since && options.TimeProvider.GetElapsedTime(since) < options.MaxReconnectDelay))
                return null;
            if (reading is null)
            {
                var opened = reading = new Reading();
                opened.Ended = Task.Run(() => ReadAsync(opened));
            }
            return reading;
        }
    }

    private async Task RestAsync(Reading open)
    {
        lock (changing)
        {
            if (reading == open)
                (reading, restsSince) = (null, options.TimeProvider.GetTimestamp());
        }
        await open.End.CancelAsync();
    }

    private async Task ReadAsync(Reading self)
    {
        try
        {
            await foreach (var block in blocks.ReadAsync(EventStart.Newest, ct: self.End.Token))
            {
                foreach (var transaction in block.FilteredTransactions)
                {
                    if (expected.TryGetValue(transaction.Txid, out var commit))
                        commit.Answer(new CommitStatus(transaction.Txid, transaction.TxValidationCode, block.Number));
                }
                self.Opened.TrySetResult(true); // nothing that is handed over from now on is missed
            }
        }
        catch (OperationCanceledException)
        {
            // Put to rest, or disposed.
        }
        catch (LedgerException e)
        {
            LogRefused(e.Code);
        }
        await RestAsync(self);
        self.Opened.TrySetResult(false);
        foreach (var commit in expected.Values)
            commit.Answer(null);
    }

    [LoggerMessage(2011, LogLevel.Warning, "Commits cannot be followed in filtered blocks; each is asked for instead: {Code}.")]
    private partial void LogRefused(string code);

    /// <summary>One stream, from its opening to its end.</summary>
    private sealed class Reading
    {
        /// <summary>True with the first block; false where the stream ended without one.</summary>
        public TaskCompletionSource<bool> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource End { get; } = new(); // has no timer: nothing to free

        public Task Ended { get; set; } = Task.CompletedTask;
    }
}
