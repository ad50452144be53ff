using Google.Protobuf;
using HealthShare.DevLedger.Simulation;
using HealthShare.Fabric.Protocol.Peer;
using Type = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.DevLedger.Chaincode;

/// <summary>Answers what an executing chaincode asks of the ledger.</summary>
internal static class ChaincodeRequests
{
    /// <summary>Answers one message of the chaincode: RESPONSE, or ERROR with a text for its author.</summary>
    public static ChaincodeMessage Answer(TransactionExecution execution, ChaincodeMessage request)
    {
        lock (execution.Simulator.Gate)
        {
            try
            {
                if (execution.Ended)
                    throw new SimulationException("no ledger context");
                return Message(Type.Response, request, Handle(execution, request));
            }
            catch (SimulationException e)
            {
                return Failure(request, e.Message);
            }
            catch (InvalidProtocolBufferException)
            {
                return Failure(request, "unmarshal failed");
            }
        }
    }

    /// <summary>Answers a call of another chaincode, which takes as long as that one does.</summary>
    public static async Task<ChaincodeMessage> AnswerCallAsync(TransactionExecution execution, ChaincodeMessage request)
    {
        try
        {
            var spec = ChaincodeSpec.Parser.ParseFrom(request.Payload);
            if (spec is not { ChaincodeId: not null, Input: not null })
                return Failure(request, "unmarshal failed");
            return Message(Type.Response, request, (await execution.Call(execution, spec)).ToByteString());
        }
        catch (SimulationException e)
        {
            return Failure(request, e.Message);
        }
        catch (ChaincodeFailure e)
        {
            return Failure(request, $"execute failed: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return Failure(request, "no ledger context");
        }
        catch (InvalidProtocolBufferException)
        {
            return Failure(request, "unmarshal failed");
        }
    }

    /// <summary>Whether a type of message is a request that this side answers.</summary>
    public static bool IsRequest(Type type) => type is Type.GetState or Type.PutState or Type.DelState or Type.InvokeChaincode
        or Type.GetStateByRange or Type.GetQueryResult or Type.QueryStateNext or Type.QueryStateClose or Type.GetHistoryForKey
        or Type.GetStateMetadata or Type.PutStateMetadata or Type.GetPrivateDataHash or Type.PurgePrivateData;

    /// <summary>The answer to a message of a transaction that is not running here.</summary>
    public static ChaincodeMessage NoContext(ChaincodeMessage request) => Failure(request, "no ledger context");

    private static ByteString Handle(TransactionExecution execution, ChaincodeMessage request)
    {
        var (simulator, payload) = (execution.Simulator, request.Payload);
        switch (request.Type)
        {
            case Type.GetState:
                var get = GetState.Parser.ParseFrom(payload.Span);
                return IsPrivate(execution, get.Collection, write: false) ? simulator.GetPrivate(get.Collection, get.Key) : simulator.Get(get.Key);
            case Type.GetPrivateDataHash:
                var hash = GetState.Parser.ParseFrom(payload.Span);
                RefuseInInit(execution);
                return simulator.GetPrivateHash(hash.Collection, hash.Key);
            case Type.PutState:
                var put = PutState.Parser.ParseFrom(payload.Span);
                return Write(execution, put.Collection, put.Key, put.Value);
            case Type.DelState:
                var delete = DelState.Parser.ParseFrom(payload.Span);
                return Write(execution, delete.Collection, delete.Key, value: null);
            case Type.PurgePrivateData:
                return Purge(execution, PurgePrivateState.Parser.ParseFrom(payload.Span));
            case Type.GetStateMetadata:
                return Metadata(execution, GetStateMetadata.Parser.ParseFrom(payload.Span)).ToByteString();
            case Type.PutStateMetadata:
                return PutMetadata(execution, PutStateMetadata.Parser.ParseFrom(payload.Span));
            case Type.GetStateByRange:
                return Range(execution, GetStateByRange.Parser.ParseFrom(payload.Span)).ToByteString();
            case Type.GetQueryResult:
                return RichQuery(execution, GetQueryResult.Parser.ParseFrom(payload.Span));
            case Type.GetHistoryForKey:
                var history = execution.History.Of(
                    simulator.Chaincode, GetHistoryForKey.Parser.ParseFrom(payload.Span).Key, simulator.State.Height);
                return execution.Queries.Open(new PlainCursor(history)).ToByteString();
            case Type.QueryStateNext:
                return execution.Queries.Next(QueryStateNext.Parser.ParseFrom(payload.Span).Id).ToByteString();
            case Type.QueryStateClose:
                return execution.Queries.Close(QueryStateClose.Parser.ParseFrom(payload.Span).Id).ToByteString();
            default:
                throw new ArgumentException($"{request.Type} is no request.", nameof(request));
        }
    }

    private static ByteString Write(TransactionExecution execution, string collection, string key, ByteString? value)
    {
        if (IsPrivate(execution, collection, write: true))
            execution.Simulator.PutPrivate(collection, key, value);
        else
            execution.Simulator.Put(key, value);
        return ByteString.Empty;
    }

    private static ByteString Purge(TransactionExecution execution, PurgePrivateState request)
    {
        if (!IsPrivate(execution, request.Collection, write: true))
            throw new SimulationException("only applicable for private data");
        execution.Simulator.PurgePrivate(request.Collection, request.Key);
        return ByteString.Empty;
    }

    private static StateMetadataResult Metadata(TransactionExecution execution, GetStateMetadata request)
    {
        var entries = IsPrivate(execution, request.Collection, write: false)
            ? execution.Simulator.GetPrivateMetadata(request.Collection, request.Key)
            : execution.Simulator.GetMetadata(request.Key);
        return new StateMetadataResult { Entries = { entries } };
    }

    private static ByteString PutMetadata(TransactionExecution execution, PutStateMetadata request)
    {
        if (request.Metadata is not { } entry)
            throw new SimulationException("unmarshal failed");
        if (IsPrivate(execution, request.Collection, write: true))
            execution.Simulator.PutPrivateMetadata(request.Collection, request.Key, entry.Metakey, entry.Value);
        else
            execution.Simulator.PutMetadata(request.Key, entry.Metakey, entry.Value);
        return ByteString.Empty;
    }

    private static QueryResponse Range(TransactionExecution execution, GetStateByRange request)
    {
        var page = QueryMetadata.Parser.ParseFrom(request.Metadata);
        if (IsPrivate(execution, request.Collection, write: false))
            return execution.Queries.Open(execution.Simulator.PrivateRange(request.Collection, request.StartKey, request.EndKey));
        if (!IsPaged(page))
            return execution.Queries.Open(execution.Simulator.Range(request.StartKey, request.EndKey));
        var start = page.Bookmark.Length > 0 ? page.Bookmark : request.StartKey;
        return execution.Queries.Open(execution.Simulator.PagedRange(start, request.EndKey), page.PageSize);
    }

    private static ByteString RichQuery(TransactionExecution execution, GetQueryResult request)
    {
        var paged = IsPaged(QueryMetadata.Parser.ParseFrom(request.Metadata));
        IsPrivate(execution, request.Collection, write: false);
        throw execution.Simulator.RichQuery(request.Collection, paged);
    }

    private static bool IsPaged(QueryMetadata page) => page.PageSize != 0 || page.Bookmark.Length > 0;

    private static bool IsPrivate(TransactionExecution execution, string collection, bool write)
    {
        if (collection.Length == 0)
            return false;
        RefuseInInit(execution);
        execution.Simulator.RequireAccess(execution.Channel, collection, write);
        return true;
    }

    private static void RefuseInInit(TransactionExecution execution)
    {
        if (execution.IsInit)
            throw new SimulationException("private data APIs are not allowed in chaincode Init()");
    }

    private static ChaincodeMessage Failure(ChaincodeMessage request, string reason) => Message(
        Type.Error, request, ByteString.CopyFromUtf8($"{Name(request.Type)} failed: transaction ID: {request.Txid}: {reason}"));

    private static ChaincodeMessage Message(Type type, ChaincodeMessage request, ByteString payload) =>
        new() { Type = type, Payload = payload, Txid = request.Txid, ChannelId = request.ChannelId };

    // Fabric names the message in its errors as the protocol does, in capitals.
    private static string Name(Type type) =>
        ChaincodeMessage.Descriptor.EnumTypes[0].FindValueByNumber((int)type)?.Name ?? $"message type {(int)type}";
}
