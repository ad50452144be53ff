using HealthShare.Fabric.Client;

namespace HealthShare.Node.Ledger;

/// <summary>
/// Remembers no transaction. Each call has an idempotency key of its own, which nobody asks for again: what is left open would
/// stay in memory for as long as the node runs, and more of it the longer the channel is away.
/// </summary>
internal sealed class NoOutcomes : IOutcomeStore
{
    public Task<SentTransaction?> FindAsync(string key, CancellationToken ct) => Task.FromResult<SentTransaction?>(null);

    public Task SaveAsync(SentTransaction transaction, CancellationToken ct) => Task.CompletedTask;

    public Task RemoveAsync(string key, CancellationToken ct) => Task.CompletedTask;
}
