namespace HealthShare.Vault.Content.Replicas;

/// <summary>Gives single blocks as one place itself holds them. What it gives is not verified yet.</summary>
public interface IBlockSource
{
    /// <summary>Longest block that IPFS passes on, in bytes: 2 MiB. Longer answers are cut off and count as corrupt.</summary>
    const int MaxBlock = 2 * 1024 * 1024;

    /// <summary>Reads a block of at most <see cref="MaxBlock"/> bytes.</summary>
    /// <exception cref="ContentNotFoundException">The place does not hold it.</exception>
    /// <exception cref="ContentCorruptException">It gives something that cannot be the block.</exception>
    /// <exception cref="ReplicaUnavailableException">Nothing can be said of it now.</exception>
    Task<ReadOnlyMemory<byte>> ReadBlockAsync(Cid cid, CancellationToken ct);
}
