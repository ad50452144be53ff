using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.Vault.Content.Replicas;

/// <summary>The blocks that a Kubo daemon holds, by its RPC with <c>offline=true</c>. js-ipfs does not obey that: ask its gateway.</summary>
/// <param name="name">Name for people.</param>
/// <param name="rpc">The daemon.</param>
public sealed class RpcBlocks(string name, KuboRpcClient rpc) : IBlockSource
{
    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadBlockAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            return await rpc.GetBlockAsync(cid, localOnly: true, ct);
        }
        catch (IpfsException e) when (e.Message.Contains("different hash", StringComparison.OrdinalIgnoreCase))
        {
            throw new ContentCorruptException(cid, "the daemon itself says so."); // Kubo with Datastore.HashOnRead
        }
        catch (IpfsException e)
        {
            throw new ReplicaUnavailableException(name, e.Message, e);
        }
    }
}
