using Google.Protobuf;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>The stub over a peer: every call is a request on the transaction's session.</summary>
internal sealed class PeerStub(TransactionSession session, ProposalFacts proposal) : IChaincodeStub
{
    private const string ValidationParameter = "VALIDATION_PARAMETER";
    private readonly PeerQueries queries = new(session);

    public string ChannelId => session.ChannelId;

    public string TransactionId => session.TransactionId;

    public DateTimeOffset ProposedAt => proposal.ProposedAt;

    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => proposal.Arguments;

    public ReadOnlyMemory<byte> Creator => proposal.Creator;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient => proposal.Transient;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Decorations => proposal.Decorations;

    public SignedProposal SignedProposal => proposal.SignedProposal;

    public ReadOnlyMemory<byte> Binding => proposal.Binding;

    /// <summary>The event to send with the answer, if any.</summary>
    public ChaincodeEvent? Event { get; private set; }

    public Task<byte[]?> GetStateAsync(string key, CancellationToken ct) => ReadAsync(MessageType.GetState, "", key, ct);

    public Task PutStateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken ct) => PutAsync("", key, value, ct);

    public Task DeleteStateAsync(string key, CancellationToken ct) => DeleteAsync(MessageType.DelState, "", key, ct);

    public IAsyncEnumerable<StateEntry> GetStateByRangeAsync(string startKey, string endKey, CancellationToken ct)
    {
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return queries.RangeAsync("", start, end, ct);
    }

    public IAsyncEnumerable<StateEntry> GetStateByPartialCompositeKeyAsync(
        string objectType, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return queries.RangeAsync("", start, end, ct);
    }

    public Task<StatePage> GetStateByRangeWithPaginationAsync(
        string startKey, string endKey, int pageSize, string bookmark, CancellationToken ct)
    {
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return queries.RangePageAsync(start, end, pageSize, bookmark, ct);
    }

    public Task<StatePage> GetStateByPartialCompositeKeyWithPaginationAsync(
        string objectType, IReadOnlyList<string> parts, int pageSize, string bookmark, CancellationToken ct)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return queries.RangePageAsync(start, end, pageSize, bookmark, ct);
    }

    public IAsyncEnumerable<StateEntry> GetQueryResultAsync(string query, CancellationToken ct) => queries.RichAsync("", query, ct);

    public Task<StatePage> GetQueryResultWithPaginationAsync(string query, int pageSize, string bookmark, CancellationToken ct) =>
        queries.RichPageAsync(query, pageSize, bookmark, ct);

    public IAsyncEnumerable<KeyChange> GetHistoryForKeyAsync(string key, CancellationToken ct)
    {
        KeyRules.Check(key);
        return queries.HistoryAsync(key, ct);
    }

    public Task<byte[]?> GetPrivateDataAsync(string collection, string key, CancellationToken ct) =>
        ReadAsync(MessageType.GetState, KeyRules.CheckCollection(collection), key, ct);

    public Task<byte[]?> GetPrivateDataHashAsync(string collection, string key, CancellationToken ct) =>
        ReadAsync(MessageType.GetPrivateDataHash, KeyRules.CheckCollection(collection), key, ct);

    public Task PutPrivateDataAsync(string collection, string key, ReadOnlyMemory<byte> value, CancellationToken ct) =>
        PutAsync(KeyRules.CheckCollection(collection), key, value, ct);

    public Task DeletePrivateDataAsync(string collection, string key, CancellationToken ct) =>
        DeleteAsync(MessageType.DelState, KeyRules.CheckCollection(collection), key, ct);

    public Task PurgePrivateDataAsync(string collection, string key, CancellationToken ct) =>
        DeleteAsync(MessageType.PurgePrivateData, KeyRules.CheckCollection(collection), key, ct);

    public IAsyncEnumerable<StateEntry> GetPrivateDataByRangeAsync(
        string collection, string startKey, string endKey, CancellationToken ct)
    {
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return queries.RangeAsync(KeyRules.CheckCollection(collection), start, end, ct);
    }

    public IAsyncEnumerable<StateEntry> GetPrivateDataByPartialCompositeKeyAsync(
        string collection, string objectType, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return queries.RangeAsync(KeyRules.CheckCollection(collection), start, end, ct);
    }

    public IAsyncEnumerable<StateEntry> GetPrivateDataQueryResultAsync(string collection, string query, CancellationToken ct) =>
        queries.RichAsync(KeyRules.CheckCollection(collection), query, ct);

    public Task<byte[]?> GetStateValidationParameterAsync(string key, CancellationToken ct) => ReadPolicyAsync("", key, ct);

    public Task SetStateValidationParameterAsync(string key, ReadOnlyMemory<byte> policy, CancellationToken ct) =>
        WritePolicyAsync("", key, policy, ct);

    public Task<byte[]?> GetPrivateDataValidationParameterAsync(string collection, string key, CancellationToken ct) =>
        ReadPolicyAsync(KeyRules.CheckCollection(collection), key, ct);

    public Task SetPrivateDataValidationParameterAsync(
        string collection, string key, ReadOnlyMemory<byte> policy, CancellationToken ct) =>
        WritePolicyAsync(KeyRules.CheckCollection(collection), key, policy, ct);

    public async Task<ChaincodeResponse> InvokeChaincodeAsync(
        string chaincode, IReadOnlyList<ReadOnlyMemory<byte>> arguments, string channel, CancellationToken ct)
    {
        ArgumentException.ThrowIfNullOrEmpty(chaincode);
        var spec = new ChaincodeSpec
        {
            ChaincodeId = new() { Name = string.IsNullOrEmpty(channel) ? chaincode : $"{chaincode}/{channel}" },
            Input = new() { Args = { arguments.Select(argument => ByteString.CopyFrom(argument.Span)) } },
        };
        var answer = await session.AskAsync(MessageType.InvokeChaincode, spec, ct);
        // The peer hands on the other chaincode's own message, whole.
        var message = PeerQueries.Parse(MessageType.InvokeChaincode, ChaincodeMessage.Parser, answer);
        if (message.Type is not MessageType.Completed)
            throw new LedgerCallException(TransactionSession.NameOf(MessageType.InvokeChaincode), message.Payload.ToStringUtf8());
        var response = PeerQueries.Parse(MessageType.InvokeChaincode, Response.Parser, message.Payload);
        return new ChaincodeResponse(response.Status, response.Message, response.Payload.Memory);
    }

    public void SetEvent(string name, ReadOnlyMemory<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Event = new ChaincodeEvent { EventName = name, Payload = ByteString.CopyFrom(payload.Span) };
    }

    // A peer answers an absent key with no bytes; since empty values cannot be written, that says it all.
    private async Task<byte[]?> ReadAsync(MessageType type, string collection, string key, CancellationToken ct)
    {
        KeyRules.Check(key);
        var value = await session.AskAsync(type, new GetState { Key = key, Collection = collection }, ct);
        return value.IsEmpty ? null : value.ToByteArray();
    }

    private async Task PutAsync(string collection, string key, ReadOnlyMemory<byte> value, CancellationToken ct)
    {
        KeyRules.Check(key);
        KeyRules.CheckValue(value);
        var request = new PutState { Key = key, Collection = collection, Value = UnsafeByteOperations.UnsafeWrap(value) };
        await session.AskAsync(MessageType.PutState, request, ct);
    }

    // Purge has a message of its own with the same fields.
    private async Task DeleteAsync(MessageType type, string collection, string key, CancellationToken ct)
    {
        KeyRules.Check(key);
        await session.AskAsync(type, new DelState { Key = key, Collection = collection }, ct);
    }

    private async Task<byte[]?> ReadPolicyAsync(string collection, string key, CancellationToken ct)
    {
        KeyRules.Check(key);
        var answer = await session.AskAsync(MessageType.GetStateMetadata, new GetStateMetadata { Key = key, Collection = collection }, ct);
        var metadata = PeerQueries.Parse(MessageType.GetStateMetadata, StateMetadataResult.Parser, answer);
        return metadata.Entries.FirstOrDefault(entry => entry.Metakey == ValidationParameter)?.Value is { IsEmpty: false } policy
            ? policy.ToByteArray()
            : null;
    }

    private async Task WritePolicyAsync(string collection, string key, ReadOnlyMemory<byte> policy, CancellationToken ct)
    {
        KeyRules.Check(key);
        var request = new PutStateMetadata
        {
            Key = key, Collection = collection,
            Metadata = new() { Metakey = ValidationParameter, Value = ByteString.CopyFrom(policy.Span) },
        };
        await session.AskAsync(MessageType.PutStateMetadata, request, ct);
    }
}
