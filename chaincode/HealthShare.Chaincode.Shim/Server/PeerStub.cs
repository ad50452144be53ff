using System.Runtime.CompilerServices;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>The stub over a peer: every call is a request on the transaction's session.</summary>
internal sealed class PeerStub(TransactionSession session, ProposalFacts proposal) : IChaincodeStub
{
    public string ChannelId => session.ChannelId;

    public string TransactionId => session.TransactionId;

    public DateTimeOffset ProposedAt => proposal.ProposedAt;

    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => proposal.Arguments;

    public ReadOnlyMemory<byte> Creator => proposal.Creator;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient => proposal.Transient;

    /// <summary>The event to send with the answer, if any.</summary>
    public ChaincodeEvent? Event { get; private set; }

    public Task<byte[]?> GetStateAsync(string key, CancellationToken ct) => ReadAsync(MessageType.GetState, "", key, ct);

    public Task PutStateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken ct) => PutAsync("", key, value, ct);

    public Task DeleteStateAsync(string key, CancellationToken ct) => DeleteAsync(MessageType.DelState, "", key, ct);

    public IAsyncEnumerable<StateEntry> GetStateByRangeAsync(string startKey, string endKey, CancellationToken ct)
    {
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return RangeAsync(start, end, ct);
    }

    public IAsyncEnumerable<StateEntry> GetStateByPartialCompositeKeyAsync(
        string objectType, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return RangeAsync(start, end, ct);
    }

    public async Task<StatePage> GetStateByRangeWithPaginationAsync(
        string startKey, string endKey, int pageSize, string bookmark, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        KeyRules.CheckUnicode(bookmark);
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        var metadata = new QueryMetadata { PageSize = pageSize, Bookmark = bookmark }.ToByteString();
        var request = new GetStateByRange { StartKey = start, EndKey = end, Metadata = metadata };
        var answer = Parse(MessageType.GetStateByRange, QueryResponse.Parser,
            await session.AskAsync(MessageType.GetStateByRange, request, ct));
        var page = Parse(MessageType.GetStateByRange, QueryResponseMetadata.Parser, answer.Metadata);
        return new StatePage([.. answer.Results.Select(EntryOf)], page.FetchedRecordsCount, page.Bookmark);
    }

    public async IAsyncEnumerable<KeyChange> GetHistoryForKeyAsync(string key, [EnumeratorCancellation] CancellationToken ct)
    {
        KeyRules.Check(key);
        var request = new GetHistoryForKey { Key = key };
        await foreach (var result in QueryAsync(MessageType.GetHistoryForKey, request, ct))
        {
            var change = Parse(MessageType.GetHistoryForKey, KeyModification.Parser, result.ResultBytes);
            yield return new(change.TxId, change.Value.Memory, change.Timestamp?.ToDateTimeOffset() ?? default, change.IsDelete);
        }
    }

    public Task<byte[]?> GetPrivateDataAsync(string collection, string key, CancellationToken ct) =>
        ReadAsync(MessageType.GetState, Checked(collection), key, ct);

    public Task<byte[]?> GetPrivateDataHashAsync(string collection, string key, CancellationToken ct) =>
        ReadAsync(MessageType.GetPrivateDataHash, Checked(collection), key, ct);

    public Task PutPrivateDataAsync(string collection, string key, ReadOnlyMemory<byte> value, CancellationToken ct) =>
        PutAsync(Checked(collection), key, value, ct);

    public Task DeletePrivateDataAsync(string collection, string key, CancellationToken ct) =>
        DeleteAsync(MessageType.DelState, Checked(collection), key, ct);

    public Task PurgePrivateDataAsync(string collection, string key, CancellationToken ct) =>
        DeleteAsync(MessageType.PurgePrivateData, Checked(collection), key, ct);

    public void SetEvent(string name, ReadOnlyMemory<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Event = new ChaincodeEvent { EventName = name, Payload = ByteString.CopyFrom(payload.Span) };
    }

    private static string Checked(string collection)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection); // an empty one would mean the public state
        return collection;
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
        var request = new PutState { Key = key, Collection = collection, Value = ByteString.CopyFrom(value.Span) };
        await session.AskAsync(MessageType.PutState, request, ct);
    }

    // Purge has a message of its own with the same fields.
    private async Task DeleteAsync(MessageType type, string collection, string key, CancellationToken ct)
    {
        KeyRules.Check(key);
        await session.AskAsync(type, new DelState { Key = key, Collection = collection }, ct);
    }

    private async IAsyncEnumerable<StateEntry> RangeAsync(string start, string end, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = new GetStateByRange { StartKey = start, EndKey = end };
        await foreach (var result in QueryAsync(MessageType.GetStateByRange, request, ct))
            yield return EntryOf(result);
    }

    /// <summary>All results of a query, batch after batch; the peer's iterator is closed when the reader stops early.</summary>
    private async IAsyncEnumerable<QueryResultBytes> QueryAsync(
        MessageType type, IMessage request, [EnumeratorCancellation] CancellationToken ct)
    {
        var batch = Parse(type, QueryResponse.Parser, await session.AskAsync(type, request, ct));
        var drained = false;
        try
        {
            while (true)
            {
                foreach (var result in batch.Results)
                    yield return result;
                if (!batch.HasMore)
                {
                    drained = true;
                    break;
                }
                var next = new QueryStateNext { Id = batch.Id };
                batch = Parse(type, QueryResponse.Parser, await session.AskAsync(MessageType.QueryStateNext, next, ct));
            }
        }
        finally
        {
            // After a failure the peer has dropped the iterator itself, and it does so for all at the end of a transaction.
            if (!drained && batch.HasMore && !ct.IsCancellationRequested)
                await session.AskAsync(MessageType.QueryStateClose, new QueryStateClose { Id = batch.Id }, ct);
        }
    }

    private static StateEntry EntryOf(QueryResultBytes result)
    {
        var entry = Parse(MessageType.GetStateByRange, KV.Parser, result.ResultBytes);
        return new(entry.Key, entry.Value.Memory);
    }

    private static T Parse<T>(MessageType call, MessageParser<T> parser, ByteString bytes) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new LedgerCallException(TransactionSession.NameOf(call), "the answer is malformed");
        }
    }
}
