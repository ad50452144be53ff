namespace HealthShare.Chaincode.Shim;

/// <summary>
/// One running transaction at one endorsing peer. Reads see the state as last committed: a key that this transaction wrote reads
/// back as before. Calls of one transaction run one after another. Composite keys come from <see cref="CompositeKey"/>.
/// </summary>
/// <remarks>
/// A key that is empty or is not valid Unicode is refused with <see cref="ContractException"/> <c>key.invalid</c>; a call that the
/// peer refuses throws <see cref="LedgerCallException"/>.
/// </remarks>
public interface IChaincodeStub
{
    /// <summary>Channel of the transaction.</summary>
    string ChannelId { get; }

    /// <summary>Transaction id: 64 lower-case hexadecimal digits.</summary>
    string TransactionId { get; }

    /// <summary>Time the client put into the proposal; the same on every endorser, and no more than the client's claim.</summary>
    DateTimeOffset ProposedAt { get; }

    /// <summary>All arguments as sent, the function name first; may be empty.</summary>
    IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; }

    /// <summary>Serialized <c>msp.SerializedIdentity</c> of the client that signed the proposal; the peer has checked it.</summary>
    ReadOnlyMemory<byte> Creator { get; }

    /// <summary>Values that travel with the proposal but never into a block.</summary>
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient { get; }

    /// <summary>Reads a key's committed value; null where there is none.</summary>
    Task<byte[]?> GetStateAsync(string key, CancellationToken ct = default);

    /// <summary>Writes a key when the transaction commits.</summary>
    /// <exception cref="ArgumentException">The value is empty: a peer would take that as a deletion.</exception>
    Task PutStateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken ct = default);

    /// <summary>Deletes a key when the transaction commits.</summary>
    Task DeleteStateAsync(string key, CancellationToken ct = default);

    /// <summary>
    /// Plain keys from <paramref name="startKey"/> up to, not including, <paramref name="endKey"/>, in the order of their UTF-8
    /// bytes. The peer reads the range again at commit. An empty bound is open; composite keys never appear.
    /// </summary>
    IAsyncEnumerable<StateEntry> GetStateByRangeAsync(string startKey, string endKey, CancellationToken ct = default);

    /// <summary>All composite keys of a type that begin with the given parts. The peer reads the range again at commit.</summary>
    IAsyncEnumerable<StateEntry> GetStateByPartialCompositeKeyAsync(
        string objectType, IReadOnlyList<string> parts, CancellationToken ct = default);

    /// <summary>
    /// One page of a range. Not read again at commit, so a peer refuses it in a transaction that writes: for evaluation only.
    /// </summary>
    /// <param name="startKey">First key; empty is open.</param>
    /// <param name="endKey">Key after the last; empty is open.</param>
    /// <param name="pageSize">Most entries to return, at least 1.</param>
    /// <param name="bookmark">Empty for the first page, else the bookmark of the page before.</param>
    /// <param name="ct">Stops waiting for the peer.</param>
    Task<StatePage> GetStateByRangeWithPaginationAsync(
        string startKey, string endKey, int pageSize, string bookmark, CancellationToken ct = default);

    /// <summary>All committed changes of one key, newest first. Not read again at commit.</summary>
    IAsyncEnumerable<KeyChange> GetHistoryForKeyAsync(string key, CancellationToken ct = default);

    /// <summary>Reads a private value; null where there is none. Fails on a peer outside the collection.</summary>
    Task<byte[]?> GetPrivateDataAsync(string collection, string key, CancellationToken ct = default);

    /// <summary>SHA-256 of a private value, readable on every peer of the channel; null where there is none.</summary>
    Task<byte[]?> GetPrivateDataHashAsync(string collection, string key, CancellationToken ct = default);

    /// <summary>Writes a private value; only its hash goes into the block.</summary>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    Task PutPrivateDataAsync(string collection, string key, ReadOnlyMemory<byte> value, CancellationToken ct = default);

    /// <summary>Deletes a private value when the transaction commits; earlier versions stay in the peer's store.</summary>
    Task DeletePrivateDataAsync(string collection, string key, CancellationToken ct = default);

    /// <summary>Removes a private value and its earlier versions from every member's peer; needs capability V2_5.</summary>
    Task PurgePrivateDataAsync(string collection, string key, CancellationToken ct = default);

    /// <summary>Attaches the transaction's event. There is one: the last call wins.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    void SetEvent(string name, ReadOnlyMemory<byte> payload);
}

/// <summary>A key and its committed value.</summary>
/// <param name="Key">The key; split composite ones with <see cref="CompositeKey.Split"/>.</param>
/// <param name="Value">The value's bytes.</param>
public sealed record StateEntry(string Key, ReadOnlyMemory<byte> Value);

/// <summary>One page of a range read.</summary>
/// <param name="Entries">The page's entries, in the order of their keys' UTF-8 bytes.</param>
/// <param name="Fetched">How many entries the peer counted.</param>
/// <param name="Bookmark">Where the next page starts; empty after the last.</param>
public sealed record StatePage(IReadOnlyList<StateEntry> Entries, int Fetched, string Bookmark);

/// <summary>One committed change of a key.</summary>
/// <param name="TransactionId">The transaction that made it.</param>
/// <param name="Value">The value written; empty for a deletion.</param>
/// <param name="At">That transaction's proposal time.</param>
/// <param name="IsDelete">True for a deletion.</param>
public sealed record KeyChange(string TransactionId, ReadOnlyMemory<byte> Value, DateTimeOffset At, bool IsDelete);
