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
}
