using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Makes the replicas that the settings name.</summary>
internal sealed class ReplicaFactory(IContentStore store, IOptions<ContentOptions> options, TimeProvider clock) : IDisposable
{
    private readonly HttpMessageInvoker http = new(GatewayBlocks.CreateHandler());

    /// <summary>The own store and the others.</summary>
    public Replicas Create() => new(new StoreReplica(Replicas.OwnName, store), [.. options.Value.Replicas.Select(Create)]);

    public void Dispose() => http.Dispose();

    private BlockReplica Create(ReplicaOptions replica) => new(replica.Name,
        new GatewayBlocks(replica.Name, replica.GatewayUrl!, options.Value.Keeping.ChallengeTimeout, http, clock));
}
