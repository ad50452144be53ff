namespace HealthShare.Vault.Content.Replicas;

/// <summary>A place that gives single blocks, such as another member's gateway.</summary>
/// <param name="name">Name for people.</param>
/// <param name="source">Gives the blocks.</param>
public sealed class BlockReplica(string name, IBlockSource source) : IContentReplica
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Task ChallengeAsync(Cid cid, long? size, long position, CancellationToken ct) =>
        VerifiedBlocks.ChallengeAsync(source, cid, size, position, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<ContentBlock> ReadBlocksAsync(Cid cid, CancellationToken ct) => VerifiedBlocks.ReadAsync(source, cid, ct);
}
