using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Node.Content.Migration;

/// <summary>A store that tells how many writes are under way, and does something before each.</summary>
internal sealed class WatchedStore(IContentStore inner) : IContentStore
{
    private int under;
    private int most;

    /// <summary>Most writes at once so far.</summary>
    public int MostAtOnce => most;

    /// <summary>Called before a write, with its number from 1.</summary>
    public Action<int> BeforePut { get; init; } = _ => { };

    public int Puts;

    public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => inner.PutAsync(content, ct);

    public async Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct)
    {
        var now = Interlocked.Increment(ref under);
        try
        {
            for (var seen = most; now > seen; seen = most)
                Interlocked.CompareExchange(ref most, now, seen);
            BeforePut(Interlocked.Increment(ref Puts));
            await Task.Yield();
            return await inner.PutAsync(content, layout, ct);
        }
        finally
        {
            Interlocked.Decrement(ref under);
        }
    }

    public Task<Stream> OpenAsync(Cid cid, CancellationToken ct) => inner.OpenAsync(cid, ct);

    public Task<bool> HasAsync(Cid cid, CancellationToken ct) => inner.HasAsync(cid, ct);

    public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => inner.IsPinnedAsync(cid, ct);

    public Task PinAsync(Cid cid, CancellationToken ct) => inner.PinAsync(cid, ct);

    public Task UnpinAsync(Cid cid, CancellationToken ct) => inner.UnpinAsync(cid, ct);

    public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken ct) => inner.ListPinsAsync(ct);

    public Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct) => inner.CollectGarbageAsync(grace, ct);
}
