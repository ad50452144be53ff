namespace HealthShare.Vault.Content;

/// <summary>How content is cut into blocks; part of what a CID depends on.</summary>
/// <param name="ChunkSize">Bytes in a leaf, 1 KiB to 2,096,896 (the largest block that IPFS passes on).</param>
/// <param name="MaxLinks">Links in a node, 2 to 8,192.</param>
public sealed record ContentLayout(int ChunkSize, int MaxLinks)
{
    /// <summary>1 MiB leaves, 1,024 links: IPFS's profile <c>unixfs-v1-2025</c>.</summary>
    public static ContentLayout Default { get; } = new(1024 * 1024, 1024);

    internal const int MaxChunkSize = 2_096_896;

    internal bool IsValid => ChunkSize is >= 1024 and <= MaxChunkSize && MaxLinks is >= 2 and <= 8192;
}
