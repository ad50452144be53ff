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
    private const int FewSigners = 32; // marks of so many go on the stack, at every depth
    private readonly Principal[] principals;
    private readonly Rule root;

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
        (principals, root) = ([.. envelope.Identities.Select(Principal.Of)], Rule.Of(envelope.Rule));
    }

    /// <summary>Reads a serialized policy.</summary>
    /// <exception cref="FabricDataException">It cannot be read or does not hold together.</exception>
    public static SignatureRule Read(ByteString policy) =>
        new(SignaturePolicyEnvelope.Parser.Read(policy, "signature policy"));

    /// <inheritdoc/>
    public bool IsSatisfiedBy(IReadOnlyList<MspIdentity> signers)
    {
        Span<bool> used = signers.Count <= FewSigners ? stackalloc bool[signers.Count] : new bool[signers.Count];
        return Evaluate(root, signers, used);
    }

    private bool Evaluate(Rule rule, IReadOnlyList<MspIdentity> signers, Span<bool> used)
    {
        if (rule.Inner is null)
        {
            var principal = principals[rule.Number];
            for (var i = 0; i < used.Length; i++)
            {
                if (!used[i] && signers[i].Matches(principal))
                    return used[i] = true;
            }
            return false;
        }
        var held = 0;
        Span<bool> attempt = used.Length <= FewSigners ? stackalloc bool[used.Length] : new bool[used.Length];
        foreach (var inner in rule.Inner)
        {
            used.CopyTo(attempt);
            if (!Evaluate(inner, signers, attempt))
                continue; // a rule that fails gives its signers back
            held++;
            attempt.CopyTo(used);
        }
        return held >= rule.Number;
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

    /// <summary>A gate: so many of the inner rules; or, without inner rules, the principal with that number.</summary>
    private sealed record Rule(int Number, Rule[]? Inner)
    {
        public static Rule Of(SignaturePolicy rule) => rule.TypeCase is SignaturePolicy.TypeOneofCase.SignedBy
            ? new(rule.SignedBy, null)
            : new(rule.NOutOf.N, [.. rule.NOutOf.Rules.Select(Of)]);
    }
}
