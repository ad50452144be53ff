using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Makes the replicas that the settings name.</summary>
internal sealed class ReplicaFactory(IContentStore store, IOptions<ContentOptions> options, TimeProvider clock) : IDisposable
{
    private readonly HttpMessageInvoker http = new(GatewayBlocks.CreateHandler());

    /// <summary>The own store and the others.</summary>
    public Replicas Create() => new(Own(), [.. options.Value.Replicas.Select(
        replica => new BlockReplica(replica.Name, Gateway(replica.Name, replica.GatewayUrl!)))]);

    /// <summary>What the replicas say of themselves, where a cluster knows.</summary>
    public IPinClaims CreateClaims() => new NoPinClaims();

    public void Dispose() => http.Dispose();

    private IWritableReplica Own() => store is KuboContentStore kubo
        ? new KuboReplica(Replicas.OwnName, kubo.Rpc, kubo, options.Value.Keeping.OwnGatewayUrl is { } gateway
            ? Gateway(Replicas.OwnName, gateway)
            : new RpcBlocks(Replicas.OwnName, kubo.Rpc))
        : new StoreReplica(Replicas.OwnName, store);

    private GatewayBlocks Gateway(string name, Uri url) => new(name, url, options.Value.Keeping.ChallengeTimeout, http, clock);
}
