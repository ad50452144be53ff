using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class AccessContractTests
{
    private const string Ask = LedgerTransactions.RequestAccess, Release = LedgerTransactions.ReleaseKeys;
    private const string Deliver = LedgerTransactions.DeliverKeys, GetEnvelope = LedgerTransactions.GetEnvelope;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly byte[] Envelope = [4, 5, 6];

    [Fact]
    public async Task The_story_is_decided_record_by_record()
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(scene.Request(1, 2, 3));
        Assert.Equal(
            [
                new AccessDecision(new(North, RecordId(1)), true, "permit.signed", grant.StatementId, 0, Start.AddHours(24)),
                new AccessDecision(new(North, RecordId(2)), false, "deny.default"),
                new AccessDecision(new(North, RecordId(3)), false, "deny.default"),
            ],
            access.Decisions);
        var nurse = await scene.AskAsync(scene.Request(1, 2, 3) with { Role = "nurse" }, East);
        Assert.All(nurse.Decisions, decision => Assert.False(decision.Permitted));

        await scene.SubmitAsync(North, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(grant.StatementId)), Types.SignedStatement);
        Assert.All((await scene.AskAsync(scene.Request(1, 2, 3))).Decisions, decision => Assert.False(decision.Permitted));
    }

    [Fact]
    public async Task Own_staff_read_own_records_for_treatment_until_a_deny_says_no()
    {
        using var scene = await WithRecordsAsync();
        Assert.All((await scene.AskAsync(scene.Request(1, 2), North)).Decisions, decision => Assert.Equal("permit.own_record", decision.Reason));
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Labels = [Hiv] }], new Period(Start)));
        var access = await scene.AskAsync(scene.Request(1, 2), North);
        Assert.Equal(["permit.own_record", "deny.signed"], access.Decisions.Select(decision => decision.Reason));
    }

    [Fact]
    public async Task A_release_ends_with_the_statement_that_permits_by_then()
    {
        using var scene = await WithRecordsAsync();
        var first = await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(StoryGrant with { Period = new Period(Start, Start.AddHours(2)) });
        var access = await scene.AskAsync(scene.Request(1));
        Assert.Equal((first.StatementId, Start.AddHours(24)), (access.Decisions[0].StatementId, access.Decisions[0].NotAfter));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(first.StatementId)), Types.SignedStatement);
        var release = new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South),
            Base64Url.EncodeToString(SHA256.HashData(Envelope)));
        var released = Read(await scene.SubmitAsync(North, Release, release, Types.ReleaseKeys), Types.ReleaseEntry);
        Assert.Equal(Start.AddHours(2), released.NotAfter);
    }

    [Fact]
    public async Task Asking_again_with_the_same_id_gives_the_same_decision_and_another_request_is_refused()
    {
        using var scene = await WithRecordsAsync();
        var request = scene.Request(1);
        var first = await scene.AskAsync(request);
        await scene.GrantAsync(StoryGrant);
        var (again, stub) = await scene.RunAsync(South, Ask, request, Types.RequestAccess);
        Assert.Equal(Json(first, Types.AccessEntry), again.Payload.IsEmpty ? "" : System.Text.Encoding.UTF8.GetString(again.Payload.Span));
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("access.id_taken", South, Ask, request with { Staff = "s-2" }, Types.RequestAccess);
        Assert.Equal(East, (await scene.AskAsync(request, East)).Requester); // another member's id is another id
    }

    [Fact]
    public async Task A_custodian_reports_once_what_it_does_not_confirm()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(scene.Request(1));
        const string report = LedgerTransactions.ReportMismatch;
        var right = new ReportMismatch(access.Ref, [new MismatchItem("access.permit_not_trusted", RecordId(1))]);
        await scene.RefusedAsync("release.not_requested", East, report, right, Types.ReportMismatch);
        await scene.RefusedAsync("release.not_requested", North, report,
            right with { Items = [new MismatchItem("access.record_unknown", RecordId(2))] }, Types.ReportMismatch);
        await scene.RefusedAsync("access.not_found", North, report,
            right with { Access = access.Ref with { AccessId = LedgerId.New(IdKind.Access) } }, Types.ReportMismatch);
        await scene.RefusedAsync("arguments.invalid", North, report, right with { Items = [] }, Types.ReportMismatch);
        await scene.RefusedAsync("arguments.invalid", North, report, right with { Items = [new MismatchItem("free text")] }, Types.ReportMismatch);
        await scene.SubmitAsync(North, report, right, Types.ReportMismatch);
        Assert.Empty((await scene.RunAsync(North, report, right, Types.ReportMismatch)).Stub.Writes);
        await scene.RefusedAsync("mismatch.already_reported", North, report,
            right with { Items = [new MismatchItem("access.decision_too_long", RecordId(1))] }, Types.ReportMismatch);
    }

    [Fact]
    public async Task A_request_that_breaks_a_rule_is_refused()
    {
        using var scene = await WithRecordsAsync();
        var good = scene.Request(1);
        await scene.RefusedAsync("caller.not_hospital", Regulator, Ask, good, Types.RequestAccess);
        await scene.RefusedAsync("caller.not_member", Stranger, Ask, good, Types.RequestAccess);
        await scene.RefusedAsync("record.not_found", South, Ask, scene.Request(1, 9), Types.RequestAccess);
        await scene.RefusedAsync("record.not_found", South, Ask, good with { Records = [new(South, RecordId(1))] }, Types.RequestAccess);
        await scene.RefusedAsync("patient.not_found", South, Ask, good with { PatientId = LedgerId.New(IdKind.Patient) }, Types.RequestAccess);
        foreach (var bad in (RequestAccess[])
        [
            good with { PatientId = "" }, good with { AccessId = "ac-1" }, good with { Records = [] }, scene.Request(1, 1),
            good with { Purpose = "treat" }, good with { Role = "" }, good with { Staff = "Dr Jane Roe" },
            good with { Records = [new("", RecordId(1))] }, good with { Records = [new(North, "x")] },
            scene.Request([.. Enumerable.Range(1, 101)]),
        ])
            await scene.RefusedAsync("arguments.invalid", South, Ask, bad, Types.RequestAccess);
    }

    [Fact]
    public async Task A_release_decides_again_and_says_what_it_rests_on()
    {
        using var scene = await WithRecordsAsync();
        var (access, release) = await AskedAsync(scene);
        scene.Ledger.Now = Start.AddHours(1);
        var entry = Read(await scene.SubmitAsync(North, Release, release, Types.ReleaseKeys), Types.ReleaseEntry);
        Assert.Equal((North, Start.AddHours(1), Start.AddHours(24)), (entry.Custodian, entry.ReleasedAt, entry.NotAfter));
        var view = await scene.QueryAsync(Regulator, LedgerTransactions.GetAccess, access.Ref, Types.AccessRef, Types.AccessView);
        Assert.Equal(Json(access, Types.AccessEntry), Json(view.Access, Types.AccessEntry));
        Assert.Equal(Json(entry, Types.ReleaseEntry), Json(Assert.Single(view.Releases), Types.ReleaseEntry));

        var (again, stub) = await scene.RunAsync(North, Release, release, Types.ReleaseKeys);
        Assert.Equal(Json(entry, Types.ReleaseEntry), Json(Read(again.Payload.ToArray(), Types.ReleaseEntry), Types.ReleaseEntry));
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("release.id_taken", North, Release,
            release with { EnvelopeHash = Base64Url.EncodeToString(new byte[32]) }, Types.ReleaseKeys);
    }

    [Fact]
    public async Task A_release_after_the_revocation_or_a_new_deny_is_refused()
    {
        using var scene = await WithRecordsAsync();
        var (_, release) = await AskedAsync(scene);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision()], new Period(Start)));
        await scene.RefusedAsync("access.no_longer_permitted", North, Release, release, Types.ReleaseKeys);
    }

    [Fact]
    public async Task A_release_endorsed_before_a_revocation_cannot_commit_after_it()
    {
        using var scene = await WithRecordsAsync();
        var grant = await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(scene.Request(1));
        var (response, held) = await scene.RunAsync(North, Release, ReleaseOf(access), Types.ReleaseKeys);
        Assert.True(response.IsSuccess, response.Message);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(grant.StatementId)), Types.SignedStatement);
        Assert.Equal(TxValidationCode.PhantomReadConflict, held.Commit());
    }

    [Fact]
    public async Task A_request_endorsed_before_a_deny_cannot_commit_after_it()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var (_, held) = await scene.RunAsync(South, Ask, scene.Request(1), Types.RequestAccess);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision()], new Period(Start)));
        Assert.Equal(TxValidationCode.PhantomReadConflict, held.Commit());
    }

    [Fact]
    public async Task A_release_ends_with_the_decision()
    {
        using var scene = await WithRecordsAsync();
        var (_, release) = await AskedAsync(scene);
        scene.Ledger.Now = Start.AddHours(24);
        await scene.RefusedAsync("access.expired", North, Release, release, Types.ReleaseKeys);
        scene.Ledger.Now = Start.AddHours(24).AddSeconds(-1);
        await scene.SubmitAsync(North, Release, release, Types.ReleaseKeys);
    }

    [Fact]
    public async Task Only_the_custodian_releases_and_only_what_was_permitted()
    {
        using var scene = await WithRecordsAsync();
        var (access, release) = await AskedAsync(scene);
        await scene.RefusedAsync("release.not_requested", South, Release, release, Types.ReleaseKeys);
        await scene.RefusedAsync("release.not_requested", East, Release, release, Types.ReleaseKeys);
        await scene.RefusedAsync("caller.not_hospital", Regulator, Release, release, Types.ReleaseKeys);
        await scene.RefusedAsync("release.not_requested", North, Release, release with { RecordIds = [RecordId(3)] }, Types.ReleaseKeys);
        await scene.RefusedAsync("access.denied", North, Release, release with { RecordIds = [RecordId(1), RecordId(2)] }, Types.ReleaseKeys);
        await scene.RefusedAsync("envelope.key_unknown", North, Release, release with { KeyId = KeyIdOf(North) }, Types.ReleaseKeys);
        await scene.RefusedAsync("access.not_found", North, Release,
            release with { Access = access.Ref with { Requester = East } }, Types.ReleaseKeys);
        foreach (var bad in (ReleaseKeys[])
        [
            release with { ReleaseId = "rl-1" }, release with { RecordIds = [] }, release with { EnvelopeHash = "AAAA" },
            release with { RecordIds = [RecordId(1), RecordId(1)] }, release with { KeyId = "" },
            release with { Access = access.Ref with { AccessId = "x" } },
        ])
            await scene.RefusedAsync("arguments.invalid", North, Release, bad, Types.ReleaseKeys);
    }

    [Fact]
    public async Task The_released_envelope_reaches_the_requester_and_nobody_else()
    {
        using var scene = await WithRecordsAsync();
        var (access, release) = await AskedAsync(scene);
        await scene.SubmitAsync(North, Release, release, Types.ReleaseKeys);
        var query = new GetEnvelope(access.Ref, North, release.ReleaseId);
        await scene.RefusedAsync("release.not_delivered", South, GetEnvelope, query, Types.GetEnvelope);

        var (response, stub) = await scene.RunAsync(North, Deliver, new DeliverKeys(access.Ref, release.ReleaseId), Types.DeliverKeys, Envelope);
        Assert.True(response.IsSuccess, response.Message);
        var write = Assert.Single(stub.Writes); // one public write more would need the other hospitals' endorsement
        Assert.Equal("_implicit_org_NorthMSP", write.Collection);
        Assert.Equal(Envelope, write.Value!.Value.ToArray());
        Assert.Equal(TxValidationCode.Valid, stub.Commit());

        var sealedKeys = await scene.QueryAsync(South, GetEnvelope, query, Types.GetEnvelope, Types.SealedEnvelope);
        Assert.Equal(new SealedEnvelope(KeyIdOf(South), Base64Url.EncodeToString(Envelope)), sealedKeys);
        await scene.RefusedAsync("access.not_requester", East, GetEnvelope, query, Types.GetEnvelope);
        await scene.RefusedAsync("access.not_requester", North, GetEnvelope, query, Types.GetEnvelope);
        await scene.RefusedAsync("caller.not_hospital", Regulator, GetEnvelope, query, Types.GetEnvelope);
        scene.Ledger.Now = Start.AddHours(24);
        await scene.RefusedAsync("access.expired", South, GetEnvelope, query, Types.GetEnvelope);
    }

    [Fact]
    public async Task Only_the_released_envelope_is_delivered_and_only_after_its_release()
    {
        using var scene = await WithRecordsAsync();
        var (access, release) = await AskedAsync(scene);
        var delivery = new DeliverKeys(access.Ref, release.ReleaseId);
        await scene.RefusedAsync("release.not_found", North, Deliver, delivery, Types.DeliverKeys, Envelope);
        await scene.SubmitAsync(North, Release, release, Types.ReleaseKeys);
        await scene.RefusedAsync("release.not_found", South, Deliver, delivery, Types.DeliverKeys, Envelope);
        await scene.RefusedAsync("release.envelope_mismatch", North, Deliver, delivery, Types.DeliverKeys, [4, 5, 7]);
        await scene.RefusedAsync("transient.envelope_missing", North, Deliver, delivery, Types.DeliverKeys);
        await scene.RefusedAsync("transient.envelope_too_large", North, Deliver, delivery, Types.DeliverKeys, new byte[65537]);
        scene.Ledger.Now = Start.AddHours(24);
        await scene.RefusedAsync("access.expired", North, Deliver, delivery, Types.DeliverKeys, Envelope);
    }

    [Fact]
    public async Task The_log_of_a_patient_shows_every_request_with_its_releases_to_members_only()
    {
        using var scene = await WithRecordsAsync();
        var (access, release) = await AskedAsync(scene);
        await scene.SubmitAsync(North, Release, release, Types.ReleaseKeys);
        await scene.AskAsync(scene.Request(3), East);
        var log = await scene.QueryAsync(Regulator, LedgerTransactions.ListAccesses, scene.PatientId, Types.AccessList);
        Assert.Equal([East, South], log.Accesses.Select(view => view.Access.Requester));
        Assert.Equal([0, 1], log.Accesses.Select(view => view.Releases.Count));
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.ListAccesses, scene.PatientId);
        await scene.RefusedAsync("patient.not_found", North, LedgerTransactions.ListAccesses, LedgerId.New(IdKind.Patient));
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.GetAccess, access.Ref, Types.AccessRef);
        await scene.RefusedAsync("access.not_found", North, LedgerTransactions.GetAccess, access.Ref with { Requester = North }, Types.AccessRef);
    }

    private static async Task<(AccessEntry Access, ReleaseKeys Release)> AskedAsync(LedgerScene scene)
    {
        await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(scene.Request(1, 2));
        return (access, ReleaseOf(access));
    }

    private static ReleaseKeys ReleaseOf(AccessEntry access) => new(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)],
        KeyIdOf(South), Base64Url.EncodeToString(SHA256.HashData(Envelope)));
}
