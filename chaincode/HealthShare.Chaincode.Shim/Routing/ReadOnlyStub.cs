using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Routing;

/// <summary>
/// The stub of a transaction marked as evaluation. A client may send it for endorsement all the same; refusing its writes keeps
/// the mark honest.
/// </summary>
internal sealed class ReadOnlyStub(IChaincodeStub inner) : IChaincodeStub
{
    public string ChannelId => inner.ChannelId;

    public string TransactionId => inner.TransactionId;

    public DateTimeOffset ProposedAt => inner.ProposedAt;

    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => inner.Arguments;

    public ReadOnlyMemory<byte> Creator => inner.Creator;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient => inner.Transient;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Decorations => inner.Decorations;

    public SignedProposal SignedProposal => inner.SignedProposal;

    public ReadOnlyMemory<byte> Binding => inner.Binding;

    public Task<byte[]?> GetStateAsync(string key, CancellationToken ct) => inner.GetStateAsync(key, ct);

    public Task PutStateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken ct) => throw Refused();

    public Task DeleteStateAsync(string key, CancellationToken ct) => throw Refused();

    public IAsyncEnumerable<StateEntry> GetStateByRangeAsync(string startKey, string endKey, CancellationToken ct) =>
        inner.GetStateByRangeAsync(startKey, endKey, ct);

    public IAsyncEnumerable<StateEntry> GetStateByPartialCompositeKeyAsync(
        string objectType, IReadOnlyList<string> parts, CancellationToken ct) =>
        inner.GetStateByPartialCompositeKeyAsync(objectType, parts, ct);

    public Task<StatePage> GetStateByRangeWithPaginationAsync(
        string startKey, string endKey, int pageSize, string bookmark, CancellationToken ct) =>
        inner.GetStateByRangeWithPaginationAsync(startKey, endKey, pageSize, bookmark, ct);

    public Task<StatePage> GetStateByPartialCompositeKeyWithPaginationAsync(
        string objectType, IReadOnlyList<string> parts, int pageSize, string bookmark, CancellationToken ct) =>
        inner.GetStateByPartialCompositeKeyWithPaginationAsync(objectType, parts, pageSize, bookmark, ct);

    public IAsyncEnumerable<StateEntry> GetQueryResultAsync(string query, CancellationToken ct) => inner.GetQueryResultAsync(query, ct);

    public Task<StatePage> GetQueryResultWithPaginationAsync(string query, int pageSize, string bookmark, CancellationToken ct) =>
        inner.GetQueryResultWithPaginationAsync(query, pageSize, bookmark, ct);

    public IAsyncEnumerable<KeyChange> GetHistoryForKeyAsync(string key, CancellationToken ct) => inner.GetHistoryForKeyAsync(key, ct);

    public Task<byte[]?> GetPrivateDataAsync(string collection, string key, CancellationToken ct) =>
        inner.GetPrivateDataAsync(collection, key, ct);

    public Task<byte[]?> GetPrivateDataHashAsync(string collection, string key, CancellationToken ct) =>
        inner.GetPrivateDataHashAsync(collection, key, ct);

    public Task PutPrivateDataAsync(string collection, string key, ReadOnlyMemory<byte> value, CancellationToken ct) => throw Refused();

    public Task DeletePrivateDataAsync(string collection, string key, CancellationToken ct) => throw Refused();

    public Task PurgePrivateDataAsync(string collection, string key, CancellationToken ct) => throw Refused();

    public IAsyncEnumerable<StateEntry> GetPrivateDataByRangeAsync(
        string collection, string startKey, string endKey, CancellationToken ct) =>
        inner.GetPrivateDataByRangeAsync(collection, startKey, endKey, ct);

    public IAsyncEnumerable<StateEntry> GetPrivateDataByPartialCompositeKeyAsync(
        string collection, string objectType, IReadOnlyList<string> parts, CancellationToken ct) =>
        inner.GetPrivateDataByPartialCompositeKeyAsync(collection, objectType, parts, ct);

    public IAsyncEnumerable<StateEntry> GetPrivateDataQueryResultAsync(string collection, string query, CancellationToken ct) =>
        inner.GetPrivateDataQueryResultAsync(collection, query, ct);

    public Task<byte[]?> GetStateValidationParameterAsync(string key, CancellationToken ct) =>
        inner.GetStateValidationParameterAsync(key, ct);

    public Task SetStateValidationParameterAsync(string key, ReadOnlyMemory<byte> policy, CancellationToken ct) => throw Refused();

    public Task<byte[]?> GetPrivateDataValidationParameterAsync(string collection, string key, CancellationToken ct) =>
        inner.GetPrivateDataValidationParameterAsync(collection, key, ct);

    public Task SetPrivateDataValidationParameterAsync(
        string collection, string key, ReadOnlyMemory<byte> policy, CancellationToken ct) => throw Refused();

    // What the other chaincode does is its own affair: it may mark its functions too.
    public Task<ChaincodeResponse> InvokeChaincodeAsync(
        string chaincode, IReadOnlyList<ReadOnlyMemory<byte>> arguments, string channel, CancellationToken ct) =>
        inner.InvokeChaincodeAsync(chaincode, arguments, channel, ct);

    public void SetEvent(string name, ReadOnlyMemory<byte> payload) => throw Refused();

    private static ContractException Refused() =>
        new(ShimCodes.TransactionReadOnly, "This transaction only reads; it must not write or raise events.");
}
