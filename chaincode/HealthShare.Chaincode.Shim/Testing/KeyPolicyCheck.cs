using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>Holds a key's policy against organizations that endorse with one peer each: roles do not matter here.</summary>
internal static class KeyPolicyCheck
{
    public static bool IsSatisfied(byte[] policy, IReadOnlyCollection<string> endorsers)
    {
        var envelope = SignaturePolicyEnvelope.Parser.ParseFrom(policy);
        return Holds(envelope.Rule);

        bool Holds(SignaturePolicy rule) => rule.TypeCase switch
        {
            SignaturePolicy.TypeOneofCase.NOutOf => rule.NOutOf.Rules.Count(Holds) >= rule.NOutOf.N,
            SignaturePolicy.TypeOneofCase.SignedBy => endorsers.Contains(
                MSPRole.Parser.ParseFrom(envelope.Identities[rule.SignedBy].Principal).MspIdentifier),
            _ => false,
        };
    }
}
