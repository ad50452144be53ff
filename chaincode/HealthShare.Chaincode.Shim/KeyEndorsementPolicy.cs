using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.Chaincode.Shim;

/// <summary>
/// The endorsement policy of a single key: every organization listed must endorse a later write of the key. The same
/// organizations always give the same bytes, in whatever order they were added. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// For another rule than "all of these" make the bytes from text with
/// <see cref="HealthShare.Fabric.Protocol.Policies.SignaturePolicyParser"/>.
/// </remarks>
public sealed class KeyEndorsementPolicy
{
    private readonly SortedDictionary<string, MSPRole.Types.MSPRoleType> organizations = new(StringComparer.Ordinal);

    /// <summary>MSP ids of the organizations that must endorse, in ordinal order.</summary>
    public IReadOnlyCollection<string> MspIds => organizations.Keys;

    /// <summary>Reads a policy that a key has.</summary>
    /// <param name="policy">From <see cref="IChaincodeStub.GetStateValidationParameterAsync"/>; empty is a policy without organizations.</param>
    /// <exception cref="ContractException">
    /// <c>policy.invalid</c>: the bytes are no policy, or one with another rule than "all of these organizations".
    /// </exception>
    public static KeyEndorsementPolicy Parse(ReadOnlySpan<byte> policy)
    {
        var read = new KeyEndorsementPolicy();
        if (policy.IsEmpty)
            return read;
        try
        {
            var envelope = SignaturePolicyEnvelope.Parser.ParseFrom(policy);
            if (envelope.Rule?.NOutOf is not { } all || all.N != all.Rules.Count
                || all.Rules.Any(rule => rule.TypeCase is not SignaturePolicy.TypeOneofCase.SignedBy))
                throw Invalid("is not one that all of its organizations must satisfy");
            foreach (var rule in all.Rules)
            {
                var principal = rule.SignedBy >= 0 && rule.SignedBy < envelope.Identities.Count
                    ? envelope.Identities[rule.SignedBy]
                    : throw Invalid("names a principal that it does not hold");
                if (principal.PrincipalClassification is not MSPPrincipal.Types.Classification.Role)
                    throw Invalid("names something else than roles of organizations");
                var role = MSPRole.Parser.ParseFrom(principal.Principal);
                read.organizations[role.MspIdentifier] = role.Role;
            }
            return read;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Invalid("cannot be read", e);
        }
    }

    /// <summary>Adds organizations; one that is listed already takes the new role.</summary>
    /// <param name="role">Who of each organization may endorse.</param>
    /// <param name="mspIds">MSP ids, none of them empty.</param>
    /// <returns>This policy.</returns>
    public KeyEndorsementPolicy Add(EndorserRole role, params IEnumerable<string> mspIds)
    {
        foreach (var mspId in mspIds)
        {
            ArgumentException.ThrowIfNullOrEmpty(mspId, nameof(mspIds));
            organizations[mspId] = role is EndorserRole.Peer ? MSPRole.Types.MSPRoleType.Peer : MSPRole.Types.MSPRoleType.Member;
        }
        return this;
    }

    /// <summary>Removes organizations; those that are not listed do not matter.</summary>
    /// <param name="mspIds">MSP ids.</param>
    /// <returns>This policy.</returns>
    public KeyEndorsementPolicy Remove(params IEnumerable<string> mspIds)
    {
        foreach (var mspId in mspIds)
            organizations.Remove(mspId);
        return this;
    }

    /// <summary>The policy as a key takes it.</summary>
    /// <exception cref="InvalidOperationException">It lists no organization, so anybody could satisfy it.</exception>
    public byte[] ToBytes()
    {
        if (organizations.Count == 0)
            throw new InvalidOperationException("A policy that lists no organization would let anybody write the key.");
        var envelope = new SignaturePolicyEnvelope { Rule = new() { NOutOf = new() { N = organizations.Count } } };
        foreach (var (mspId, role) in organizations)
        {
            envelope.Rule.NOutOf.Rules.Add(new SignaturePolicy { SignedBy = envelope.Identities.Count });
            envelope.Identities.Add(new MSPPrincipal
            {
                PrincipalClassification = MSPPrincipal.Types.Classification.Role,
                Principal = new MSPRole { MspIdentifier = mspId, Role = role }.ToByteString(),
            });
        }
        return envelope.ToByteArray();
    }

    private static ContractException Invalid(string what, Exception? inner = null) =>
        new("policy.invalid", $"The key's endorsement policy {what}.", inner);
}

/// <summary>Who of an organization may endorse.</summary>
public enum EndorserRole
{
    /// <summary>Any of its identities.</summary>
    Member,

    /// <summary>Its peers; needs node OUs in the organization's MSP.</summary>
    Peer,
}
