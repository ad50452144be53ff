using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client;

/// <summary>Reads back what a proposal asks for, for whoever is to sign it.</summary>
internal static class OfflineRequest
{
    /// <exception cref="FabricDataException">The payload calls no chaincode.</exception>
    public static TransactionRequest Read(ChaincodeProposalPayload payload, IReadOnlyList<string> organizations)
    {
        var call = ChaincodeInvocationSpec.Parser.Read(payload.Input, "proposal's input").ChaincodeSpec;
        if (call is not { ChaincodeId.Name.Length: > 0, Input.Args.Count: > 0 })
        {
            throw new FabricDataException("The proposal calls no function of a chaincode.");
        }
        return new TransactionRequest(
            call.ChaincodeId.Name, call.Input.Args[0].ToStringUtf8(), [.. call.Input.Args.Skip(1).Select(argument => argument.Memory)])
        {
            Transient = payload.TransientMap.ToDictionary(entry => entry.Key, entry => entry.Value.Memory),
            Organizations = organizations,
        };
    }
}
