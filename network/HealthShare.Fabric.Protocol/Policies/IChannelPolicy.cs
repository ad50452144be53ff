using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.Fabric.Protocol.Policies;

/// <summary>A rule about who must have signed.</summary>
public interface IChannelPolicy
{
    /// <summary>Whether these signers together satisfy the policy.</summary>
    /// <param name="signers">
    /// Identities whose signatures were found right, each once (<see cref="Signers.Distinct"/>). Their certificates are
    /// judged by the policy itself.
    /// </param>
    bool IsSatisfiedBy(IReadOnlyList<MspIdentity> signers);
}

/// <summary>Prepares signers for a policy.</summary>
public static class Signers
{
    /// <summary>Leaves each identity once, in the order of first appearance: signing twice counts once.</summary>
    public static IReadOnlyList<MspIdentity> Distinct(IEnumerable<MspIdentity> signers) =>
        [.. signers.DistinctBy(signer => (signer.MspId, signer.Key))];
}
