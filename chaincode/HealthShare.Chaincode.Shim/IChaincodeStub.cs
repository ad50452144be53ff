using HealthShare.Fabric.Protocol.Peer;

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

    /// <summary>Values that the peer's own decorators added to the arguments; empty on a peer without decorators.</summary>
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Decorations { get; }

    /// <summary>The proposal as the client signed it, for contracts that check more than its creator. Do not change it.</summary>
    SignedProposal SignedProposal { get; }

    /// <summary>
    /// SHA-256 over the proposal's nonce, creator and epoch: what a value signed outside the proposal is bound to, so that it
    /// cannot be replayed in another one.
    /// </summary>
    ReadOnlyMemory<byte> Binding { get; }

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

    /// <summary>
    /// One page of the composite keys of a type that begin with the given parts. Not read again at commit, so a peer refuses it in
    /// a transaction that writes: for evaluation only.
    /// </summary>
    /// <param name="objectType">The keys' type.</param>
    /// <param name="parts">What the keys begin with.</param>
    /// <param name="pageSize">Most entries to return, at least 1.</param>
    /// <param name="bookmark">Empty for the first page, else the bookmark of the page before.</param>
    /// <param name="ct">Stops waiting for the peer.</param>
    Task<StatePage> GetStateByPartialCompositeKeyWithPaginationAsync(
        string objectType, IReadOnlyList<string> parts, int pageSize, string bookmark, CancellationToken ct = default);

    /// <summary>
    /// A rich query in the state database's own language. Its result is not read again at commit: act on it in an evaluation, or
    /// where a stale result does no harm.
    /// </summary>
    /// <exception cref="ContractException"><c>ledger.unsupported</c>: the peer keeps its state in LevelDB, which has no queries.</exception>
    IAsyncEnumerable<StateEntry> GetQueryResultAsync(string query, CancellationToken ct = default);

    /// <summary>One page of a rich query, for evaluation only.</summary>
    /// <param name="query">The query, such as a CouchDB selector.</param>
    /// <param name="pageSize">Most entries to return, at least 1.</param>
    /// <param name="bookmark">Empty for the first page, else the bookmark of the page before.</param>
    /// <param name="ct">Stops waiting for the peer.</param>
    /// <exception cref="ContractException"><c>ledger.unsupported</c>: the peer keeps its state in LevelDB, which has no queries.</exception>
    Task<StatePage> GetQueryResultWithPaginationAsync(string query, int pageSize, string bookmark, CancellationToken ct = default);

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

    /// <summary>
    /// Private keys of a collection from <paramref name="startKey"/> up to, not including, <paramref name="endKey"/>. A peer
    /// refuses it in a transaction that writes. There are no pages in collections.
    /// </summary>
    IAsyncEnumerable<StateEntry> GetPrivateDataByRangeAsync(
        string collection, string startKey, string endKey, CancellationToken ct = default);

    /// <summary>All private composite keys of a type that begin with the given parts; as a range otherwise.</summary>
    IAsyncEnumerable<StateEntry> GetPrivateDataByPartialCompositeKeyAsync(
        string collection, string objectType, IReadOnlyList<string> parts, CancellationToken ct = default);

    /// <summary>A rich query over a collection.</summary>
    /// <exception cref="ContractException"><c>ledger.unsupported</c>: the peer keeps its state in LevelDB, which has no queries.</exception>
    IAsyncEnumerable<StateEntry> GetPrivateDataQueryResultAsync(string collection, string query, CancellationToken ct = default);

    /// <summary>
    /// The endorsement policy of one key, a serialized <c>common.SignaturePolicyEnvelope</c>; null where the chaincode's own
    /// applies. <see cref="KeyEndorsementPolicy"/> reads it.
    /// </summary>
    Task<byte[]?> GetStateValidationParameterAsync(string key, CancellationToken ct = default);

    /// <summary>
    /// Gives a key an endorsement policy of its own from the next block on; every later write of key or policy must satisfy it
    /// instead of the chaincode's. A key without a value keeps no policy.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="policy">From <see cref="KeyEndorsementPolicy"/>; empty returns the key to the chaincode's policy.</param>
    /// <param name="ct">Stops waiting for the peer.</param>
    Task SetStateValidationParameterAsync(string key, ReadOnlyMemory<byte> policy, CancellationToken ct = default);

    /// <summary>The endorsement policy of one private key; null where the collection's or the chaincode's applies.</summary>
    Task<byte[]?> GetPrivateDataValidationParameterAsync(string collection, string key, CancellationToken ct = default);

    /// <summary>Gives a private key an endorsement policy of its own, or with empty bytes takes it away.</summary>
    Task SetPrivateDataValidationParameterAsync(
        string collection, string key, ReadOnlyMemory<byte> policy, CancellationToken ct = default);

    /// <summary>
    /// Runs a function of another chaincode within this transaction, on the same peer and for the same creator. On the same
    /// channel its reads and writes become part of this transaction; on another it only reads, and nothing it read is checked at
    /// commit. Its event is dropped.
    /// </summary>
    /// <param name="chaincode">Name of the chaincode in its channel's definition.</param>
    /// <param name="arguments">Function name and arguments.</param>
    /// <param name="channel">Its channel; empty (the default) is this transaction's.</param>
    /// <param name="ct">Stops waiting for the peer.</param>
    /// <returns>What the other chaincode answered, also where it refused: check <see cref="ChaincodeResponse.IsSuccess"/>.</returns>
    Task<ChaincodeResponse> InvokeChaincodeAsync(
        string chaincode, IReadOnlyList<ReadOnlyMemory<byte>> arguments, string channel = "", CancellationToken ct = default);

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
