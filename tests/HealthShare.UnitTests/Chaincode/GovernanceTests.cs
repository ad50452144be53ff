using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>How members change the membership and the settings, and what a suspended member can still do: nothing.</summary>
public sealed class GovernanceTests
{
    private static LedgerJson Types => LedgerJson.Default;

    private static OrganizationEntry West => Founders.Organizations[0] with { MspId = Stranger, Name = "West Hospital" };

    [Fact]
    public async Task A_member_is_admitted_by_the_vote_that_makes_a_majority_and_by_none_before()
    {
        using var scene = await WithMembersAsync();
        var proposal = await ProposeAsync(scene, North, new(Admit: West));
        Assert.Null(proposal.AppliedAt);
        Assert.Null((await ApproveAsync(scene, South, proposal.ProposalId)).AppliedAt); // two of four are no majority
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        Assert.NotNull((await ApproveAsync(scene, Regulator, proposal.ProposalId)).AppliedAt);
        Assert.Equal(West, await OfAsync(scene, Stranger));
        await scene.SubmitAsync(Stranger, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);

        var list = await scene.QueryAsync(East, LedgerTransactions.ListProposals, null, Types.ProposalList);
        Assert.Equal([North, Regulator, South], Assert.Single(list.Proposals).Votes.Select(vote => vote.Member));
        await RefusedVoteAsync(scene, "proposal.closed", East, proposal.ProposalId);
    }

    [Fact]
    public async Task Voting_twice_and_proposing_again_have_no_second_effect()
    {
        using var scene = await WithMembersAsync();
        var change = new ProposeChange(LedgerId.New(IdKind.Proposal), new(Suspend: East));
        await scene.SubmitAsync(North, LedgerTransactions.ProposeChange, change, Types.ProposeChange);
        foreach (var again in new[]
        {
            await scene.RunAsync(North, LedgerTransactions.ProposeChange, change, Types.ProposeChange),
            await scene.RunAsync(North, LedgerTransactions.ApproveChange, new ApproveChange(change.ProposalId), Types.ApproveChange),
        })
        {
            Assert.True(again.Response.IsSuccess, again.Response.Message);
            Assert.Empty(again.Stub.Writes);
        }
        await scene.RefusedAsync("proposal.id_taken", South, LedgerTransactions.ProposeChange, change, Types.ProposeChange);
        await scene.RefusedAsync("proposal.id_taken", North, LedgerTransactions.ProposeChange, change with { Change = new(Suspend: South) }, Types.ProposeChange);
        Assert.Null((await OfAsync(scene, East)).SuspendedAt);
    }

    [Fact]
    public async Task A_suspended_member_is_permitted_nothing_writes_nothing_and_reads_nothing_until_it_is_reinstated()
    {
        using var scene = await WithRecordsAsync();
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.GrantAsync(StoryGrant);
        var request = scene.Request(1);
        Assert.True(Assert.Single((await scene.AskAsync(request)).Decisions).Permitted);
        // Endorsed before the suspension and held back: it must not get through after it.
        var held = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var release = new ReleaseKeys(new AccessRef(scene.PatientId, South, request.AccessId), LedgerId.New(IdKind.Release), [RecordId(1)],
            KeyIdOf(South), System.Buffers.Text.Base64Url.EncodeToString(new byte[32]));
        var heldRelease = await scene.RunAsync(North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        Assert.True(held.Response.IsSuccess && heldRelease.Response.IsSuccess);

        await DecideAsync(scene, new(Suspend: South), North, East, Regulator);
        Assert.Equal(scene.Ledger.Now, (await OfAsync(scene, South)).SuspendedAt);
        Assert.Equal(TxValidationCode.MvccReadConflict, held.Stub.Commit());
        Assert.Equal(TxValidationCode.MvccReadConflict, heldRelease.Stub.Commit());
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        await scene.RefusedAsync("access.requester_suspended", North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.GrantConsent, scene.Sign(StoryGrant), Types.SignedStatement);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.EnrollPatient, new EnrollPatient(LedgerId.New(IdKind.Patient)), Types.EnrollPatient);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(9)]), Types.RegisterRecords);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.UpdateSealingKey, West.SealingKey with { KeyId = "x" }, Types.SealingKey);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.ListAccesses, scene.PatientId);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.GetEnvelope,
            new GetEnvelope(release.Access, North, release.ReleaseId), Types.GetEnvelope);
        await scene.RefusedAsync("caller.suspended", South, LedgerTransactions.ProposeChange,
            new ProposeChange(LedgerId.New(IdKind.Proposal), new(Reinstate: South)), Types.ProposeChange);
        await scene.RefusedAsync("patient.link_not_hospital", North, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        var explained = await scene.QueryAsync(North, LedgerTransactions.ExplainConsent,
            new ExplainAccess(scene.PatientId, new RecordRef(North, RecordId(1)), South, "TREAT", "physician"), Types.ExplainAccess, Types.Explanation);
        Assert.Equal(("deny.suspended", "reinstate"), (explained.Decision.Reason, Assert.Single(explained.Changes)));

        await DecideAsync(scene, new(Reinstate: South), North, East); // two of three that are active
        Assert.True(Assert.Single((await scene.AskAsync(scene.Request(1))).Decisions).Permitted);
    }

    [Fact]
    public async Task Two_last_votes_at_once_do_not_miss_each_other()
    {
        using var scene = await WithMembersAsync();
        var proposal = await ProposeAsync(scene, North, new(Suspend: East));
        var south = await VoteAsync(South);
        var regulator = await VoteAsync(Regulator);
        Assert.Equal(TxValidationCode.Valid, south.Commit());
        Assert.Equal(TxValidationCode.PhantomReadConflict, regulator.Commit()); // both saw one vote; the channel's client asks again
        Assert.NotNull((await ApproveAsync(scene, Regulator, proposal.ProposalId)).AppliedAt);
        Assert.NotNull((await OfAsync(scene, East)).SuspendedAt);

        async Task<HealthShare.Chaincode.Shim.Testing.TestStub> VoteAsync(string voter) =>
            (await scene.RunAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange(proposal.ProposalId), Types.ApproveChange)).Stub;
    }

    [Fact]
    public async Task Votes_of_members_suspended_since_do_not_count_and_old_proposals_are_closed()
    {
        using var scene = await WithMembersAsync();
        var proposal = await ProposeAsync(scene, East, new(Admit: West));
        await DecideAsync(scene, new(Suspend: East), North, South, Regulator);
        Assert.Null((await ApproveAsync(scene, North, proposal.ProposalId)).AppliedAt); // East's does not count: one of three
        await RefusedVoteAsync(scene, "caller.suspended", East, proposal.ProposalId);
        scene.Ledger.Now = Start + Governance.Open;
        await RefusedVoteAsync(scene, "proposal.closed", South, proposal.ProposalId);
        await RefusedVoteAsync(scene, "proposal.not_found", South, LedgerId.New(IdKind.Proposal));
        await RefusedVoteAsync(scene, "arguments.invalid", South, "pp-x");
    }

    [Fact]
    public async Task Settings_and_kinds_change_by_votes_and_a_regulator_does_not_ask_for_records()
    {
        using var scene = await WithRecordsAsync();
        await DecideAsync(scene, new(Settings: new ChannelSettings(1200)), North, South, East);
        Assert.Equal(1200, (await scene.QueryAsync(North, LedgerTransactions.ListOrganizations, null, Types.Network)).Settings!.PermitMaxAgeSeconds);
        await scene.GrantAsync(StoryGrant);
        var request = scene.Request(1);
        await scene.AskAsync(request);
        await DecideAsync(scene, new(Kind: new(South, OrganizationKind.Regulator)), North, South, East);
        await scene.RefusedAsync("caller.not_hospital", South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        // What was permitted before is not released after.
        var release = new ReleaseKeys(new AccessRef(scene.PatientId, South, request.AccessId), LedgerId.New(IdKind.Release), [RecordId(1)],
            KeyIdOf(South), System.Buffers.Text.Base64Url.EncodeToString(new byte[32]));
        await scene.RefusedAsync("access.requester_not_hospital", North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
    }

    [Fact]
    public async Task What_was_released_is_not_handed_over_once_the_requester_is_no_hospital_or_suspended()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var request = scene.Request(1);
        await scene.AskAsync(request);
        byte[] envelope = [4, 5, 6];
        var release = new ReleaseKeys(new AccessRef(scene.PatientId, South, request.AccessId), LedgerId.New(IdKind.Release), [RecordId(1)],
            KeyIdOf(South), System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(envelope)));
        await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        var delivery = new DeliverKeys(release.Access, release.ReleaseId);
        var held = await scene.RunAsync(North, LedgerTransactions.DeliverKeys, delivery, Types.DeliverKeys, envelope);
        Assert.True(held.Response.IsSuccess, held.Response.Message);
        await DecideAsync(scene, new(Kind: new(South, OrganizationKind.Regulator)), North, South, East);
        Assert.Equal(TxValidationCode.MvccReadConflict, held.Stub.Commit());
        await scene.RefusedAsync("access.requester_not_hospital", North, LedgerTransactions.DeliverKeys, delivery, Types.DeliverKeys, envelope);
        await DecideAsync(scene, new(Suspend: South), North, Regulator, East);
        await scene.RefusedAsync("access.requester_suspended", North, LedgerTransactions.DeliverKeys, delivery, Types.DeliverKeys, envelope);
    }

    [Fact]
    public async Task A_vote_from_before_a_suspension_stays_void_after_it_and_can_be_given_anew()
    {
        using var scene = await WithMembersAsync();
        var (own, other) = (await ProposeAsync(scene, East, new(Admit: West)), await ProposeAsync(scene, North, new(Settings: new ChannelSettings(1200))));
        await ApproveAsync(scene, East, other.ProposalId);
        scene.Ledger.Now = Start.AddDays(1);
        await DecideAsync(scene, new(Suspend: East), North, South, Regulator);
        scene.Ledger.Now = Start.AddDays(2);
        await DecideAsync(scene, new(Reinstate: East), North, South);
        var east = await OfAsync(scene, East);
        Assert.Equal((null, scene.Ledger.Now), (east.SuspendedAt, east.ReinstatedAt));
        Assert.Null((await ApproveAsync(scene, North, own.ProposalId)).AppliedAt);
        Assert.Null((await ApproveAsync(scene, South, own.ProposalId)).AppliedAt); // two of four that count; with East's old one it were three
        Assert.Null((await ApproveAsync(scene, South, other.ProposalId)).AppliedAt);

        Assert.NotNull((await ApproveAsync(scene, East, own.ProposalId)).AppliedAt);
        Assert.Equal(West, await OfAsync(scene, Stranger));
        // Of five now: North, South and East's new vote.
        Assert.NotNull((await ApproveAsync(scene, East, other.ProposalId)).AppliedAt);
        await RefusedVoteAsync(scene, "proposal.closed", Regulator, other.ProposalId);
        var (again, stub) = await scene.RunAsync(East, LedgerTransactions.ApproveChange, new ApproveChange(other.ProposalId), Types.ApproveChange);
        Assert.True(again.IsSuccess, again.Message);
        Assert.Empty(stub.Writes);
    }

    [Fact]
    public async Task What_cannot_be_done_is_not_even_proposed()
    {
        using var scene = await WithMembersAsync();
        foreach (var (code, change) in new (string, GovernanceChange)[]
        {
            ("proposal.malformed", new()), ("proposal.malformed", new(Suspend: South, Reinstate: South)),
            ("proposal.malformed", new(Admit: West with { SuspendedAt = Start })), ("proposal.malformed", new(Admit: West with { ReinstatedAt = Start })),
            ("organization.exists", new(Admit: West with { MspId = South })), ("organization.not_found", new(Suspend: Stranger)),
            ("organization.not_found", new(Kind: new(Stranger, OrganizationKind.Hospital))), ("organization.not_suspended", new(Reinstate: South)),
            ("organization.same_kind", new(Kind: new(South, OrganizationKind.Hospital))), ("arguments.invalid", new(Suspend: "not an msp")),
            ("arguments.invalid", new(Admit: West with { Name = "" })), ("arguments.invalid", new(Settings: new ChannelSettings(1))),
        })
            await scene.RefusedAsync(code, North, LedgerTransactions.ProposeChange, new ProposeChange(LedgerId.New(IdKind.Proposal), change), Types.ProposeChange);
        await DecideAsync(scene, new(Suspend: South), North, East, Regulator);
        await DecideAsync(scene, new(Suspend: East), North, Regulator);
        await scene.RefusedAsync("organization.last_hospital", North, LedgerTransactions.ProposeChange,
            new ProposeChange(LedgerId.New(IdKind.Proposal), new(Suspend: North)), Types.ProposeChange);
        await scene.RefusedAsync("organization.last_hospital", Regulator, LedgerTransactions.ProposeChange,
            new ProposeChange(LedgerId.New(IdKind.Proposal), new(Kind: new(North, OrganizationKind.Regulator))), Types.ProposeChange);
        await scene.RefusedAsync("organization.suspended", Regulator, LedgerTransactions.ProposeChange,
            new ProposeChange(LedgerId.New(IdKind.Proposal), new(Suspend: South)), Types.ProposeChange);
    }

    private static async Task<ProposalEntry> ProposeAsync(LedgerScene scene, string by, GovernanceChange change) => Read(
        await scene.SubmitAsync(by, LedgerTransactions.ProposeChange, new ProposeChange(LedgerId.New(IdKind.Proposal), change), Types.ProposeChange),
        Types.ProposalEntry);

    private static async Task<ProposalEntry> ApproveAsync(LedgerScene scene, string by, string proposalId) => Read(
        await scene.SubmitAsync(by, LedgerTransactions.ApproveChange, new ApproveChange(proposalId), Types.ApproveChange), Types.ProposalEntry);

    private static async Task DecideAsync(LedgerScene scene, GovernanceChange change, string by, params string[] others)
    {
        var proposal = await ProposeAsync(scene, by, change);
        foreach (var other in others)
            proposal = await ApproveAsync(scene, other, proposal.ProposalId);
        Assert.NotNull(proposal.AppliedAt);
    }

    private static Task<OrganizationEntry> OfAsync(LedgerScene scene, string mspId) =>
        scene.QueryAsync(North, LedgerTransactions.GetOrganization, mspId, Types.OrganizationEntry);

    private static Task RefusedVoteAsync(LedgerScene scene, string code, string by, string proposalId) =>
        scene.RefusedAsync(code, by, LedgerTransactions.ApproveChange, new ApproveChange(proposalId), Types.ApproveChange);
}
