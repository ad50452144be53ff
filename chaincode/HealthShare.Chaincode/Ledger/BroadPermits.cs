using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>From when a broad permit counts, and who may sign it a second time. Endorsers, nodes and auditors judge alike.</summary>
public static class BroadPermits
{
    /// <summary>True for a permit that waits, by the channel's settings.</summary>
    public static bool IsBroad(GrantBody grant, ChannelSettings settings) =>
        BroadPermit.IsBroad(grant, TimeSpan.FromDays(settings.BroadPermitDays));

    /// <summary>From when a grant counts on the channel, by the times of proposals; null for one that does not wait.</summary>
    /// <param name="entry">The grant.</param>
    /// <param name="grant">What it says.</param>
    /// <param name="coSigner">The credential that signed it a second time; null where there is none.</param>
    /// <param name="settings">Settings of the channel.</param>
    public static DateTimeOffset? EffectiveFrom(
        StatementEntry entry, GrantBody grant, CredentialEntry? coSigner, ChannelSettings settings)
    {
        if (!IsBroad(grant, settings))
            return null;
        var waited = After(entry.AcceptedAt, settings);
        return entry.CoSigned is { } second && coSigner is { IsRevoked: false } && second.AcceptedAt < waited ? second.AcceptedAt : waited;
    }

    /// <summary>From when a new grant would count on the channel if nobody signs it a second time; null for one that does not wait.</summary>
    /// <param name="grant">What it says.</param>
    /// <param name="acceptedAt">The time of its proposal.</param>
    /// <param name="settings">Settings of the channel.</param>
    public static DateTimeOffset? EffectiveFrom(GrantBody grant, DateTimeOffset acceptedAt, ChannelSettings settings) =>
        IsBroad(grant, settings) ? After(acceptedAt, settings) : null;

    /// <summary>The same as a custodian counts it, which has times of its own: the more careful ones hold.</summary>
    /// <param name="grant">What it says.</param>
    /// <param name="seenAt">When its node sees the block.</param>
    /// <param name="settings">Settings of the channel.</param>
    /// <param name="wait">How long it waits there at least.</param>
    /// <param name="length">Longest time that a permit lasts without being broad there.</param>
    public static DateTimeOffset? EffectiveFrom(
        GrantBody grant, DateTimeOffset seenAt, ChannelSettings settings, TimeSpan wait, TimeSpan length) =>
        IsBroad(grant, settings) || BroadPermit.IsBroad(grant, length)
            ? new[] { After(seenAt, settings), After(seenAt, wait) }.Max()
            : null;

    /// <summary>Why a credential cannot sign a broad permit a second time: a code and a sentence; null when it can.</summary>
    /// <param name="entry">The permit.</param>
    /// <param name="signer">The credential that signed it first.</param>
    /// <param name="coSigner">The second one.</param>
    /// <param name="relayedBy">MSP id of the member that brings the second signature.</param>
    /// <param name="at">The proposal's time.</param>
    /// <param name="settings">Settings of the channel.</param>
    public static (string Code, string Text)? Refusal(
        StatementEntry entry, CredentialEntry signer, CredentialEntry coSigner, string relayedBy, DateTimeOffset at, ChannelSettings settings)
    {
        if (!BroadPermit.AreIndependent(signer.Credential.RpId, coSigner.Credential.RpId))
            return ("consent.cosigner_not_independent", "The second credential belongs to the same site as the first.");
        if (!IsOfAnotherMember(entry, signer, coSigner))
            return ("consent.cosigner_same_origin", "The second credential came through the member that brought the permit, or the first credential.");
        // One portal can have both signatures under false pretences, but cannot bring the second one by itself.
        if (relayedBy == entry.RelayedBy)
            return ("consent.cosigner_same_member", "The member that brought the permit cannot bring the second signature, too.");
        // Or it could first have a key of its own signed for as the patient's, and sign with that.
        return at < After(coSigner.AddedAt, settings)
            ? ("consent.cosigner_too_new", $"The second credential must have been there for {settings.BroadPermitWaitHours} hours.")
            : null;
    }

    /// <summary>
    /// True where another member brought the second credential to the channel than the first one and the permit: a site that one member
    /// had the patient sign for is no independent one, whatever its name.
    /// </summary>
    internal static bool IsOfAnotherMember(StatementEntry entry, CredentialEntry signer, CredentialEntry coSigner) =>
        coSigner.AddedBy != signer.AddedBy && coSigner.AddedBy != entry.RelayedBy;

    /// <summary>When the waiting time that begins at an instant is over, by the channel's settings.</summary>
    internal static DateTimeOffset After(DateTimeOffset from, ChannelSettings settings) => After(from, TimeSpan.FromHours(settings.BroadPermitWaitHours));

    /// <summary>When a waiting time that begins at an instant is over.</summary>
    internal static DateTimeOffset After(DateTimeOffset from, TimeSpan wait) =>
        from > DateTimeOffset.MaxValue - wait ? DateTimeOffset.MaxValue : from + wait;
}
