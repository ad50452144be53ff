using System.Runtime.CompilerServices;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Reads with many results over a transaction's session: ranges, rich queries, history, and their pages.</summary>
internal sealed class PeerQueries(TransactionSession session)
{
    public async IAsyncEnumerable<StateEntry> RangeAsync(
        string collection, string start, string end, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = new GetStateByRange { StartKey = start, EndKey = end, Collection = collection };
        await foreach (var result in QueryAsync(MessageType.GetStateByRange, request, ct))
            yield return EntryOf(MessageType.GetStateByRange, result);
    }

    public Task<StatePage> RangePageAsync(string start, string end, int pageSize, string bookmark, CancellationToken ct) =>
        PageAsync(MessageType.GetStateByRange, new GetStateByRange { StartKey = start, EndKey = end, Metadata = Paging(pageSize, bookmark) }, ct);

    public async IAsyncEnumerable<StateEntry> RichAsync(string collection, string query, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = new GetQueryResult { Query = query, Collection = collection };
        await foreach (var result in QueryAsync(MessageType.GetQueryResult, request, ct))
            yield return EntryOf(MessageType.GetQueryResult, result);
    }

    public Task<StatePage> RichPageAsync(string query, int pageSize, string bookmark, CancellationToken ct) =>
        PageAsync(MessageType.GetQueryResult, new GetQueryResult { Query = query, Metadata = Paging(pageSize, bookmark) }, ct);

    public async IAsyncEnumerable<KeyChange> HistoryAsync(string key, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var result in QueryAsync(MessageType.GetHistoryForKey, new GetHistoryForKey { Key = key }, ct))
        {
            var change = Parse(MessageType.GetHistoryForKey, KeyModification.Parser, result.ResultBytes);
            yield return new(change.TxId, change.Value.Memory, TimeOf(change), change.IsDelete);
        }
    }

    public static T Parse<T>(MessageType call, MessageParser<T> parser, ByteString bytes) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Malformed(call);
        }
    }

    private static LedgerCallException Malformed(MessageType call) =>
        new(TransactionSession.NameOf(call), "the answer is malformed");

    private static ByteString Paging(int pageSize, string bookmark)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        KeyRules.CheckUnicode(bookmark);
        return new QueryMetadata { PageSize = pageSize, Bookmark = bookmark }.ToByteString();
    }

    private async Task<StatePage> PageAsync(MessageType type, IMessage request, CancellationToken ct)
    {
        var answer = Parse(type, QueryResponse.Parser, await session.AskAsync(type, request, ct));
        var page = Parse(type, QueryResponseMetadata.Parser, answer.Metadata);
        return new StatePage([.. answer.Results.Select(result => EntryOf(type, result))], page.FetchedRecordsCount, page.Bookmark);
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

    private static StateEntry EntryOf(MessageType call, QueryResultBytes result)
    {
        var entry = Parse(call, KV.Parser, result.ResultBytes);
        return new(entry.Key, entry.Value.Memory);
    }

    private static DateTimeOffset TimeOf(KeyModification change)
    {
        try
        {
            return change.Timestamp?.ToDateTimeOffset() ?? default;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw Malformed(MessageType.GetHistoryForKey);
        }
    }
}
