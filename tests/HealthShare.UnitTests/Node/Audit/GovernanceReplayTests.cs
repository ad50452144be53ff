using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>What the replay makes of votes, of forged ones, and of what a suspended member writes.</summary>
public sealed class GovernanceReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly OrganizationEntry SuspendedSouth = Founders.Organizations[1] with { SuspendedAt = Start };

    [Fact]
    public async Task Votes_as_the_contract_writes_them_are_right_and_a_suspended_member_writes_nothing_more()
    {
        using var scene = await CreateAsync();
        await scene.GrantAsync(StoryGrant);
        var asked = await scene.AskAsync(1);
        await DecideAsync(scene, new(Suspend: South), North, East, Regulator);
        var vote = Put(LedgerKey.Record(scene.Ledger.PatientId, South, RecordId(8)), new RecordEntry(South, scene.Now, scene.Ledger.Record(8)), Types.RecordEntry);
        await FaultAsync(scene, South, vote);
        await FaultAsync(scene, Stranger, vote);
        await FaultAsync(scene, South, Put(LedgerKey.Organization(South), SuspendedSouth with { SuspendedAt = null }, Types.OrganizationEntry));
        // A release to it, by a custodian that colludes with enough endorsers.
        var release = new ReleaseKeys(asked.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), new string('A', 43));
        Assert.Equal(ReplayFaultKind.ReleaseForged, (await scene.ForgeAsync(North,
            Put(LedgerKey.Release(asked.Ref, North, release.ReleaseId), new ReleaseEntry(release, North, scene.Now, scene.Now.AddHours(1)), Types.ReleaseEntry)))?.Kind);
        await DecideAsync(scene, new(Reinstate: South), North, East);
        await DecideAsync(scene, new(Settings: new ChannelSettings(1200)), South, North, Regulator);
        await DecideAsync(scene, new(Kind: new(East, OrganizationKind.Regulator)), South, North, Regulator);
        await DecideAsync(scene, new(Admit: Founders.Organizations[0] with { MspId = Stranger, Name = "West" }), South, North, Regulator);
        await scene.SubmitAsync(Stranger, LedgerTransactions.EnrollPatient, new EnrollPatient(LedgerId.New(IdKind.Patient)), Types.EnrollPatient);
    }

    [Fact]
    public async Task Changes_without_a_majority_and_forged_votes_are_named()
    {
        using var scene = await CreateAsync();
        var id = LedgerId.New(IdKind.Proposal);
        var proposal = new ProposalEntry(id, new(Suspend: South), North, scene.Now);
        var suspension = Put(LedgerKey.Organization(South), SuspendedSouth, Types.OrganizationEntry);
        await FaultAsync(scene, North, suspension); // no vote at all
        await FaultAsync(scene, North, Proposal(proposal with { AppliedAt = scene.Now }), Vote(id, North, scene.Now), suspension); // one of four
        await FaultAsync(scene, North, Proposal(proposal)); // without the vote of whoever proposes
        await FaultAsync(scene, East, Proposal(proposal), Vote(id, East, scene.Now)); // in North's name
        await FaultAsync(scene, North, Proposal(proposal with { Change = new() }), Vote(id, North, scene.Now));
        await FaultAsync(scene, North, Proposal(proposal with { Change = new(Suspend: Stranger) }), Vote(id, North, scene.Now));
        Assert.Null(await scene.ForgeAsync(North, Proposal(proposal), Vote(id, North, scene.Now)));

        await FaultAsync(scene, South, Vote(id, East, scene.Now)); // another's vote
        await FaultAsync(scene, North, Vote(id, North, scene.Now)); // a second one
        await FaultAsync(scene, East, Vote(LedgerId.New(IdKind.Proposal), East, scene.Now)); // for nothing
        await FaultAsync(scene, East, Vote(id, East, scene.Now.AddSeconds(-1)));
        await FaultAsync(scene, East, Proposal(proposal with { Change = new(Suspend: Regulator) }), Vote(id, East, scene.Now)); // another change
        Assert.Null(await scene.ForgeAsync(East, Vote(id, East, scene.Now)));

        var applied = Proposal(proposal with { AppliedAt = scene.Now });
        await FaultAsync(scene, Regulator, Vote(id, Regulator, scene.Now)); // the majority, and nothing is done
        await FaultAsync(scene, Regulator, applied, Vote(id, Regulator, scene.Now));
        await FaultAsync(scene, Regulator, applied, Vote(id, Regulator, scene.Now), // another member than was voted about
            Put(LedgerKey.Organization(East), Founders.Organizations[2] with { SuspendedAt = scene.Now }, Types.OrganizationEntry));
        await FaultAsync(scene, Regulator, applied, Vote(id, Regulator, scene.Now), // more than was voted for
            suspension, Put(LedgerKey.Settings, new ChannelSettings(3600), Types.ChannelSettings));
        await FaultAsync(scene, Regulator, applied, Vote(id, Regulator, scene.Now),
            Put(LedgerKey.Organization(South), SuspendedSouth with { Kind = OrganizationKind.Regulator }, Types.OrganizationEntry));
        Assert.Null(await scene.ForgeAsync(Regulator, applied, Vote(id, Regulator, scene.Now), suspension));
        await FaultAsync(scene, North, (LedgerKey.Proposal(id), null), (LedgerKey.Vote(id, North), null));
    }

    [Fact]
    public async Task A_majority_by_a_vote_from_before_a_suspension_is_named_and_a_new_vote_is_right()
    {
        using var scene = await CreateAsync();
        var change = new ProposeChange(LedgerId.New(IdKind.Proposal), new(Settings: new ChannelSettings(1200)));
        await scene.SubmitAsync(East, LedgerTransactions.ProposeChange, change, Types.ProposeChange);
        await FaultAsync(scene, East, Vote(change.ProposalId, East, scene.Now)); // counts as it is
        scene.Ledger.Ledger.Now = Start.AddDays(1);
        await DecideAsync(scene, new(Suspend: East), North, South, Regulator);
        scene.Ledger.Ledger.Now = Start.AddDays(2);
        var reinstated = Founders.Organizations[2] with { ReinstatedAt = scene.Now };
        await ReinstatementFaultAsync(scene, reinstated with { ReinstatedAt = null });
        await ReinstatementFaultAsync(scene, reinstated with { ReinstatedAt = Start });
        await DecideAsync(scene, new(Reinstate: East), North, South);
        await FaultAsync(scene, East, Put(LedgerKey.Organization(East), // who rotates a key does not forget the suspension
            reinstated with { ReinstatedAt = null, SealingKey = reinstated.SealingKey with { KeyId = "next" } }, Types.OrganizationEntry));
        await scene.SubmitAsync(North, LedgerTransactions.ApproveChange, new ApproveChange(change.ProposalId), Types.ApproveChange);
        var entry = scene.Read(LedgerKey.Proposal(change.ProposalId), Types.ProposalEntry);
        var applied = Proposal(entry with { AppliedAt = scene.Now });
        var settings = Put(LedgerKey.Settings, new ChannelSettings(1200), Types.ChannelSettings);
        await FaultAsync(scene, South, applied, Vote(entry.ProposalId, South, scene.Now), settings); // East's does not count
        await FaultAsync(scene, East, Vote(entry.ProposalId, East, Start)); // nor does it count again
        Assert.Null(await scene.ForgeAsync(South, Vote(entry.ProposalId, South, scene.Now)));
        Assert.Null(await scene.ForgeAsync(East, applied, Vote(entry.ProposalId, East, scene.Now), settings));

        static async Task ReinstatementFaultAsync(ReplayScene scene, OrganizationEntry forged)
        {
            var proposal = new ProposalEntry(LedgerId.New(IdKind.Proposal), new(Reinstate: East), North, scene.Now);
            Assert.Null(await scene.ForgeAsync(North, Proposal(proposal), Vote(proposal.ProposalId, North, scene.Now)));
            await FaultAsync(scene, South, Proposal(proposal with { AppliedAt = scene.Now }), Vote(proposal.ProposalId, South, scene.Now),
                Put(LedgerKey.Organization(East), forged, Types.OrganizationEntry));
        }
    }

    [Fact]
    public async Task A_vote_that_comes_too_late_is_named()
    {
        using var scene = await CreateAsync();
        var id = LedgerId.New(IdKind.Proposal);
        Assert.Null(await scene.ForgeAsync(North, Proposal(new ProposalEntry(id, new(Suspend: South), North, scene.Now)), Vote(id, North, scene.Now)));
        scene.Ledger.Ledger.Now = Start + Governance.Open;
        await FaultAsync(scene, East, Vote(id, East, scene.Now));
    }

    private static async Task DecideAsync(ReplayScene scene, GovernanceChange change, params string[] voters)
    {
        var proposal = new ProposeChange(LedgerId.New(IdKind.Proposal), change);
        await scene.SubmitAsync(voters[0], LedgerTransactions.ProposeChange, proposal, Types.ProposeChange);
        foreach (var voter in voters[1..])
            await scene.SubmitAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange(proposal.ProposalId), Types.ApproveChange);
        Assert.NotNull(scene.Read(LedgerKey.Proposal(proposal.ProposalId), Types.ProposalEntry).AppliedAt);
    }

    private static (string Key, string? Json) Proposal(ProposalEntry entry) => Put(LedgerKey.Proposal(entry.ProposalId), entry, Types.ProposalEntry);

    private static (string Key, string? Json) Vote(string id, string member, DateTimeOffset time) =>
        Put(LedgerKey.Vote(id, member), new VoteEntry(id, member, time), Types.VoteEntry);

    private static async Task FaultAsync(ReplayScene scene, string creator, params (string Key, string? Json)[] writes) =>
        Assert.NotNull(await scene.ForgeAsync(creator, writes));
}
