using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.Vault.Content.Replicas;

/// <summary>This node's own IPFS daemon as a replica: asked for its own blocks only, and repaired block by block.</summary>
/// <param name="name">Name for people.</param>
/// <param name="rpc">The daemon.</param>
/// <param name="store">The store over that daemon, alone or in a cluster, which knows what is to be pinned.</param>
/// <param name="blocks">How its own blocks are read: <see cref="RpcBlocks"/>, or <see cref="GatewayBlocks"/>.</param>
public sealed class KuboReplica(string name, KuboRpcClient rpc, IContentStore store, IBlockSource blocks) : IWritableReplica
{
    private static readonly TimeSpan PinAgainLimit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Task ChallengeAsync(Cid cid, long? size, long position, CancellationToken ct) =>
        VerifiedBlocks.ChallengeAsync(blocks, cid, size, position, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<ContentBlock> ReadBlocksAsync(Cid cid, CancellationToken ct) => VerifiedBlocks.ReadAsync(blocks, cid, ct);

    /// <inheritdoc/>
    public async Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => await AskAsync(() => store.IsPinnedAsync(cid, ct));

    /// <inheritdoc/>
    public async Task<bool> IsPinnedHereAsync(Cid cid, CancellationToken ct) => await AskAsync(() => rpc.IsPinnedAsync(cid, ct));

    /// <inheritdoc/>
    public IAsyncEnumerable<Cid> ListPinsHereAsync(CancellationToken ct) => rpc.ListPinsAsync(ct);

    /// <inheritdoc/>
    public Task<bool> PinAsync(Cid cid, CancellationToken ct) => AskAsync(async () =>
    {
        // Peers that are away would hold up whoever has many contents to look after.
        if (store is ClusterContentStore cluster)
            return await cluster.OrderPinAsync(cid, ct);
        await store.PinAsync(cid, ct);
        return true;
    });

    /// <inheritdoc/>
    public Task UnpinAsync(Cid cid, CancellationToken ct) => AskAsync(async () =>
    {
        await store.UnpinAsync(cid, ct);
        return true;
    });

    /// <inheritdoc/>
    public Task RestoreAsync(Cid cid, IContentReplica source, CancellationToken ct) => AskAsync(async () =>
    {
        // The source shows all of it first: one that breaks off, or lacks a later block, must not cost the own copy anything.
        await foreach (var block in source.ReadBlocksAsync(cid, ct))
            ct.ThrowIfCancellationRequested();
        var unpinned = false;
        try
        {
            await ReplaceBlocksAsync(cid, source, () => unpinned = true, ct);
            // At the daemon alone: in a cluster it also keeps what is in other custodians' pinsets, and not in this one's.
            await rpc.PinAsync(cid, ct);
        }
        catch when (unpinned)
        {
            await PinAgainAsync(cid);
            throw;
        }
        return true;
    });

    private async Task ReplaceBlocksAsync(Cid cid, IContentReplica source, Action unpinning, CancellationToken ct)
    {
        var unpinned = false;
        await foreach (var block in source.ReadBlocksAsync(cid, ct))
        {
            var held = await LookAsync(block.Cid, ct);
            if (held is true)
                continue;
            if (held is false)
            {
                // A daemon keeps a block that it has, whatever is in it, so the bad one must go first; and while it is pinned it
                // does not go. Its good counterpart is in hand.
                if (!unpinned)
                {
                    unpinning();
                    await rpc.UnpinAsync(cid, ct);
                }
                unpinned = true;
                await rpc.RemoveBlockAsync(block.Cid, ct);
            }
            await rpc.PutBlockAsync(block.Cid.Codec, block.Bytes, ct);
        }
    }

    // What is there stays safe from garbage collection, whatever stopped the repair. Where that fails too, the repair's own failure
    // is the one to tell: whoever asked for it looks at the pin.
    private async Task PinAgainAsync(Cid cid)
    {
        using var limit = new CancellationTokenSource(PinAgainLimit);
        try
        {
            await rpc.PinAsync(cid, limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
        }
    }

    // True: there and right. False: there and wrong. Null: not there.
    private async Task<bool?> LookAsync(Cid block, CancellationToken ct)
    {
        try
        {
            return block.Matches((await blocks.ReadBlockAsync(block, ct)).Span);
        }
        catch (ContentNotFoundException)
        {
            return null;
        }
        catch (ContentCorruptException)
        {
            return false;
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (IpfsException e)
        {
            throw new ReplicaUnavailableException(name, e.Message, e);
        }
    }
}
