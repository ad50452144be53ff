using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Type = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>
/// A chaincode service that speaks the peer's protocol by itself, without any shim: every argument is one request, its parts
/// divided by bars, and the answer holds one line for each, errors included. So a test, and a comparison with a real peer, can
/// ask anything that the protocol knows, and can misbehave.
/// </summary>
internal sealed class ScriptChaincode : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(object Stream, string Id), TaskCompletionSource<ChaincodeMessage>> waiting = new();
    private readonly WebApplication app;
    private readonly string packageId;

    private ScriptChaincode(string packageId, WebApplication app) => (this.packageId, this.app) = (packageId, app);

    /// <summary>What to do instead of answering a transaction; returns false to answer it after all.</summary>
    public Func<ChaincodeMessage, IGrpcServerStream<ChaincodeMessage, ChaincodeMessage>, Task<bool>>? Misbehave { get; set; }

    public Uri Address { get; private set; } = null!;

    public static async Task<ScriptChaincode> StartAsync(string packageId, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenGrpc(new IPEndPoint(IPAddress.Loopback, port)));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        var app = builder.Build();
        var chaincode = new ScriptChaincode(packageId, app);
        app.MapGrpcDuplex(FabricMethods.ChaincodeConnect, (stream, context) => chaincode.ServeAsync(stream, context.CancellationToken));
        await app.StartAsync();
        chaincode.Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return chaincode;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task ServeAsync(IGrpcServerStream<ChaincodeMessage, ChaincodeMessage> stream, CancellationToken ct)
    {
        await stream.WriteAsync(new ChaincodeMessage
        {
            Type = Type.Register,
            Payload = new ChaincodeID { Name = packageId }.ToByteString(),
        }, ct);
        await foreach (var message in stream.ReadAllAsync(ct))
        {
            if (message.Type is Type.Transaction or Type.Init)
                _ = Task.Run(() => AnswerAsync(stream, message), ct);
            else if (message.Type is Type.Response or Type.Error
                && waiting.TryRemove((stream, message.Txid), out var request))
                request.TrySetResult(message);
        }
    }

    private async Task AnswerAsync(IGrpcServerStream<ChaincodeMessage, ChaincodeMessage> stream, ChaincodeMessage transaction)
    {
        if (Misbehave is { } misbehave && await misbehave(transaction, stream))
            return;
        var answer = Reply(transaction, Type.Completed, ByteString.Empty);
        var response = new Response { Status = 200 };
        List<string> lines = [];
        foreach (var argument in ChaincodeInput.Parser.ParseFrom(transaction.Payload).Args)
        {
            var request = argument.ToStringUtf8().Split('|');
            switch (request)
            {
                case ["fail", var status, var message]:
                    (response.Status, response.Message) = (int.Parse(status, CultureInfo.InvariantCulture), message);
                    break;
                case ["error", var message]:
                    await stream.WriteAsync(Reply(transaction, Type.Error, ByteString.CopyFromUtf8(message)));
                    return;
                case ["event", var name, var payload]:
                    answer.ChaincodeEvent = new ChaincodeEvent { EventName = name, Payload = ByteString.CopyFromUtf8(payload) };
                    break;
                case ["sleep", var ms]:
                    await Task.Delay(int.Parse(ms, CultureInfo.InvariantCulture));
                    break;
                default:
                    lines.Add(await RunAsync(stream, transaction, request));
                    break;
            }
        }
        response.Payload = ByteString.CopyFromUtf8(string.Join('\n', lines));
        answer.Payload = response.ToByteString();
        await stream.WriteAsync(answer);
    }

    private async Task<string> RunAsync(
        IGrpcServerStream<ChaincodeMessage, ChaincodeMessage> stream, ChaincodeMessage transaction, string[] request)
    {
        var (type, message) = Parse(request, transaction);
        var answer = await AskAsync(stream, transaction, type, message.ToByteString());
        if (answer.Type is Type.Error)
            return $"ERROR {answer.Payload.ToStringUtf8()}";
        if (type is Type.GetStateMetadata)
            return string.Join(',', StateMetadataResult.Parser.ParseFrom(answer.Payload).Entries
                .Select(entry => $"{entry.Metakey}={Convert.ToHexStringLower(entry.Value.Span)}"));
        if (type is Type.InvokeChaincode)
            return Called(ChaincodeMessage.Parser.ParseFrom(answer.Payload));
        if (type is Type.GetPrivateDataHash)
            return Convert.ToHexStringLower(answer.Payload.Span);
        return type is Type.GetStateByRange or Type.GetHistoryForKey or Type.GetQueryResult
            ? await ReadAsync(stream, transaction, answer, only: request[0] is "begin", history: request[0] is "history")
            : answer.Payload.ToStringUtf8();
    }

    private async Task<string> ReadAsync(
        IGrpcServerStream<ChaincodeMessage, ChaincodeMessage> stream, ChaincodeMessage transaction, ChaincodeMessage first,
        bool only, bool history)
    {
        var page = QueryResponse.Parser.ParseFrom(first.Payload);
        List<string> found = [];
        while (true)
        {
            found.AddRange(page.Results.Select(result => Show(result.ResultBytes, history)));
            if (!page.HasMore || only)
                break;
            var next = await AskAsync(stream, transaction, Type.QueryStateNext, new QueryStateNext { Id = page.Id }.ToByteString());
            page = QueryResponse.Parser.ParseFrom(next.Payload);
        }
        var metadata = page.Metadata.IsEmpty ? null : QueryResponseMetadata.Parser.ParseFrom(page.Metadata);
        var shown = found.Count > 10 ? $"{found.Count} from {found[0]} to {found[^1]}" : string.Join(',', found);
        return metadata is null ? shown : $"{shown} {metadata.FetchedRecordsCount} [{metadata.Bookmark}]";
    }

    private static string Show(ByteString result, bool history)
    {
        if (history)
        {
            var change = KeyModification.Parser.ParseFrom(result);
            return change.IsDelete ? "deleted" : change.Value.ToStringUtf8();
        }
        var entry = KV.Parser.ParseFrom(result);
        return $"{entry.Key}={entry.Value.ToStringUtf8()}";
    }

    private static string Called(ChaincodeMessage message)
    {
        if (message.Type is not Type.Completed)
            return $"{(int)message.Type} {message.Payload.ToStringUtf8()}";
        var response = Response.Parser.ParseFrom(message.Payload);
        return $"{response.Status} {response.Message}{response.Payload.ToStringUtf8()}";
    }

    private async Task<ChaincodeMessage> AskAsync(
        IGrpcServerStream<ChaincodeMessage, ChaincodeMessage> stream, ChaincodeMessage transaction, Type type, ByteString payload)
    {
        var answer = waiting[(stream, transaction.Txid)] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await stream.WriteAsync(Reply(transaction, type, payload));
        return await answer.Task;
    }

    public static ChaincodeMessage Reply(ChaincodeMessage transaction, Type type, ByteString payload) =>
        new() { Type = type, Payload = payload, Txid = transaction.Txid, ChannelId = transaction.ChannelId };

    private static (Type, IMessage) Parse(string[] request, ChaincodeMessage transaction)
    {
        return request switch
        {
            ["get", var key] => (Type.GetState, new GetState { Key = key }),
            ["getp", var collection, var key] => (Type.GetState, new GetState { Collection = collection, Key = key }),
            ["hash", var collection, var key] => (Type.GetPrivateDataHash, new GetState { Collection = collection, Key = key }),
            ["put", var key, var value] => (Type.PutState, new PutState { Key = key, Value = Bytes(value) }),
            ["putp", var collection, var key, var value] =>
                (Type.PutState, new PutState { Collection = collection, Key = key, Value = Bytes(value) }),
            ["del", var key] => (Type.DelState, new DelState { Key = key }),
            ["delp", var collection, var key] => (Type.DelState, new DelState { Collection = collection, Key = key }),
            ["purge", var collection, var key] => (Type.PurgePrivateData, new PurgePrivateState { Collection = collection, Key = key }),
            ["meta", var key] => (Type.GetStateMetadata, new GetStateMetadata { Key = key }),
            ["metap", var collection, var key] => (Type.GetStateMetadata, new GetStateMetadata { Collection = collection, Key = key }),
            ["policy", var key, var policy] => (Type.PutStateMetadata, new PutStateMetadata { Key = key, Metadata = Policy(policy) }),
            ["policyp", var collection, var key, var policy] =>
                (Type.PutStateMetadata, new PutStateMetadata { Collection = collection, Key = key, Metadata = Policy(policy) }),
            ["range" or "begin", var start, var end] => (Type.GetStateByRange, new GetStateByRange { StartKey = start, EndKey = end }),
            ["rangep", var collection, var start, var end] =>
                (Type.GetStateByRange, new GetStateByRange { Collection = collection, StartKey = start, EndKey = end }),
            ["page", var start, var end, var size, var bookmark] =>
                (Type.GetStateByRange, new GetStateByRange { StartKey = start, EndKey = end, Metadata = Page(size, bookmark) }),
            ["query", var query] => (Type.GetQueryResult, new GetQueryResult { Query = query }),
            ["queryp", var collection, var query] => (Type.GetQueryResult, new GetQueryResult { Collection = collection, Query = query }),
            ["pquery", var query, var size] => (Type.GetQueryResult, new GetQueryResult { Query = query, Metadata = Page(size, "") }),
            ["history", var key] => (Type.GetHistoryForKey, new GetHistoryForKey { Key = key }),
            ["next", var id] => (Type.QueryStateNext, new QueryStateNext { Id = id }),
            ["call", var name, .. var script] => (Type.InvokeChaincode, Spec(name, script)),
            _ => throw new ArgumentException($"No such request: {request[0]} ({transaction.Txid})."),
        };
    }

    // In what is called on, bars are written as semicolons and commas part the requests.
    private static ChaincodeSpec Spec(string name, string[] script)
    {
        var input = new ChaincodeInput();
        input.Args.Add(script.SelectMany(part => part.Split(',')).Select(part => ByteString.CopyFromUtf8(part.Replace(';', '|'))));
        return new ChaincodeSpec { ChaincodeId = new ChaincodeID { Name = name }, Input = input };
    }

    private static StateMetadata Policy(string text) => new()
    {
        Metakey = "VALIDATION_PARAMETER",
        Value = text switch
        {
            "" => ByteString.Empty,
            "garbage" => ByteString.CopyFrom(0xFF),
            _ => SignaturePolicyParser.Parse(text).ToByteString(),
        },
    };

    private static ByteString Page(string size, string bookmark) =>
        new QueryMetadata { PageSize = int.Parse(size, CultureInfo.InvariantCulture), Bookmark = bookmark }.ToByteString();

    private static ByteString Bytes(string value) => ByteString.CopyFrom(Encoding.UTF8.GetBytes(value));
}
