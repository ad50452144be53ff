using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>The methods of Fabric's services that this library speaks, for clients and servers alike.</summary>
public static class FabricMethods
{
    private const string GatewayService = "gateway.Gateway";
    private const string DeliverService = "protos.Deliver";

    /// <summary>Collects endorsements for a proposal. Unary.</summary>
    public static GrpcMethod<EndorseRequest, EndorseResponse> Endorse { get; } =
        new(GatewayService, "Endorse", EndorseRequest.Parser, EndorseResponse.Parser);

    /// <summary>Sends an endorsed transaction to the ordering service. Unary.</summary>
    public static GrpcMethod<SubmitRequest, SubmitResponse> Submit { get; } =
        new(GatewayService, "Submit", SubmitRequest.Parser, SubmitResponse.Parser);

    /// <summary>Waits until a transaction is in a block. Unary.</summary>
    public static GrpcMethod<SignedCommitStatusRequest, CommitStatusResponse> CommitStatus { get; } =
        new(GatewayService, "CommitStatus", SignedCommitStatusRequest.Parser, CommitStatusResponse.Parser);

    /// <summary>Runs a query on one peer. Unary.</summary>
    public static GrpcMethod<EvaluateRequest, EvaluateResponse> Evaluate { get; } =
        new(GatewayService, "Evaluate", EvaluateRequest.Parser, EvaluateResponse.Parser);

    /// <summary>Follows the events of one chaincode. Server stream.</summary>
    public static GrpcMethod<SignedChaincodeEventsRequest, ChaincodeEventsResponse> ChaincodeEvents { get; } =
        new(GatewayService, "ChaincodeEvents", SignedChaincodeEventsRequest.Parser, ChaincodeEventsResponse.Parser);

    /// <summary>Follows whole blocks, asked for by a signed seek envelope. Duplex.</summary>
    public static GrpcMethod<Envelope, DeliverResponse> Deliver { get; } =
        new(DeliverService, "Deliver", Envelope.Parser, DeliverResponse.Parser);

    /// <summary>Follows blocks reduced to transaction ids, codes and events. Duplex.</summary>
    public static GrpcMethod<Envelope, DeliverResponse> DeliverFiltered { get; } =
        new(DeliverService, "DeliverFiltered", Envelope.Parser, DeliverResponse.Parser);

    /// <summary>Follows blocks with the private data that the caller's organization may see. Duplex.</summary>
    public static GrpcMethod<Envelope, DeliverResponse> DeliverWithPrivateData { get; } =
        new(DeliverService, "DeliverWithPrivateData", Envelope.Parser, DeliverResponse.Parser);

    /// <summary>A peer drives a chaincode service. Duplex; the peer is the client.</summary>
    public static GrpcMethod<ChaincodeMessage, ChaincodeMessage> ChaincodeConnect { get; } =
        new("protos.Chaincode", "Connect", ChaincodeMessage.Parser, ChaincodeMessage.Parser);
}
