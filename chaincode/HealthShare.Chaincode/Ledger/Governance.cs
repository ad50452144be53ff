using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// The rules by which members change the membership and the settings. Endorsers go by them, and so does every node that replays
/// what was endorsed.
/// </summary>
public static class Governance
{
    /// <summary>How long after a proposal votes are taken.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromDays(30);

    /// <summary>
    /// True while a member's word counts, a vote or one for a signer: the member is active, and was not suspended since it gave it.
    /// What was said before a suspension stays void after it, for nobody can tell whose word it was.
    /// </summary>
    /// <param name="member">The member as it is now; null for one that is none.</param>
    /// <param name="said">When it gave its word.</param>
    public static bool Counts(OrganizationEntry? member, DateTimeOffset said) =>
        member is { SuspendedAt: null } && !(said < member.ReinstatedAt);

    /// <summary>True when more than half of the active members voted for it, by votes that count.</summary>
    public static bool HasMajority(IReadOnlyCollection<OrganizationEntry> members, IEnumerable<VoteEntry> votes)
    {
        var counting = votes.Where(vote => Counts(Find(members, vote.Member), vote.VotedAt)).Select(vote => vote.Member);
        return 2 * counting.Distinct(StringComparer.Ordinal).Count() > members.Count(member => member.SuspendedAt is null);
    }

    /// <summary>True while votes are taken.</summary>
    public static bool IsOpen(ProposalEntry proposal, DateTimeOffset time) =>
        proposal.AppliedAt is null && time >= proposal.ProposedAt && time < proposal.ProposedAt + Open;

    /// <summary>Why the change cannot be made as the members are; null when it can. The form of its parts is not looked at.</summary>
    /// <returns>A stable code and a sentence.</returns>
    public static (string Code, string Text)? FaultOf(GovernanceChange change, IReadOnlyCollection<OrganizationEntry> members)
    {
        object?[] parts = [change.Admit, change.Kind, change.Suspend, change.Reinstate, change.Settings];
        if (parts.Count(part => part is not null) != 1)
            return ("proposal.malformed", "A proposal says exactly one thing.");
        if (change.Settings is not null)
            return null;
        if (change.Admit is { } admitted)
        {
            if (Find(members, admitted.MspId) is not null)
                return ("organization.exists", $"'{admitted.MspId}' is a member already.");
            return admitted is { SuspendedAt: null, ReinstatedAt: null } ? null : ("proposal.malformed", "A new member is not suspended, nor was it before.");
        }
        var subject = change.Kind?.MspId ?? change.Suspend ?? change.Reinstate!;
        if (Find(members, subject) is not { } member)
            return ("organization.not_found", $"'{subject}' is not a member of this channel.");
        if (change.Suspend is not null && member.SuspendedAt is not null)
            return ("organization.suspended", $"'{subject}' is suspended already.");
        if (change.Reinstate is not null && member.SuspendedAt is null)
            return ("organization.not_suspended", $"'{subject}' is not suspended.");
        if (change.Kind is { } kind && kind.Kind == member.Kind)
            return ("organization.same_kind", $"'{subject}' is of that kind already.");
        var after = members.Where(other => other.MspId != subject).Append(Changed(change, members, DateTimeOffset.UnixEpoch)!);
        return after.Any(static other => other is { Kind: OrganizationKind.Hospital, SuspendedAt: null })
            ? null
            : ("organization.last_hospital", "A channel has an active hospital at least.");
    }

    /// <summary>The member's entry as the change leaves it; null for a change of the settings.</summary>
    public static OrganizationEntry? Changed(GovernanceChange change, IReadOnlyCollection<OrganizationEntry> members, DateTimeOffset time) => change switch
    {
        { Admit: { } admitted } => admitted,
        { Kind: { } kind } => Find(members, kind.MspId) is { } member ? member with { Kind = kind.Kind } : null,
        { Suspend: { } suspended } => Find(members, suspended) is { } member ? member with { SuspendedAt = LedgerTime.Truncate(time) } : null,
        { Reinstate: { } reinstated } => Find(members, reinstated) is { } member ? member with { SuspendedAt = null, ReinstatedAt = LedgerTime.Truncate(time) } : null,
        _ => null,
    };

    private static OrganizationEntry? Find(IEnumerable<OrganizationEntry> members, string mspId) =>
        members.FirstOrDefault(member => member.MspId == mspId);
}
