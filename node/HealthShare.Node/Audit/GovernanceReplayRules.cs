using HealthShare.Chaincode.Ledger;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>Votes of the members and what they change, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class GovernanceReplayRules(ReplayReader reader)
{
    /// <summary>Only active members write, from the block on that founds the channel.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckCreatorAsync(ReplayedTransaction transaction, CancellationToken ct) =>
        await reader.MemberAsync(transaction.Creator, ct) is not null || !await reader.ExistsAsync(LedgerKey.Settings, ct)
            ? null
            : (OrganizationForged, $"'{transaction.Creator}' wrote although it is suspended, or no member.");

    /// <summary>A proposal is written with its first vote, and again with the vote that makes a majority.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckProposalAsync(
        ReplayedTransaction transaction, ProposalEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        (ReplayFaultKind Kind, string Text)? forged = (OrganizationForged, $"Proposal {entry.ProposalId} is not what the members voted for.");
        var known = await reader.FindAsync(LedgerKey.Proposal(parts[0]), LedgerJson.Default.ProposalEntry, ct);
        var members = await MembersAsync(ct);
        var begins = known is null && entry.ProposedBy == transaction.Creator && entry.ProposedAt == transaction.Time;
        var goesOn = known is { AppliedAt: null } && entry.AppliedAt is not null && Same(entry with { AppliedAt = null }, known);
        if (parts[0] != entry.ProposalId || !(begins || goesOn)
            || transaction.Find(LedgerKey.Vote(entry.ProposalId, transaction.Creator), LedgerJson.Default.VoteEntry) is null
            || Governance.FaultOf(entry.Change, members) is not null
            || (entry.AppliedAt is { } applied && applied != transaction.Time)
            || (entry.AppliedAt is not null) != await HasMajorityAsync(transaction, entry.ProposalId, members, ct))
            return forged;
        if (entry.AppliedAt is null)
            return null;
        // Whoever voted for it sees it done in the same transaction, or it was never done.
        var done = entry.Change.Settings is not null
            ? transaction.Find(LedgerKey.Settings, LedgerJson.Default.ChannelSettings) is not null
            : Governance.Changed(entry.Change, members, entry.AppliedAt.Value) is { } member
                && transaction.Find(LedgerKey.Organization(member.MspId), LedgerJson.Default.OrganizationEntry) is not null;
        return done ? null : forged;
    }

    /// <summary>One vote for each active member, while votes are taken; another one only in place of one that is void.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckVoteAsync(
        ReplayedTransaction transaction, VoteEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var key = LedgerKey.Proposal(entry.ProposalId);
        var written = transaction.Find(key, LedgerJson.Default.ProposalEntry);
        var proposal = await reader.FindAsync(key, LedgerJson.Default.ProposalEntry, ct) ?? written;
        var holds = parts.SequenceEqual([entry.ProposalId, entry.Member])
            && entry.Member == transaction.Creator && entry.VotedAt == transaction.Time
            && proposal is not null && Governance.IsOpen(proposal with { AppliedAt = proposal == written ? null : proposal.AppliedAt }, entry.VotedAt)
            && !await HasVotedAsync(entry, ct)
            && written is { AppliedAt: not null } == await HasMajorityAsync(transaction, entry.ProposalId, await MembersAsync(ct), ct);
        return holds ? null : (OrganizationForged, $"A vote for proposal {entry.ProposalId} is not the member's that sent it, or came too late.");
    }

    /// <summary>The change that a transaction brings into force, and the members before it; null where it brings none.</summary>
    public async Task<(GovernanceChange Change, IReadOnlyCollection<OrganizationEntry> Members)?> AppliedInAsync(
        ReplayedTransaction transaction, CancellationToken ct)
    {
        // Whether it has its majority is checked with the proposal itself, which is a write of the same transaction.
        var applied = transaction.FindAll(LedgerKind.Proposal, LedgerJson.Default.ProposalEntry).Where(entry => entry.AppliedAt is not null).ToList();
        return applied is [var only] ? (only.Change, await MembersAsync(ct)) : null;
    }

    private async Task<bool> HasMajorityAsync(
        ReplayedTransaction transaction, string proposalId, IReadOnlyCollection<OrganizationEntry> members, CancellationToken ct)
    {
        var votes = await reader.ListAsync(LedgerKind.Vote, [proposalId], LedgerJson.Default.VoteEntry, ct);
        return Governance.HasMajority(members, votes.Append(new VoteEntry(proposalId, transaction.Creator, transaction.Time!.Value)));
    }

    private async Task<bool> HasVotedAsync(VoteEntry vote, CancellationToken ct) =>
        await reader.FindAsync(LedgerKey.Vote(vote.ProposalId, vote.Member), LedgerJson.Default.VoteEntry, ct) is { } before
        && Governance.Counts(await reader.AnyMemberAsync(vote.Member, ct), before.VotedAt);

    private async Task<IReadOnlyCollection<OrganizationEntry>> MembersAsync(CancellationToken ct) =>
        await reader.ListAsync(LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry, ct);

    private static bool Same(ProposalEntry a, ProposalEntry b) =>
        System.Text.Json.JsonSerializer.Serialize(a, LedgerJson.Default.ProposalEntry)
            == System.Text.Json.JsonSerializer.Serialize(b, LedgerJson.Default.ProposalEntry);
}
