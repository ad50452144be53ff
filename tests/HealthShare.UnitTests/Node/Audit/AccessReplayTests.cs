using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class AccessReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task What_the_contracts_write_is_found_right_and_counted()
    {
        using var scene = await CreateAsync();
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), Types.SignedStatement);
        var grant = await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Who = [new WhoOrg(East)] }], new Period(Start)));
        var access = await scene.AskAsync(1, 2);
        await scene.ReleaseAsync(ReleaseOf(access, 1));
        await scene.RevokeAsync(grant.StatementId);
        await scene.RevokeAsync(LedgerId.New(IdKind.Statement)); // one that nobody has seen
        await scene.AskAsync(1);
        Assert.Equal((3, 1, true), (scene.Replay.Decisions, scene.Replay.Releases, scene.Replay.HasEntries));
    }

    [Fact]
    public async Task A_permit_that_nothing_supports_is_named_with_its_block_and_transaction()
    {
        using var scene = await CreateAsync();
        var denied = await scene.AskAsync(1);
        var forged = denied with
        {
            Request = denied.Request with { AccessId = LedgerId.New(IdKind.Access) },
            Decisions = [denied.Decisions[0] with { Permitted = true, Reason = "permit.signed", NotAfter = Start.AddHours(24) }],
        };
        var transaction = new TestTransaction(PutAccess(forged)) { Creator = South, ProposedAt = scene.Now };
        var fault = await scene.ReplayAsync(
            new TestTransaction(PutAccess(forged)) { Code = TxValidationCode.EndorsementPolicyFailure, Creator = South }, transaction);
        Assert.Equal((ReplayFaultKind.DecisionWrong, 4ul, 1, transaction.Id), (fault!.Kind, fault.Block, fault.TransactionIndex, fault.TransactionId));
        Assert.Contains("recorded permit.signed, right is deny.default", fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denial_of_what_is_permitted_and_a_permit_that_stands_too_long_are_wrong_too()
    {
        using var scene = await CreateAsync();
        await scene.GrantAsync(StoryGrant);
        var right = await scene.AskAsync(1);
        var again = right with { Request = right.Request with { AccessId = LedgerId.New(IdKind.Access) } };
        foreach (var decision in (AccessDecision[])
        [
            new(right.Decisions[0].Record, false, "deny.default"), right.Decisions[0] with { NotAfter = Start.AddHours(25) },
            right.Decisions[0] with { StatementId = LedgerId.New(IdKind.Statement) },
        ])
            await WrongAsync(scene, ReplayFaultKind.DecisionWrong, South, PutAccess(again with { Decisions = [decision] }));
    }

    [Fact]
    public async Task A_decision_in_anothers_name_at_another_time_of_other_records_or_for_the_second_time_is_forged()
    {
        using var scene = await CreateAsync();
        var first = await scene.AskAsync(1, 2);
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, PutAccess(first));
        var again = first with { Request = first.Request with { AccessId = LedgerId.New(IdKind.Access) } };
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, East, PutAccess(again));
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, PutAccess(again with { RequestedAt = Start.AddSeconds(1) }));
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, PutAccess(again with { Decisions = [first.Decisions[0]] }));
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, Regulator, PutAccess(again with { Requester = Regulator }));
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, (LedgerKey.Access(first.Ref), PutAccess(again).Json));
        await WrongAsync(scene, ReplayFaultKind.EntryUnreadable, null, PutAccess(again)); // a header without a time
        var unknown = new RecordRef(North, RecordId(9));
        await WrongAsync(scene, ReplayFaultKind.DecisionWrong, South, PutAccess(again with
        {
            Request = again.Request with { Records = [unknown] }, Decisions = [new AccessDecision(unknown, false, "deny.default")],
        }));
    }

    [Fact]
    public async Task A_decision_about_a_part_by_itself_is_forged_even_where_its_whole_is_permitted()
    {
        using var scene = await CreateAsync();
        var whole = scene.Ledger.Record(7);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([whole, whole with { RecordId = RecordId(8), PartOf = RecordId(7) }]), Types.RegisterRecords);
        await scene.GrantAsync(StoryGrant);
        var right = await scene.AskAsync(7);
        var part = new RecordRef(North, RecordId(8));
        var forged = right with
        {
            Request = right.Request with { AccessId = LedgerId.New(IdKind.Access), Records = [part] }, Decisions = [right.Decisions[0] with { Record = part }],
        };
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, PutAccess(forged));
        await WrongAsync(scene, ReplayFaultKind.ReleaseNotPermitted, North, PutRelease(scene, ReleaseOf(right, 8), Start.AddHours(24)));
        await scene.ReleaseAsync(ReleaseOf(right, 7));
    }

    [Fact]
    public async Task A_release_without_a_permit_is_named()
    {
        using var scene = await CreateAsync();
        var denied = await scene.AskAsync(1);
        await WrongAsync(scene, ReplayFaultKind.ReleaseNotPermitted, North, PutRelease(scene, ReleaseOf(denied, 1), Start.AddHours(24)));
        await scene.GrantAsync(StoryGrant);
        var permitted = await scene.AskAsync(1, 2);
        foreach (var records in (int[][])[[2], [1, 2], [3]])
            await WrongAsync(scene, ReplayFaultKind.ReleaseNotPermitted, North, PutRelease(scene, ReleaseOf(permitted, records), Start.AddHours(24)));
    }

    [Fact]
    public async Task A_release_after_the_revocation_or_after_the_decision_ended_is_named()
    {
        using var scene = await CreateAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(1);
        scene.Ledger.Ledger.Now = Start.AddHours(24);
        await WrongAsync(scene, ReplayFaultKind.ReleaseNotPermitted, North, PutRelease(scene, ReleaseOf(access, 1), Start.AddHours(24)));
        scene.Ledger.Ledger.Now = Start.AddHours(1);
        await scene.RevokeAsync(grant.StatementId);
        await WrongAsync(scene, ReplayFaultKind.ReleaseNotPermitted, North, PutRelease(scene, ReleaseOf(access, 1), Start.AddHours(24)));
    }

    [Fact]
    public async Task A_release_must_be_for_a_request_to_its_key_once_by_its_custodian_and_end_with_its_decisions()
    {
        using var scene = await CreateAsync();
        await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(1);
        var (release, end) = (ReleaseOf(access, 1), Start.AddHours(24));
        foreach (var (creator, write) in ((string, (string, string?))[])
        [
            (South, PutRelease(scene, release, end)), (North, PutRelease(scene, release, end.AddSeconds(1))),
            (North, PutRelease(scene, release, end.AddSeconds(-1))), (North, PutRelease(scene, release with { RecordIds = [] }, end)),
            (North, PutRelease(scene, release with { KeyId = KeyIdOf(East) }, end)),
            (North, PutRelease(scene, release with { Access = release.Access with { Requester = East } }, end)),
            (North, (LedgerKey.Release(release.Access, East, release.ReleaseId), PutRelease(scene, release, end).Json)),
        ])
            await WrongAsync(scene, ReplayFaultKind.ReleaseForged, creator, write);
        await scene.ReleaseAsync(release);
        await WrongAsync(scene, ReplayFaultKind.ReleaseForged, North, PutRelease(scene, release, end));
    }

    [Fact]
    public async Task A_release_under_a_second_grant_ends_when_that_grant_does()
    {
        using var scene = await CreateAsync();
        var first = await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(StoryGrant with { Period = new Period(Start, Start.AddHours(2)) });
        var access = await scene.AskAsync(1);
        Assert.Equal(first.StatementId, access.Decisions[0].StatementId);
        await scene.RevokeAsync(first.StatementId);
        var release = ReleaseOf(access, 1);
        await WrongAsync(scene, ReplayFaultKind.ReleaseForged, North, PutRelease(scene, release, Start.AddHours(24)));
        await scene.ReleaseAsync(release);
        var entry = scene.Read(LedgerKey.Release(release.Access, North, release.ReleaseId), Types.ReleaseEntry);
        Assert.Equal(Start.AddHours(2), entry.NotAfter);
    }

    [Fact]
    public async Task Hostile_entries_are_faults_and_not_failures()
    {
        using var scene = await CreateAsync();
        await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(1);
        var again = access with { Request = access.Request with { AccessId = LedgerId.New(IdKind.Access) } };
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, PutAccess(again with { Decisions = [null!] }));
        await WrongAsync(scene, ReplayFaultKind.DecisionForged, South, PutAccess(again with
        {
            Request = again.Request with { Records = [null!] },
        }));
        await WrongAsync(scene, ReplayFaultKind.ReleaseForged, North,
            PutRelease(scene, ReleaseOf(access, 1) with { RecordIds = [null!] }, Start.AddHours(24)));
        foreach (var text in (string[])["a\0b", "\U0010FFFF"])
        {
            var split = again.Request with { Records = [new RecordRef(North, text)] };
            await WrongAsync(scene, ReplayFaultKind.EntryUnreadable, South, PutAccess(again with
            {
                Request = split, Decisions = [new AccessDecision(split.Records[0], false, "deny.default")],
            }));
        }
        var late = new TestTransaction(PutAccess(again)) { Creator = South, Seconds = long.MaxValue };
        Assert.Equal(ReplayFaultKind.EntryUnreadable, (await scene.ReplayAsync(late))?.Kind);
        Assert.Null(await scene.ReplayAsync(late with { Namespace = "other" }));
    }

    [Fact]
    public async Task The_outcomes_that_were_found_out_count_and_not_the_flags_in_the_block()
    {
        using var scene = await CreateAsync();
        var denied = await scene.AskAsync(1);
        var transaction = new TestTransaction(PutRelease(scene, ReleaseOf(denied, 1), Start.AddHours(24)))
        {
            Code = TxValidationCode.MvccReadConflict, Creator = North, ProposedAt = scene.Now,
        };
        var block = new BlockView(new TestChain().Block(transaction));
        Assert.Null(await scene.Replay.ApplyAsync(block, [TxValidationCode.MvccReadConflict], CancellationToken.None));
        block.Block.Metadata.Metadata.Clear();
        Assert.NotNull(await scene.Replay.ApplyAsync(block, [TxValidationCode.Valid], CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => scene.Replay.ApplyAsync(block, [], CancellationToken.None));
    }

    [Fact]
    public async Task A_report_of_a_mismatch_is_its_custodians_and_made_once()
    {
        using var scene = await CreateAsync();
        var access = await scene.AskAsync(1);
        var report = new ReportMismatch(access.Ref, [new MismatchItem("access.permit_not_trusted", RecordId(1))]);
        var entry = new MismatchEntry(report, North, scene.Now);
        await WrongAsync(scene, ReplayFaultKind.MismatchForged, South, PutReport(entry));
        await WrongAsync(scene, ReplayFaultKind.MismatchForged, East, PutReport(entry with { Custodian = East }));
        await WrongAsync(scene, ReplayFaultKind.MismatchForged, North, PutReport(entry with { ReportedAt = scene.Now.AddSeconds(1) }));
        await WrongAsync(scene, ReplayFaultKind.MismatchForged, North, PutReport(entry with { Report = report with { Items = [null!] } }));
        await scene.SubmitAsync(North, LedgerTransactions.ReportMismatch, report, Types.ReportMismatch);
        await WrongAsync(scene, ReplayFaultKind.MismatchForged, North, PutReport(entry));

        static (string Key, string? Json) PutReport(MismatchEntry entry) =>
            Put(LedgerKey.Mismatch(entry.Report.Access, entry.Custodian), entry, Types.MismatchEntry);
    }

    private static ReleaseKeys ReleaseOf(AccessEntry access, params int[] records) => new(
        access.Ref, LedgerId.New(IdKind.Release), [.. records.Select(RecordId)], KeyIdOf(South),
        Base64Url.EncodeToString(SHA256.HashData("envelope"u8)));

    private static (string Key, string? Json) PutAccess(AccessEntry entry) => Put(LedgerKey.Access(entry.Ref), entry, Types.AccessEntry);

    private static (string Key, string? Json) PutRelease(ReplayScene scene, ReleaseKeys release, DateTimeOffset end) => Put(
        LedgerKey.Release(release.Access, North, release.ReleaseId), new ReleaseEntry(release, North, scene.Now, end), Types.ReleaseEntry);

    private static async Task WrongAsync(ReplayScene scene, ReplayFaultKind kind, string? creator, (string Key, string? Json) write) =>
        Assert.Equal(kind, (await (creator is null
            ? scene.ReplayAsync(new TestTransaction(write) { Creator = South })
            : scene.ForgeAsync(creator, write)))?.Kind);
}
