using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;
using HealthShare.Fabric.Protocol.Peer;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>The peer's side of the shim protocol, over a real connection, with batches of three results.</summary>
internal sealed class FakePeer : IAsyncDisposable
{
    private const int BatchSize = 3;
    private readonly GrpcChannel channel;
    private readonly IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage> call;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ChaincodeMessage>> waiting = new();
    private readonly ConcurrentDictionary<string, Queue<QueryResultBytes>> iterators = new();
    private readonly ConcurrentQueue<ChaincodeMessage> received = new();
    private readonly TaskCompletionSource<ChaincodeMessage> registration = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource hangUp = new();
    private readonly Task reading;

    private FakePeer(GrpcChannel channel, IGrpcDuplexCall<ChaincodeMessage, ChaincodeMessage> call)
    {
        (this.channel, this.call) = (channel, call);
        reading = ReadAsync();
    }

    public SortedDictionary<string, byte[]> State { get; } = new(Utf8KeyComparer.Instance);

    public ConcurrentDictionary<string, byte[]> Private { get; } = new();

    public ReadOnlyMemory<byte> Creator { get; set; } = TestIdentity.Create("NorthMSP");

    public Dictionary<string, byte[]> Transient { get; } = [];

    /// <summary>Answers a request in place of the ledger; null leaves it unanswered.</summary>
    public Func<ChaincodeMessage, ChaincodeMessage?>? Intercept { get; set; }

    public IReadOnlyCollection<ChaincodeMessage> Received => received;

    /// <summary>Ends when the chaincode closes the stream; the exception says how.</summary>
    public Task Closed => reading;

    public static async Task<FakePeer> ConnectAsync(
        IPEndPoint endpoint, bool register = true, GrpcChannelOptions? options = null)
    {
        var channel = new GrpcChannel(new Uri($"{(options is null ? "http" : "https")}://{endpoint}"), options);
        var peer = new FakePeer(channel, await channel.DuplexAsync(FabricMethods.ChaincodeConnect));
        if (register)
            await peer.RegisterAsync();
        return peer;
    }

    public async Task<string> RegisterAsync()
    {
        var id = ChaincodeID.Parser.ParseFrom((await registration.Task.WaitAsync(TimeSpan.FromMinutes(1))).Payload).Name;
        await SendAsync(new() { Type = MessageType.Registered });
        await SendAsync(new() { Type = MessageType.Ready });
        return id;
    }

    public Task SendAsync(ChaincodeMessage message) => call.WriteAsync(message);

    /// <summary>Starts a transaction and waits for its one answer.</summary>
    public Task<ChaincodeMessage> TransactAsync(string transactionId, params string[] arguments) =>
        TransactAsync(Transaction(transactionId, arguments));

    public async Task<ChaincodeMessage> TransactAsync(ChaincodeMessage request)
    {
        var answer = waiting[request.Txid] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(request);
        return await answer.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    public async Task<Response> InvokeAsync(string transactionId, params string[] arguments)
    {
        var answer = await TransactAsync(transactionId, arguments);
        Assert.Equal(MessageType.Completed, answer.Type);
        return Response.Parser.ParseFrom(answer.Payload);
    }

    public ChaincodeMessage Transaction(string transactionId, params string[] arguments) =>
        Transaction(Creator, Transient, transactionId, arguments);

    /// <summary>A transaction message with a proposal, as a peer sends it.</summary>
    public static ChaincodeMessage Transaction(
        ReadOnlyMemory<byte> creator, Dictionary<string, byte[]> transient, string transactionId, params string[] arguments)
    {
        var input = new ChaincodeInput();
        input.Args.AddRange(arguments.Select(ByteString.CopyFromUtf8));
        var payload = new ChaincodeProposalPayload();
        foreach (var (name, value) in transient)
            payload.TransientMap[name] = ByteString.CopyFrom(value);
        var proposal = new Proposal
        {
            Header = new Header
            {
                ChannelHeader = new ChannelHeader
                {
                    ChannelId = "health", TxId = transactionId,
                    Timestamp = Timestamp.FromDateTimeOffset(new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero)),
                }.ToByteString(),
                SignatureHeader = new SignatureHeader { Creator = ByteString.CopyFrom(creator.Span) }.ToByteString(),
            }.ToByteString(),
            Payload = payload.ToByteString(),
        };
        return new ChaincodeMessage
        {
            Type = MessageType.Transaction, Txid = transactionId, ChannelId = "health", Payload = input.ToByteString(),
            Proposal = new SignedProposal { ProposalBytes = proposal.ToByteString() },
        };
    }

    /// <summary>Resets the stream, as a peer that crashes does.</summary>
    public Task HangUpAsync() => hangUp.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await hangUp.CancelAsync();
        await call.DisposeAsync();
        await channel.DisposeAsync();
        hangUp.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (var message in call.ReadAllAsync(hangUp.Token))
        {
            received.Enqueue(message);
            switch (message.Type)
            {
                case MessageType.Register:
                    registration.TrySetResult(message);
                    break;
                case MessageType.Keepalive:
                    break;
                case MessageType.Completed or MessageType.Error:
                    if (waiting.TryRemove(message.Txid, out var answer))
                        answer.SetResult(message);
                    break;
                default:
                    if ((Intercept is { } intercept ? intercept(message) : Answer(message)) is { } reply)
                        await SendAsync(reply);
                    break;
            }
        }
    }

    /// <summary>What a ledger answers.</summary>
    public ChaincodeMessage Answer(ChaincodeMessage request)
    {
        var payload = request.Type switch
        {
            MessageType.GetState => GetState.Parser.ParseFrom(request.Payload) is var get && get.Collection.Length > 0
                ? Private.GetValueOrDefault($"{get.Collection}/{get.Key}") ?? []
                : State.GetValueOrDefault(get.Key) ?? [],
            MessageType.GetStateByRange => Query(GetStateByRange.Parser.ParseFrom(request.Payload)),
            MessageType.QueryStateNext => Batch(QueryStateNext.Parser.ParseFrom(request.Payload).Id),
            MessageType.QueryStateClose => Close(QueryStateClose.Parser.ParseFrom(request.Payload).Id),
            _ => [],
        };
        return Reply(request, MessageType.Response, payload);
    }

    public static ChaincodeMessage Reply(ChaincodeMessage request, MessageType type, byte[] payload) =>
        new() { Type = type, Txid = request.Txid, ChannelId = request.ChannelId, Payload = ByteString.CopyFrom(payload) };

    public int OpenIterators => iterators.Count;

    private byte[] Query(GetStateByRange range)
    {
        var found = State
            .Where(entry => Utf8KeyComparer.Instance.Compare(entry.Key, range.StartKey) >= 0
                && (range.EndKey.Length == 0 || Utf8KeyComparer.Instance.Compare(entry.Key, range.EndKey) < 0))
            .Select(entry => new QueryResultBytes
            {
                ResultBytes = new KV { Key = entry.Key, Value = ByteString.CopyFrom(entry.Value) }.ToByteString(),
            });
        var id = Guid.NewGuid().ToString("n");
        iterators[id] = new(found);
        return Batch(id);
    }

    private byte[] Batch(string id)
    {
        var queue = iterators[id];
        var response = new QueryResponse { Id = id };
        while (response.Results.Count < BatchSize && queue.TryDequeue(out var result))
            response.Results.Add(result);
        response.HasMore = queue.Count > 0;
        if (!response.HasMore)
            iterators.TryRemove(id, out _);
        return response.ToByteArray();
    }

    private byte[] Close(string id)
    {
        iterators.TryRemove(id, out _);
        return new QueryResponse { Id = id }.ToByteArray();
    }
}
