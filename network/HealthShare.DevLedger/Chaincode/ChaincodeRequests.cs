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
        lock (execution.Gate)
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

    /// <summary>The answer to a message of a transaction that is not running here.</summary>
    public static ChaincodeMessage NoContext(ChaincodeMessage request) => Failure(request, "no ledger context");

    private static ByteString Handle(TransactionExecution execution, ChaincodeMessage request)
    {
        var (simulator, payload) = (execution.Simulator, request.Payload);
        switch (request.Type)
        {
            case Type.GetState:
                var get = GetState.Parser.ParseFrom(payload);
                return get.Collection.Length == 0 ? simulator.Get(get.Key) : simulator.GetPrivate(get.Collection, get.Key);
            case Type.GetPrivateDataHash:
                var hash = GetState.Parser.ParseFrom(payload);
                return simulator.GetPrivateHash(hash.Collection, hash.Key);
            case Type.PutState:
                var put = PutState.Parser.ParseFrom(payload);
                Write(simulator, put.Collection, put.Key, put.Value);
                return ByteString.Empty;
            case Type.DelState:
                var delete = DelState.Parser.ParseFrom(payload);
                Write(simulator, delete.Collection, delete.Key, value: null);
                return ByteString.Empty;
            case Type.GetStateMetadata:
                return Metadata(simulator, GetStateMetadata.Parser.ParseFrom(payload)).ToByteString();
            case Type.GetStateByRange:
                return Range(execution, GetStateByRange.Parser.ParseFrom(payload)).ToByteString();
            case Type.GetHistoryForKey:
                var history = execution.History.Of(
                    simulator.Chaincode, GetHistoryForKey.Parser.ParseFrom(payload).Key, simulator.Height);
                return execution.Queries.Open(new PlainCursor(history)).ToByteString();
            case Type.QueryStateNext:
                return execution.Queries.Next(QueryStateNext.Parser.ParseFrom(payload).Id).ToByteString();
            case Type.QueryStateClose:
                return execution.Queries.Close(QueryStateClose.Parser.ParseFrom(payload).Id).ToByteString();
            case Type.GetQueryResult:
                throw new SimulationException("rich queries are not supported: the state database holds plain keys and values");
            case Type.InvokeChaincode:
                throw new SimulationException("calling another chaincode is not supported by this ledger");
            case Type.PutStateMetadata:
                throw new SimulationException("key-level endorsement policies are not supported by this ledger");
            case Type.PurgePrivateData:
                throw new SimulationException("purging private data is not supported by this ledger; delete it");
            default:
                throw new SimulationException("the message type is not supported by this ledger");
        }
    }

    private static void Write(TransactionSimulator simulator, string collection, string key, ByteString? value)
    {
        if (collection.Length == 0)
            simulator.Put(key, value);
        else
            simulator.PutPrivate(collection, key, value);
    }

    // No key has metadata here, but reading it is a read of the key.
    private static StateMetadataResult Metadata(TransactionSimulator simulator, GetStateMetadata request)
    {
        if (request.Collection.Length == 0)
            simulator.Get(request.Key);
        else
            simulator.GetPrivateHash(request.Collection, request.Key);
        return new StateMetadataResult();
    }

    private static QueryResponse Range(TransactionExecution execution, GetStateByRange request)
    {
        var page = QueryMetadata.Parser.ParseFrom(request.Metadata);
        if (request.Collection.Length > 0)
            return execution.Queries.Open(execution.Simulator.PrivateRange(request.Collection, request.StartKey, request.EndKey));
        if (page.PageSize == 0 && page.Bookmark.Length == 0)
            return execution.Queries.Open(execution.Simulator.Range(request.StartKey, request.EndKey));
        if (page.PageSize <= 0)
            throw new SimulationException($"a page has at least one result; {page.PageSize} were asked for");
        var start = page.Bookmark.Length > 0 ? page.Bookmark : request.StartKey;
        return execution.Queries.Open(execution.Simulator.PagedRange(start, request.EndKey), page.PageSize);
    }

    private static ChaincodeMessage Failure(ChaincodeMessage request, string reason) => Message(
        Type.Error, request, ByteString.CopyFromUtf8($"{Name(request.Type)} failed: transaction ID: {request.Txid}: {reason}"));

    private static ChaincodeMessage Message(Type type, ChaincodeMessage request, ByteString payload) =>
        new() { Type = type, Payload = payload, Txid = request.Txid, ChannelId = request.ChannelId };

    // Fabric names the message in its errors as the protocol does, in capitals.
    private static string Name(Type type) =>
        ChaincodeMessage.Descriptor.EnumTypes[0].FindValueByNumber((int)type)?.Name ?? $"message type {(int)type}";
}
