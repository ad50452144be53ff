namespace HealthShare.Vault.Content.Kubo;

/// <summary>Settings of a store at an IPFS daemon.</summary>
public sealed record KuboContentStoreOptions
{
    /// <summary>The daemon.</summary>
    public required KuboRpcOptions Rpc { get; init; }

    /// <summary>Folder on this machine for the marks of what was unpinned; made if it is absent. Empty while nothing waits to be removed.</summary>
    public required string Folder { get; init; }

    /// <summary>How content is cut. Changing it changes the CIDs of what is stored later; what is there stays readable.</summary>
    public ContentLayout Layout { get; init; } = ContentLayout.Default;

    /// <summary>
    /// Whether collecting garbage has the daemon remove blocks, too; false only lets go of pins, and leaves the blocks to the schedule
    /// of those who run the daemon, which takes nothing new meanwhile. Default true.
    /// </summary>
    public bool CollectsGarbage { get; init; } = true;
}
