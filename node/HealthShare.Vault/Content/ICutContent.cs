namespace HealthShare.Vault.Content;

/// <summary>Content that is being read and knows how it was cut, so that a copy of it gets the same CID.</summary>
internal interface ICutContent
{
    /// <summary>A layout that gives the same blocks again.</summary>
    ValueTask<ContentLayout> FindLayoutAsync(CancellationToken ct);
}
