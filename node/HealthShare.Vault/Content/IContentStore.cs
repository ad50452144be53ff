namespace HealthShare.Vault.Content;

/// <summary>Keeps immutable content under its CID. Only ciphertext belongs here: a store trusts nobody and is trusted by nobody.</summary>
public interface IContentStore
{
    /// <summary>Stores and pins content, streaming. Once this returns, the content survives a power failure.</summary>
    /// <remarks>The same content twice is one content; concurrent writers of it are fine. Cancelled or failed: nothing is kept.</remarks>
    /// <exception cref="IOException">The store could not write; nothing is promised.</exception>
    Task<StoredContent> PutAsync(Stream content, CancellationToken ct);

    /// <summary>Stores and pins a copy of content that was cut in another way before, so that it keeps its CID.</summary>
    /// <inheritdoc cref="PutAsync(Stream, CancellationToken)" path="/remarks"/>
    /// <inheritdoc cref="PutAsync(Stream, CancellationToken)" path="/exception"/>
    /// <exception cref="ArgumentException">The layout is out of range.</exception>
    Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct);

    /// <summary>Opens content for reading. Every byte is verified against the CID before it is given out.</summary>
    /// <exception cref="ContentNotFoundException">The store does not hold it.</exception>
    /// <exception cref="ContentCorruptException">From this call or a later read: the bytes do not hash to the CID.</exception>
    Task<Stream> OpenAsync(Cid cid, CancellationToken ct);

    /// <summary>True when the store holds the content; does not verify it.</summary>
    Task<bool> HasAsync(Cid cid, CancellationToken ct);

    /// <summary>True when the store holds the content and garbage collection leaves it; does not verify it.</summary>
    Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct);

    /// <summary>Keeps the content until it is unpinned, durably. Pinned already is fine.</summary>
    /// <exception cref="ContentNotFoundException">The store does not hold it.</exception>
    Task PinAsync(Cid cid, CancellationToken ct);

    /// <summary>Lets garbage collection remove the content, durably. Unpinned already, or absent, is fine.</summary>
    Task UnpinAsync(Cid cid, CancellationToken ct);

    /// <summary>Every content that is pinned, in no order.</summary>
    /// <remarks>A look at a store in use: what is pinned or unpinned while it is read may or may not be in it; all else is.</remarks>
    IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken ct);

    /// <summary>Removes what was unpinned at least <paramref name="grace"/> ago; never what a writer is storing at the time.</summary>
    /// <returns>How many contents were removed.</returns>
    Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct);
}

/// <summary>What was stored.</summary>
/// <param name="Cid">The content's id.</param>
/// <param name="Size">Length in bytes.</param>
public sealed record StoredContent(Cid Cid, long Size);

/// <summary>The bytes that a store holds under a CID do not hash to it, or are not all there.</summary>
public sealed class ContentCorruptException(Cid cid, string reason) : IOException($"Content {cid} is corrupt: {reason}")
{
    /// <summary>The content that must be fetched again or repaired.</summary>
    public Cid Cid { get; } = cid;
}

/// <summary>The store does not hold a content.</summary>
public sealed class ContentNotFoundException(Cid cid) : IOException($"Content {cid} is not in the store.")
{
    /// <summary>The content asked for.</summary>
    public Cid Cid { get; } = cid;
}
