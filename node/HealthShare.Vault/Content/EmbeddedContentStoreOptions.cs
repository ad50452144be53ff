namespace HealthShare.Vault.Content;

/// <summary>Settings of the embedded store.</summary>
public sealed record EmbeddedContentStoreOptions
{
    /// <summary>The store's own folder; made if it is absent. One process at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>How content is cut. Changing it changes the CIDs of what is stored later; what is there stays readable.</summary>
    public ContentLayout Layout { get; init; } = ContentLayout.Default;

    /// <summary>False skips every fsync: for measurements only, an acknowledged record may be lost in a power failure.</summary>
    public bool SyncToDisk { get; init; } = true;
}
