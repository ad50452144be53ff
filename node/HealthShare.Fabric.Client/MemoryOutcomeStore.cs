namespace HealthShare.Fabric.Client;

/// <summary>
/// Remembers transactions until the process ends: up to a number of those that are committed, the newest ones, and up to the same
/// number of those that are open, beyond which no further key is taken. Thread-safe.
/// </summary>
/// <param name="capacity">Committed, and open, transactions to remember, 1 or more each. Default 10,000.</param>
public sealed class MemoryOutcomeStore(int capacity = 10_000) : IOutcomeStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SentTransaction> sent = new(StringComparer.Ordinal);
    private readonly Queue<SentTransaction> committed = new();
    private int open;

    /// <inheritdoc/>
    public Task<SentTransaction?> FindAsync(string key, CancellationToken ct)
    {
        lock (gate)
        {
            return Task.FromResult(sent.GetValueOrDefault(key));
        }
    }

    /// <inheritdoc/>
    public Task SaveAsync(SentTransaction transaction, CancellationToken ct)
    {
        lock (gate)
        {
            var wasOpen = sent.GetValueOrDefault(transaction.Key) is { IsCommitted: false };
            if (!transaction.IsCommitted && !wasOpen && open >= capacity)
            {
                throw new IOException($"{open} transactions are open, which is all that is remembered: nothing further is sent under a key.");
            }
            open += (transaction.IsCommitted ? 0 : 1) - (wasOpen ? 1 : 0);
            sent[transaction.Key] = transaction;
            if (transaction.IsCommitted)
            {
                committed.Enqueue(transaction);
            }
            while (committed.Count > capacity)
            {
                var oldest = committed.Dequeue();
                if (ReferenceEquals(sent.GetValueOrDefault(oldest.Key), oldest))
                {
                    sent.Remove(oldest.Key);
                }
            }
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken ct)
    {
        lock (gate)
        {
            if (sent.Remove(key, out var removed) && !removed.IsCommitted)
            {
                open--;
            }
        }
        return Task.CompletedTask;
    }
}
