using System.Collections.Concurrent;
using HealthShare.Vault.Content;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.Sandbox;

/// <summary>
/// Stands in for the private IPFS swarm of a consortium: each node keeps its own store, and what one lacks the others give.
/// </summary>
internal sealed class SandboxSwarm
{
    private readonly ConcurrentBag<IContentStore> stores = [];

    /// <summary>Puts the swarm between a node and its own store.</summary>
    public void Join(IServiceCollection services)
    {
        var own = services.Single(service => service.ServiceType == typeof(IContentStore));
        services.Remove(own);
        services.AddSingleton<IContentStore>(provider =>
        {
            var store = (IContentStore)own.ImplementationFactory!(provider);
            stores.Add(store);
            return new Member(this, store);
        });
    }

    private sealed class Member(SandboxSwarm swarm, IContentStore own) : IContentStore, IDisposable
    {
        public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => own.PutAsync(content, ct);

        public Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct) => own.PutAsync(content, layout, ct);

        public async Task<Stream> OpenAsync(Cid cid, CancellationToken ct)
        {
            if (await own.HasAsync(cid, ct))
                return await own.OpenAsync(cid, ct);
            foreach (var other in swarm.stores)
            {
                if (await other.HasAsync(cid, ct))
                    return await other.OpenAsync(cid, ct);
            }
            throw new ContentNotFoundException(cid);
        }

        public Task<bool> HasAsync(Cid cid, CancellationToken ct) => own.HasAsync(cid, ct);

        public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => own.IsPinnedAsync(cid, ct);

        public Task PinAsync(Cid cid, CancellationToken ct) => own.PinAsync(cid, ct);

        public Task UnpinAsync(Cid cid, CancellationToken ct) => own.UnpinAsync(cid, ct);

        public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken ct) => own.ListPinsAsync(ct);

        public Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct) => own.CollectGarbageAsync(grace, ct);

        // The container disposes what it made, which is this and not the store within.
        public void Dispose() => (own as IDisposable)?.Dispose();
    }
}
