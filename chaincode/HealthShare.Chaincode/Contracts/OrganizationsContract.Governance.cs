using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Changes that take a majority: one vote for each active member.</summary>
public sealed partial class OrganizationsContract
{
    /// <summary>
    /// Proposes a new member, a change of kind, a suspension, its end, or other settings, and votes for it. Where the caller alone
    /// is a majority it holds at once.
    /// </summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_member</c>, <c>caller.suspended</c>, <c>arguments.invalid</c>, <c>proposal.malformed</c>,
    /// <c>proposal.id_taken</c>, <c>organization.exists</c>, <c>organization.not_found</c>, <c>organization.suspended</c>,
    /// <c>organization.not_suspended</c>, <c>organization.same_kind</c> or <c>organization.last_hospital</c>.
    /// </exception>
    [Transaction]
    public async Task<ProposalEntry> ProposeAsync(TransactionContext tx, ProposeChange proposal)
    {
        var caller = await MemberAsync(tx);
        Require.Id(IdKind.Proposal, proposal.ProposalId, "proposalId");
        Check(proposal.Change);
        if (await tx.GetAsync(LedgerKey.Proposal(proposal.ProposalId), LedgerJson.Default.ProposalEntry) is { } known)
        {
            return known.ProposedBy == caller.MspId && Same(known.Change, proposal.Change, LedgerJson.Default.GovernanceChange)
                ? known
                : throw new ContractException("proposal.id_taken", "The proposal's id is in use.");
        }
        return await VoteAsync(tx, new ProposalEntry(proposal.ProposalId, proposal.Change, caller.MspId, TimeOf(tx)), [], caller);
    }

    /// <summary>Votes for a proposal. With the vote that makes a majority the change holds, in the same transaction.</summary>
    /// <exception cref="ContractException">
    /// <c>caller.not_member</c>, <c>caller.suspended</c>, <c>arguments.invalid</c>, <c>proposal.not_found</c>,
    /// <c>proposal.closed</c>, or what <see cref="ProposeAsync"/> refuses, as the members are by now.
    /// </exception>
    [Transaction]
    public async Task<ProposalEntry> ApproveAsync(TransactionContext tx, ApproveChange approval)
    {
        var caller = await MemberAsync(tx);
        Require.Id(IdKind.Proposal, approval.ProposalId, "proposalId");
        var proposal = await tx.GetAsync(LedgerKey.Proposal(approval.ProposalId), LedgerJson.Default.ProposalEntry)
            ?? throw new ContractException("proposal.not_found", "There is no such proposal on this channel.");
        // The whole range: two last votes at once are one after the other, and one of them sees the other.
        var votes = await ListAsync(tx, LedgerKind.Vote, [approval.ProposalId], LedgerJson.Default.VoteEntry);
        if (votes.Exists(vote => vote.Member == caller.MspId && Governance.Counts(caller, vote.VotedAt)))
            return proposal;
        return Governance.IsOpen(proposal, TimeOf(tx))
            ? await VoteAsync(tx, proposal, votes, caller)
            : throw new ContractException("proposal.closed", "Votes are not taken any more: it holds already, or was left too long.");
    }

    /// <summary>All proposals with their votes; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>caller.suspended</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<ProposalList> ListProposalsAsync(TransactionContext tx)
    {
        await MemberAsync(tx);
        var votes = (await ListAsync(tx, LedgerKind.Vote, [], LedgerJson.Default.VoteEntry)).ToLookup(vote => vote.ProposalId);
        var proposals = await ListAsync(tx, LedgerKind.Proposal, [], LedgerJson.Default.ProposalEntry);
        return new ProposalList([.. proposals.Select(proposal => new ProposalView(proposal, [.. votes[proposal.ProposalId]]))]);
    }

    private static async Task<ProposalEntry> VoteAsync(
        TransactionContext tx, ProposalEntry proposal, List<VoteEntry> votes, OrganizationEntry caller)
    {
        var members = await ListAsync(tx, LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry);
        if (Governance.FaultOf(proposal.Change, members) is var (code, text))
            throw new ContractException(code, text);
        Require.That(proposal.Change.Admit is null || members.Count < Limits.Organizations, "admit", $"would be more than {Limits.Organizations} members");
        var (time, vote) = (TimeOf(tx), LedgerKey.Vote(proposal.ProposalId, caller.MspId));
        var own = new VoteEntry(proposal.ProposalId, caller.MspId, time);
        var holds = Governance.HasMajority(members, votes.Append(own));
        var changed = new List<string> { vote };
        if (holds || votes.Count == 0)
        {
            proposal = proposal with { AppliedAt = holds ? time : null };
            await tx.PutAsync(LedgerKey.Proposal(proposal.ProposalId), proposal, LedgerJson.Default.ProposalEntry);
            changed.Add(LedgerKey.Proposal(proposal.ProposalId));
        }
        await tx.PutAsync(vote, own, LedgerJson.Default.VoteEntry);
        if (holds && Governance.Changed(proposal.Change, members, time) is { } member)
        {
            await tx.PutAsync(LedgerKey.Organization(member.MspId), member, LedgerJson.Default.OrganizationEntry);
            changed.Add(LedgerKey.Organization(member.MspId));
        }
        if (holds && proposal.Change.Settings is { } settings)
        {
            await tx.PutAsync(LedgerKey.Settings, settings, LedgerJson.Default.ChannelSettings);
            changed.Add(LedgerKey.Settings);
        }
        Announce(tx, changed);
        return proposal;
    }

    private static void Check(GovernanceChange change)
    {
        if (change.Admit is { } admitted)
            Check(admitted);
        if (change.Kind is { } kind)
            Require.MspId(kind.MspId, "kind");
        if (change.Suspend is { } suspended)
            Require.MspId(suspended, "suspend");
        if (change.Reinstate is { } reinstated)
            Require.MspId(reinstated, "reinstate");
        if (change.Settings is { } settings)
            Check(settings);
    }
}
