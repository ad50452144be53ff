using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Protocol.Grpc;
using Microsoft.AspNetCore.Routing;
using RpcStatus = HealthShare.Fabric.Protocol.Rpc.Status;

namespace HealthShare.UnitTests.Client;

/// <summary>A gateway peer whose every answer a test can replace. By default all goes well.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private GrpcTestServer server = null!;
    private Task? ending;

    public Func<EvaluateRequest, GrpcServerContext, Task<EvaluateResponse>> Evaluate { get; set; } =
        (_, _) => Task.FromResult(new EvaluateResponse { Result = Payload("evaluated") });

    /// <summary>Transactions that a look-up by id finds.</summary>
    public ConcurrentDictionary<string, (TxValidationCode Code, Envelope Envelope)> Ledger { get; } = new();

    public Func<EndorseRequest, GrpcServerContext, Task<EndorseResponse>> Endorse { get; set; } =
        (request, _) => Task.FromResult(new EndorseResponse { PreparedTransaction = Prepare(request) });

    public Func<SubmitRequest, GrpcServerContext, Task<SubmitResponse>> Submit { get; set; } =
        (_, _) => Task.FromResult(new SubmitResponse());

    public Func<SignedCommitStatusRequest, GrpcServerContext, Task<CommitStatusResponse>> CommitStatus { get; set; } =
        (_, _) => Task.FromResult(new CommitStatusResponse { Result = TxValidationCode.Valid, BlockNumber = 7 });

    public Func<ChaincodeEventsRequest, GrpcServerContext, IAsyncEnumerable<ChaincodeEventsResponse>> Events { get; set; } =
        (_, _) => throw new RpcException(StatusCode.Unimplemented, "no events here");

    public Func<SeekInfo, IGrpcServerStream<Envelope, DeliverResponse>, GrpcServerContext, Task> Deliver { get; set; } =
        (_, _, _) => throw new RpcException(StatusCode.Unimplemented, "no blocks here");

    public Func<SeekInfo, IGrpcServerStream<Envelope, DeliverResponse>, GrpcServerContext, Task> DeliverFiltered { get; set; } =
        (_, _, _) => throw new RpcException(StatusCode.Unimplemented, "no filtered blocks here");

    public Func<SeekInfo, IGrpcServerStream<Envelope, DeliverResponse>, GrpcServerContext, Task> DeliverPrivate { get; set; } =
        (_, _, _) => throw new RpcException(StatusCode.Unimplemented, "no private data here");

    /// <summary>Every request that arrived, in order.</summary>
    public ConcurrentQueue<IMessage> Requests { get; } = new();

    public Uri Address => server.Address;

    public static async Task<FakeGateway> StartAsync(int port = 0, GrpcServerTls? tls = null)
    {
        var gateway = new FakeGateway();
        gateway.server = await GrpcTestServer.StartAsync(gateway.Map, tls, port);
        return gateway;
    }

    /// <summary>Begins to end the gateway as a kill would: every open call is reset, and nobody listens any more.</summary>
    public void Kill() => ending ??= server.DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        Kill();
        await ending!;
    }

    /// <summary>A refusal in the form that a real gateway gives it.</summary>
    public static RpcException Refusal(StatusCode status, string detail, params (string MspId, string Message)[] peers)
    {
        var details = new RpcStatus { Code = (int)status, Message = detail };
        foreach (var (mspId, message) in peers)
        {
            details.Details.Add(Any.Pack(new ErrorDetail { Address = "peer.example:7051", MspId = mspId, Message = message }));
        }
        return new RpcException(status, detail, details.ToByteArray());
    }

    /// <summary>The envelope that a gateway prepares from its endorsers' answers.</summary>
    public static Envelope Prepare(
        EndorseRequest request, string result = "endorsed", Action<ChaincodeProposalPayload>? change = null)
    {
        var proposal = Fabric.Protocol.Peer.Proposal.Parser.ParseFrom(request.ProposedTransaction.ProposalBytes);
        var proposed = new ChaincodeProposalPayload { Input = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload).Input };
        change?.Invoke(proposed);
        var response = new ProposalResponsePayload
        {
            Extension = new ChaincodeAction { Response = Payload(result) }.ToByteString(),
        };
        var action = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = proposed.ToByteString(),
            Action = new ChaincodeEndorsedAction { ProposalResponsePayload = response.ToByteString() },
        };
        return new Envelope
        {
            Payload = new Payload
            {
                Header = Header.Parser.ParseFrom(proposal.Header),
                Data = new Transaction { Actions = { new TransactionAction { Payload = action.ToByteString() } } }.ToByteString(),
            }.ToByteString(),
        };
    }

    /// <summary>The block of this number in a chain of empty blocks.</summary>
    public static DeliverResponse Block(ulong number)
    {
        var previous = ByteString.Empty;
        for (var n = 0ul; ; n++)
        {
            var block = new Block
            {
                Header = new BlockHeader { Number = n, PreviousHash = previous, DataHash = BlockHashes.DataHash(new BlockData()) },
                Data = new BlockData(),
            };
            if (n == number)
            {
                return new DeliverResponse { Block = block };
            }
            previous = BlockHashes.HeaderHash(block.Header);
        }
    }

    private static Response Payload(string text) => new() { Status = 200, Payload = ByteString.CopyFromUtf8(text) };

    private void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcUnary(FabricMethods.Evaluate, (request, context) => Seen(request, r => LookUp(r) ?? Evaluate(r, context)));
        endpoints.MapGrpcUnary(FabricMethods.Endorse, (request, context) => Seen(request, r => Endorse(r, context)));
        endpoints.MapGrpcUnary(FabricMethods.Submit, (request, context) => Seen(request, r => Submit(r, context)));
        endpoints.MapGrpcUnary(FabricMethods.CommitStatus, (request, context) => Seen(request, r => CommitStatus(r, context)));
        endpoints.MapGrpcServerStream(FabricMethods.ChaincodeEvents, (signed, context) =>
            Seen(ChaincodeEventsRequest.Parser.ParseFrom(signed.Request), request => Events(request, context)));
        MapDeliver(endpoints, FabricMethods.Deliver, () => Deliver);
        MapDeliver(endpoints, FabricMethods.DeliverFiltered, () => DeliverFiltered);
        MapDeliver(endpoints, FabricMethods.DeliverWithPrivateData, () => DeliverPrivate);
    }

    private void MapDeliver(
        IEndpointRouteBuilder endpoints, GrpcMethod<Envelope, DeliverResponse> method,
        Func<Func<SeekInfo, IGrpcServerStream<Envelope, DeliverResponse>, GrpcServerContext, Task>> script) =>
        endpoints.MapGrpcDuplex(method, async (stream, context) =>
        {
            await foreach (var envelope in stream.ReadAllAsync())
            {
                var payload = Fabric.Protocol.Common.Payload.Parser.ParseFrom(envelope.Payload);
                await Seen(SeekInfo.Parser.ParseFrom(payload.Data), seek => script()(seek, stream, context));
            }
        });

    /// <summary>Takes a submitted transaction into the ledger, as a block would.</summary>
    public void Commit(SubmitRequest request, TxValidationCode code = TxValidationCode.Valid) =>
        Ledger[request.TransactionId] = (code, request.PreparedTransaction);

    private Task<EvaluateResponse>? LookUp(EvaluateRequest request)
    {
        if (Ledger.IsEmpty)
        {
            return null;
        }
        var proposal = Fabric.Protocol.Peer.Proposal.Parser.ParseFrom(request.ProposedTransaction.ProposalBytes);
        var spec = ChaincodeInvocationSpec.Parser.ParseFrom(ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload).Input).ChaincodeSpec;
        if (spec.ChaincodeId.Name != "qscc" || spec.Input.Args[0].ToStringUtf8() != "GetTransactionByID")
        {
            return null;
        }
        var id = spec.Input.Args[2].ToStringUtf8();
        return Ledger.TryGetValue(id, out var known)
            ? Task.FromResult(new EvaluateResponse
            {
                Result = new Response
                {
                    Status = 200,
                    Payload = new ProcessedTransaction { ValidationCode = (int)known.Code, TransactionEnvelope = known.Envelope }.ToByteString(),
                },
            })
            : throw NoSuchTransaction(id);
    }

    /// <summary>How a peer says that no block holds a transaction.</summary>
    public static RpcException NoSuchTransaction(string id) => new(
        StatusCode.Unknown, "evaluate call to endorser returned error: chaincode response 500, "
            + $"Failed to get transaction with id {id}, error no such transaction ID [{id}] in index");

    private TResult Seen<T, TResult>(T request, Func<T, TResult> answer)
        where T : IMessage
    {
        Requests.Enqueue(request);
        return answer(request);
    }

    /// <summary>A member's client of this gateway.</summary>
    public static SigningIdentity NewIdentity(TestAuthority authority, string mspId = "Org1MSP")
    {
        using var certificate = authority.Issue("client.org1.example");
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        return SigningIdentity.FromPem(mspId, certificate.ExportCertificatePem(), ExportPem(key));
    }

    private static string ExportPem(System.Security.Cryptography.ECDsa key) => key.ExportPkcs8PrivateKeyPem();
}
