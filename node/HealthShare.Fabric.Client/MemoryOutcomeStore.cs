namespace HealthShare.Fabric.Client;

/// <summary>
/// Remembers transactions until the process ends: those that are open all, those that are committed up to a number, the newest
/// ones. Thread-safe.
/// </summary>
/// <param name="capacity">Committed transactions to remember, 1 or more. Default 10,000.</param>
public sealed class MemoryOutcomeStore(int capacity = 10_000) : IOutcomeStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SentTransaction> sent = new(StringComparer.Ordinal);
    private readonly Queue<SentTransaction> committed = new();

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
            sent.Remove(key);
        }
        return Task.CompletedTask;
    }
}
