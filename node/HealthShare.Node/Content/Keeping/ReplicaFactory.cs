using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;
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
    public IPinClaims CreateClaims() => store is ClusterContentStore cluster
        ? new ClusterClaims(cluster.Cluster, [.. options.Value.Replicas])
        : new NoPinClaims();

    public void Dispose() => http.Dispose();

    private IWritableReplica Own() => store switch
    {
        KuboContentStore kubo => Own(kubo.Rpc),
        ClusterContentStore cluster => Own(cluster.Rpc),
        _ => new StoreReplica(Replicas.OwnName, store),
    };

    private KuboReplica Own(KuboRpcClient rpc) => new(Replicas.OwnName, rpc, store, options.Value.Keeping.OwnGatewayUrl is { } gateway
        ? Gateway(Replicas.OwnName, gateway)
        : new RpcBlocks(Replicas.OwnName, rpc));

    private GatewayBlocks Gateway(string name, Uri url) => new(name, url, options.Value.Keeping.ChallengeTimeout, http, clock);
}
