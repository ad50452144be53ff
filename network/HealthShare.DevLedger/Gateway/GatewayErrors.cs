using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.DevLedger.Endorsement;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using RpcStatus = HealthShare.Fabric.Protocol.Rpc.Status;

namespace HealthShare.DevLedger.Gateway;

/// <summary>Errors in the form of a peer's gateway: a code, a text, and what each peer said.</summary>
internal static class GatewayErrors
{
    /// <summary>An error with a detail for each peer that failed.</summary>
    public static RpcException With(StatusCode code, string message, params IEnumerable<ErrorDetail> details)
    {
        var packed = details.Select(Any.Pack).ToList();
        if (packed.Count == 0)
            return new RpcException(code, message);
        var status = new RpcStatus { Code = (int)code, Message = message };
        status.Details.Add(packed);
        return new RpcException(code, message, status.ToByteArray());
    }

    public static ErrorDetail Detail(Endorser endorser, string message) =>
        new() { Address = endorser.Address, MspId = endorser.MspId, Message = message };
}
