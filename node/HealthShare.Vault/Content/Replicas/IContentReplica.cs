namespace HealthShare.Vault.Content.Replicas;

/// <summary>
/// One place that is to hold contents, asked for what it holds itself and never for what it could fetch from others: only so does
/// a good answer prove that there is a copy. Nothing that a place says is believed before it hashes to its CID.
/// </summary>
public interface IContentReplica
{
    /// <summary>Name for people, such as <c>south</c>.</summary>
    string Name { get; }

    /// <summary>Lets the place show the part of a content around a position, which is verified up to the CID.</summary>
    /// <param name="cid">The content.</param>
    /// <param name="size">Its length in bytes, as the ledger says; null where it is not known.</param>
    /// <param name="position">0 to <paramref name="size"/> - 1; beyond the content's end, its last byte is meant.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="ContentNotFoundException">The place does not hold that part.</exception>
    /// <exception cref="ContentCorruptException">What it holds does not hash to the CID, or is not as long as the ledger says.</exception>
    /// <exception cref="ReplicaUnavailableException">Nothing can be said of it now.</exception>
    Task ChallengeAsync(Cid cid, long? size, long position, CancellationToken ct);

    /// <summary>
    /// Reads all blocks of a content: each verified, parents before their children, leaves in the order of the bytes.
    /// </summary>
    /// <inheritdoc cref="ChallengeAsync" path="/exception"/>
    IAsyncEnumerable<ContentBlock> ReadBlocksAsync(Cid cid, CancellationToken ct);
}

/// <summary>A place that this node may write, such as its own store.</summary>
public interface IWritableReplica : IContentReplica
{
    /// <summary>
    /// True when the content is kept from garbage collection as this node wants it, in a cluster by enough peers; does not verify it.
    /// </summary>
    /// <exception cref="ReplicaUnavailableException">Nothing can be said of it now.</exception>
    Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct);

    /// <summary>True when the place itself keeps the content, for whomever; does not verify it.</summary>
    /// <exception cref="ReplicaUnavailableException">Nothing can be said of it now.</exception>
    Task<bool> IsPinnedHereAsync(Cid cid, CancellationToken ct);

    /// <summary>Every content that the place itself keeps, for whomever, in no order.</summary>
    /// <exception cref="IOException">They cannot be listed now.</exception>
    IAsyncEnumerable<Cid> ListPinsHereAsync(CancellationToken ct);

    /// <summary>Keeps a content that the place holds from garbage collection. Does not wait for the peers of a cluster, which are told.</summary>
    /// <returns>True when it is kept now as this node wants it, false while too few peers of a cluster have pinned it yet.</returns>
    /// <exception cref="ContentNotFoundException">It does not hold it.</exception>
    /// <exception cref="ReplicaUnavailableException">Nothing can be said of it now.</exception>
    Task<bool> PinAsync(Cid cid, CancellationToken ct);

    /// <summary>Lets garbage collection remove a content. Unpinned already, or absent, is fine.</summary>
    /// <exception cref="ReplicaUnavailableException">Nothing can be said of it now.</exception>
    Task UnpinAsync(Cid cid, CancellationToken ct);

    /// <summary>
    /// Puts a content in place of one that is missing or corrupt here, and pins it. What is good here stays; what is bad goes only
    /// once its good counterpart is at hand. Safe to repeat after a crash.
    /// </summary>
    /// <param name="cid">The content.</param>
    /// <param name="source">Where a good copy is.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="ContentNotFoundException">The source lacks a part.</exception>
    /// <exception cref="ContentCorruptException">The source's copy is corrupt, too.</exception>
    /// <exception cref="ReplicaUnavailableException">The source or this place does not answer as it should.</exception>
    /// <exception cref="IOException">This place could not write.</exception>
    Task RestoreAsync(Cid cid, IContentReplica source, CancellationToken ct);
}

/// <summary>A verified block of a content.</summary>
/// <param name="Cid">Its id.</param>
/// <param name="Bytes">Its bytes; valid until the next block is asked for.</param>
/// <param name="Layout">How the content is cut, as far as this block and those above it show.</param>
public sealed record ContentBlock(Cid Cid, ReadOnlyMemory<byte> Bytes, ContentLayout Layout)
{
    /// <summary>True for a part of the content itself, false for a node that lists parts.</summary>
    public bool IsLeaf => Cid.Codec is CidCodec.Raw;
}

/// <summary>A place does not answer, or not as such a place should: whether it holds a content is not known.</summary>
public sealed class ReplicaUnavailableException(string replica, string reason, Exception? inner = null)
    : IOException($"Replica {replica} cannot be asked: {reason}", inner)
{
    /// <summary>Name of the place.</summary>
    public string Replica { get; } = replica;
}
