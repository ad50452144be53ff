namespace HealthShare.Chaincode.Ledger;

/// <summary>A change that takes a majority of the active members. Exactly one member of it is given.</summary>
/// <param name="Admit">A new member, as it will stand on the channel.</param>
/// <param name="Kind">Another kind for a member.</param>
/// <param name="Suspend">MSP id of an active member that is to write nothing and be permitted nothing.</param>
/// <param name="Reinstate">MSP id of a suspended member that is to be active again.</param>
/// <param name="Settings">Other settings, all of them.</param>
public sealed record GovernanceChange(
    OrganizationEntry? Admit = null, KindChange? Kind = null, string? Suspend = null, string? Reinstate = null, ChannelSettings? Settings = null);

/// <summary>Another kind for a member.</summary>
/// <param name="MspId">The member.</param>
/// <param name="Kind">Its kind from then on.</param>
public sealed record KindChange(string MspId, OrganizationKind Kind);

/// <summary>Argument of <c>Organizations:Propose</c>. Proposing is voting for it.</summary>
/// <param name="ProposalId">Id chosen by the caller, <c>pp-…</c>; repeating it has no second effect.</param>
/// <param name="Change">The change.</param>
public sealed record ProposeChange(string ProposalId, GovernanceChange Change);

/// <summary>Argument of <c>Organizations:Approve</c>.</summary>
/// <param name="ProposalId">The proposal.</param>
public sealed record ApproveChange(string ProposalId);

/// <summary>A proposal.</summary>
/// <param name="ProposalId">Id, <c>pp-…</c>.</param>
/// <param name="Change">The change.</param>
/// <param name="ProposedBy">MSP id of the member that proposed it.</param>
/// <param name="ProposedAt">Proposal time of that transaction; votes are taken for <see cref="Governance.Open"/> after it.</param>
/// <param name="AppliedAt">Since when it holds; null while it has no majority.</param>
public sealed record ProposalEntry(
    string ProposalId, GovernanceChange Change, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset? AppliedAt = null);

/// <summary>A member's vote for a proposal: one key for each member, so that two that vote at once do not undo each other.</summary>
/// <param name="ProposalId">The proposal.</param>
/// <param name="Member">MSP id.</param>
/// <param name="VotedAt">Proposal time.</param>
public sealed record VoteEntry(string ProposalId, string Member, DateTimeOffset VotedAt);

/// <summary>A proposal with its votes.</summary>
/// <param name="Proposal">The proposal.</param>
/// <param name="Votes">Votes, ordered by MSP id.</param>
public sealed record ProposalView(ProposalEntry Proposal, IReadOnlyList<VoteEntry> Votes);

/// <summary>What <c>Organizations:ListProposals</c> answers.</summary>
/// <param name="Proposals">Ordered by id.</param>
public sealed record ProposalList(IReadOnlyList<ProposalView> Proposals);
