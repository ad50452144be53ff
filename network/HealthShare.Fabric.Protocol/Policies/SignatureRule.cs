using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Protocol.Policies;

/// <summary>
/// A signature policy: n of several rules, down to principals. Evaluated as a peer does it, from left to right: a signer
/// that satisfied one principal is used up for those that follow in the same gate.
/// </summary>
public sealed class SignatureRule : IChannelPolicy
{
    private const int DeepestNesting = 100;
    private readonly SignaturePolicyEnvelope envelope;

    /// <summary>Takes a policy and checks that it holds together.</summary>
    /// <exception cref="FabricDataException">It is of a later version, empty somewhere, too deep, or names an absent principal.</exception>
    public SignatureRule(SignaturePolicyEnvelope envelope)
    {
        if (envelope.Version != 0)
            throw new FabricDataException($"A signature policy of version {envelope.Version} is not supported.");
        Check(envelope.Rule, envelope.Identities.Count, 0);
        if (envelope.Identities.Any(principal => principal.PrincipalClassification is MSPPrincipal.Types.Classification.Anonymity
            or MSPPrincipal.Types.Classification.Combined))
            throw new FabricDataException("A signature policy names a principal of a kind that is not supported (anonymity or combined).");
        this.envelope = envelope;
    }

    /// <summary>Reads a serialized policy.</summary>
    /// <exception cref="FabricDataException">It cannot be read or does not hold together.</exception>
    public static SignatureRule Read(ByteString policy) =>
        new(SignaturePolicyEnvelope.Parser.Read(policy, "signature policy"));

    /// <inheritdoc/>
    public bool IsSatisfiedBy(IReadOnlyList<MspIdentity> signers) =>
        Evaluate(envelope.Rule, signers, new bool[signers.Count]);

    private bool Evaluate(SignaturePolicy rule, IReadOnlyList<MspIdentity> signers, bool[] used)
    {
        if (rule.TypeCase == SignaturePolicy.TypeOneofCase.SignedBy)
        {
            var principal = envelope.Identities[rule.SignedBy];
            for (var i = 0; i < signers.Count; i++)
            {
                if (!used[i] && signers[i].Satisfies(principal))
                    return used[i] = true;
            }
            return false;
        }
        var held = 0;
        var attempt = new bool[used.Length];
        foreach (var inner in rule.NOutOf.Rules)
        {
            used.CopyTo(attempt, 0);
            if (!Evaluate(inner, signers, attempt))
                continue; // a rule that fails gives its signers back
            held++;
            attempt.CopyTo(used, 0);
        }
        return held >= rule.NOutOf.N;
    }

    private static void Check(SignaturePolicy? rule, int principals, int depth)
    {
        if (depth > DeepestNesting)
            throw new FabricDataException($"A signature policy nests deeper than {DeepestNesting}.");
        switch (rule?.TypeCase)
        {
            case SignaturePolicy.TypeOneofCase.SignedBy:
                if (rule.SignedBy < 0 || rule.SignedBy >= principals)
                    throw new FabricDataException($"A signature policy names principal {rule.SignedBy} of {principals}.");
                break;
            case SignaturePolicy.TypeOneofCase.NOutOf:
                foreach (var inner in rule.NOutOf.Rules)
                    Check(inner, principals, depth + 1);
                break;
            default:
                throw new FabricDataException("A signature policy has an empty rule.");
        }
    }
}
