namespace HealthShare.Vault.Content;

/// <summary>Copies contents from store to store; the copy keeps its CID, however each store would cut what is new.</summary>
public static class ContentCopy
{
    // A single leaf is the same for every layout with room for it.
    private const int SmallestChunk = 1024;

    /// <summary>Reads a content from one store, verified on the way, and stores and pins it in another.</summary>
    /// <returns>Its length in bytes.</returns>
    /// <exception cref="ContentNotFoundException">The source does not hold it.</exception>
    /// <exception cref="ContentCorruptException">What the source holds does not hash to the CID.</exception>
    /// <exception cref="IOException">A store cannot read or write; nothing is promised.</exception>
    public static async Task<long> CopyAsync(IContentStore from, IContentStore to, Cid cid, CancellationToken ct)
    {
        await using var content = await from.OpenAsync(cid, ct);
        var layout = cid.Codec is CidCodec.Raw ? new(Math.Max(SmallestChunk, (int)content.Length), ContentLayout.Default.MaxLinks)
            : content is ICutContent cut ? await cut.FindLayoutAsync(ct)
            : ContentLayout.Default;
        if (!layout.IsValid)
            throw CutOtherwise(cid);
        var stored = await to.PutAsync(content, layout, ct);
        if (stored.Cid.Equals(cid))
            return stored.Size;
        await to.UnpinAsync(stored.Cid, ct);
        throw CutOtherwise(cid);
    }

    /// <summary>Reads a content to its end, and so verifies all of it.</summary>
    /// <returns>Its length in bytes.</returns>
    /// <exception cref="ContentNotFoundException">The store does not hold it.</exception>
    /// <exception cref="ContentCorruptException">What the store holds does not hash to the CID.</exception>
    public static async Task<long> VerifyAsync(IContentStore store, Cid cid, CancellationToken ct)
    {
        await using var content = await store.OpenAsync(cid, ct);
        await content.CopyToAsync(Stream.Null, ct);
        return content.Length;
    }

    private static ContentCorruptException CutOtherwise(Cid cid) => new(cid, "it is cut in a way that cannot be made again.");
}
