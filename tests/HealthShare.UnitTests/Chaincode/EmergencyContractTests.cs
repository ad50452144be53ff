using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Policy.WebAuthn;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class EmergencyContractTests
{
    private const string Break = LedgerTransactions.BreakGlass, Review = LedgerTransactions.ReviewEmergency, Ask = LedgerTransactions.RequestAccess;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly string Hash = Base64Url.EncodeToString(SHA256.HashData("envelope"u8));

    [Fact]
    public async Task An_emergency_reads_what_nobody_granted_and_what_a_deny_forbids_until_it_is_over()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Who = [new WhoOrg(East)] }], new Period(Start)));
        var session = await crew.BreakGlassAsync(scene);
        Assert.Equal((Start, Start.AddHours(4), Start.AddHours(72)), (session.DeclaredAt, session.NotAfter, session.ReviewDue));

        var access = await scene.AskAsync(EmergencyCrew.Request(scene, session.Emergency.EmergencyId, 1, 2), East);
        Assert.All(access.Decisions, decision => Assert.Equal(
            (true, "permit.emergency", null, Start.AddHours(4)), (decision.Permitted, decision.Reason, decision.StatementId, decision.NotAfter)));
        var released = Read(await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, ReleaseOf(access), Types.ReleaseKeys), Types.ReleaseEntry);
        Assert.Equal(Start.AddHours(4), released.NotAfter);

        scene.Ledger.Now = Start.AddHours(4);
        await scene.RefusedAsync("emergency.expired", East, Ask, EmergencyCrew.Request(scene, session.Emergency.EmergencyId, 1), Types.RequestAccess);
        await scene.RefusedAsync("access.expired", North, LedgerTransactions.ReleaseKeys, ReleaseOf(access), Types.ReleaseKeys);
    }

    [Fact]
    public async Task A_deny_that_says_never_stands_against_an_emergency_and_a_permit_that_says_so_does_not()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var never = await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Labels = [Hiv] }], new Period(Start), EmergencyNever: true));
        await scene.GrantAsync(new GrantBody(Effect.Permit, [new Provision()], new Period(Start), EmergencyNever: true));
        var session = await crew.BreakGlassAsync(scene);
        var access = await scene.AskAsync(EmergencyCrew.Request(scene, session.Emergency.EmergencyId, 1, 2), East);
        Assert.Equal(["permit.emergency", "deny.emergency_never"], access.Decisions.Select(decision => decision.Reason));
        Assert.Equal(never.StatementId, access.Decisions[1].StatementId);
    }

    [Fact]
    public async Task A_session_is_for_one_patient_one_role_one_member_and_one_purpose()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var session = (await crew.BreakGlassAsync(scene)).Emergency.EmergencyId;
        var request = EmergencyCrew.Request(scene, session, 1);
        var other = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(other), Types.EnrollPatient);
        await scene.RefusedAsync("emergency.not_found", East, Ask, request with { PatientId = other }, Types.RequestAccess);
        await scene.RefusedAsync("emergency.not_found", South, Ask, request, Types.RequestAccess);
        await scene.RefusedAsync("emergency.not_found", East, Ask, request with { EmergencyId = LedgerId.New(IdKind.Emergency) }, Types.RequestAccess);
        await scene.RefusedAsync("emergency.wrong_role", East, Ask, request with { Role = "nurse" }, Types.RequestAccess);
        await scene.RefusedAsync("arguments.invalid", East, Ask, request with { Purpose = "TREAT" }, Types.RequestAccess);
        await scene.RefusedAsync("arguments.invalid", East, Ask, request with { EmergencyId = "em-1" }, Types.RequestAccess);
        var without = await scene.AskAsync(request with { EmergencyId = null }, East);
        Assert.Equal("deny.default", without.Decisions[0].Reason);
    }

    [Fact]
    public async Task Two_different_people_of_the_caller_sign_a_physician_first()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        using var south = await EmergencyCrew.RegisteredAsync(scene, South);
        using var second = new EmergencyCrew(East);
        await scene.SubmitAsync(East, LedgerTransactions.RegisterStaffKey, second.PhysicianKey, Types.RegisterStaffKey); // of the same person
        var statement = crew.Statement(scene);
        var bytes = EmergencyWriter.Write(statement);
        await RefusedAsync(scene, "emergency.same_person", EmergencyCrew.Sign(bytes, crew.Physician, crew.Physician));
        await RefusedAsync(scene, "emergency.same_person", EmergencyCrew.Sign(bytes, crew.Physician, second.Physician));
        // One authenticator, registered again under another person's name: its signature does not say which of them it is. No contract
        // takes it, and where it stands all the same, no emergency comes of it.
        var alias = Base64Url.EncodeToString("another credential id"u8);
        var again = new RegisterStaffKey("s-e7", "nurse", EmergencyCrew.CredentialOf(crew.Physician) with { CredentialId = alias });
        await scene.RefusedAsync("staff_key.key_taken", East, LedgerTransactions.RegisterStaffKey, again, Types.RegisterStaffKey);
        var once = EmergencyCrew.Sign(bytes, crew.Physician, crew.Physician);
        var state = scene.Ledger.State.ToDictionary(StringComparer.Ordinal);
        state[LedgerKey.StaffKey(East, alias)] = System.Text.Encoding.UTF8.GetBytes(
            Json(new StaffKeyEntry(East, again.Staff, again.Role, again.Credential, Start), Types.StaffKeyEntry));
        var refusal = await Assert.ThrowsAsync<HealthShare.Policy.PolicyException>(() => EmergencySession.VerifyAsync(
            new LedgerTests.Replica(state), "health", East, once with { Second = once.First with { Credential = alias } }, default));
        Assert.Equal("emergency.same_person", refusal.Code);
        await RefusedAsync(scene, "emergency.not_physician", EmergencyCrew.Sign(bytes, crew.Nurse, crew.Physician));
        await RefusedAsync(scene, "staff_key.unknown", EmergencyCrew.Sign(bytes, crew.Physician, south.Nurse));
        await RefusedAsync(scene, "staff_key.unknown", EmergencyCrew.Sign(bytes, scene.Passkey, crew.Nurse));
        await RefusedAsync(scene, "emergency.wrong_member", crew.Sign(statement), South);
        await RefusedAsync(scene, "emergency.wrong_channel", crew.Sign(statement with { Channel = "other" }));
        await RefusedAsync(scene, "patient.not_found", crew.Sign(statement with { Patient = LedgerId.New(IdKind.Patient) }));
        await RefusedAsync(scene, "caller.not_hospital", crew.Sign(statement), Regulator);
        var signed = crew.Sign(statement);
        await RefusedAsync(scene, "assertion.signature_invalid", signed with { Second = signed.Second with { Signature = signed.First.Signature } });
        await RefusedAsync(scene, "assertion.challenge",
            signed with { Statement = Base64Url.EncodeToString(EmergencyWriter.Write(statement with { NotAfter = Start.AddHours(12) })) });
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        await RefusedAsync(scene, "staff_key.revoked", signed);
    }

    [Fact]
    public async Task A_signature_for_consent_is_none_for_an_emergency_and_the_other_way_round()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var bytes = EmergencyWriter.Write(crew.Statement(scene));
        await RefusedAsync(scene, "assertion.challenge", EmergencyCrew.Sign(bytes, crew.Physician, crew.Nurse, SignedKind.Statement));
        var grant = StatementWriter.Write(scene.Statement(StoryGrant));
        await RefusedAsync(scene, "statement.unknown_member", EmergencyCrew.Sign(grant, crew.Physician, crew.Nurse));
        await scene.RefusedAsync("assertion.challenge", South, LedgerTransactions.GrantConsent,
            Signed(grant, scene.Passkey.Sign(grant, SignedKind.Emergency)), Types.SignedStatement);
    }

    [Theory]
    [InlineData("statement.too_old", -601, 3600)]
    [InlineData("statement.issued_ahead", 61, 3600)]
    [InlineData("emergency.period_invalid", 0, 0)]
    [InlineData("emergency.period_invalid", 0, (12 * 3600) + 1)]
    [InlineData(null, -600, 12 * 3600)]
    [InlineData(null, 60, 3600)]
    public async Task A_declaration_is_fresh_and_its_session_not_too_long(string? code, int issued, int length)
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var at = Start.AddSeconds(issued);
        var signed = crew.Sign(crew.Statement(scene) with { Issued = at, NotAfter = at.AddSeconds(length) });
        if (code is null)
            await scene.SubmitAsync(East, Break, signed, Types.SignedEmergency);
        else
            await RefusedAsync(scene, code, signed);
    }

    [Fact]
    public async Task A_declaration_counts_once()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var statement = crew.Statement(scene);
        var signed = crew.Sign(statement);
        await scene.SubmitAsync(East, Break, signed, Types.SignedEmergency);
        scene.Ledger.Now = Start.AddHours(1); // long after it was fresh
        var (again, stub) = await scene.RunAsync(East, Break, signed, Types.SignedEmergency);
        Assert.True(again.IsSuccess);
        Assert.Empty(stub.Writes);
        await RefusedAsync(scene, "emergency.id_taken", crew.Sign(statement)); // other signatures over the same
    }

    [Fact]
    public async Task A_revoked_staff_key_ends_the_sessions_that_rest_on_it()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var session = await crew.BreakGlassAsync(scene);
        var access = await scene.AskAsync(EmergencyCrew.Request(scene, session.Emergency.EmergencyId, 1), East);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Physician.CredentialId), Types.RevokeStaffKey);
        await scene.RefusedAsync("access.no_longer_permitted", North, LedgerTransactions.ReleaseKeys, ReleaseOf(access), Types.ReleaseKeys);
        await scene.RefusedAsync("staff_key.revoked", East, Ask, EmergencyCrew.Request(scene, session.Emergency.EmergencyId, 1), Types.RequestAccess);
    }

    [Fact]
    public async Task A_release_that_was_endorsed_before_a_staff_key_was_revoked_is_not_committed_after()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var session = await crew.BreakGlassAsync(scene);
        var access = await scene.AskAsync(EmergencyCrew.Request(scene, session.Emergency.EmergencyId, 1), East);
        var (held, release) = await scene.RunAsync(North, LedgerTransactions.ReleaseKeys, ReleaseOf(access), Types.ReleaseKeys);
        Assert.True(held.IsSuccess);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        Assert.Equal(TxValidationCode.MvccReadConflict, release.Commit());
    }

    [Fact]
    public async Task A_hospital_with_an_overdue_review_breaks_no_glass_until_it_is_done()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var session = (await crew.BreakGlassAsync(scene)).Emergency;
        scene.Ledger.Now = Start.AddHours(72).AddSeconds(-1);
        await crew.BreakGlassAsync(scene);
        scene.Ledger.Now = Start.AddHours(72);
        await RefusedAsync(scene, "emergency.review_overdue", crew.Sign(crew.Statement(scene)));
        using var south = await EmergencyCrew.RegisteredAsync(scene, South);
        await south.BreakGlassAsync(scene); // another hospital is not held back

        await scene.SubmitAsync(North, Review, ReviewOf(session), Types.ReviewEmergency);
        await crew.BreakGlassAsync(scene);
        var open = await scene.QueryAsync(Regulator, LedgerTransactions.ListUnreviewed, null, Types.OpenReviewList);
        Assert.Equal([East, East, South], open.Reviews.Select(review => review.Emergency.Member));
        Assert.DoesNotContain(open.Reviews, review => review.Emergency == session);
    }

    [Fact]
    public async Task A_reviewed_session_takes_no_further_requests_also_one_that_was_endorsed_before()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var session = (await crew.BreakGlassAsync(scene)).Emergency;
        Task<(ChaincodeResponse Response, TestStub Stub)> AskAsync() => scene.RunAsync(
            East, LedgerTransactions.RequestAccess, EmergencyCrew.Request(scene, session.EmergencyId, 1), Types.RequestAccess);
        Assert.Equal(TxValidationCode.Valid, (await AskAsync()).Stub.Commit());
        var held = await AskAsync();
        await scene.SubmitAsync(North, Review, ReviewOf(session), Types.ReviewEmergency);
        Assert.Equal(TxValidationCode.MvccReadConflict, held.Stub.Commit());
        await scene.RefusedAsync("emergency.reviewed", East, LedgerTransactions.RequestAccess,
            EmergencyCrew.Request(scene, session.EmergencyId, 2), Types.RequestAccess);
    }

    [Fact]
    public async Task Another_member_reviews_once()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var review = ReviewOf((await crew.BreakGlassAsync(scene)).Emergency);
        await scene.RefusedAsync("emergency.own_review", East, Review, review, Types.ReviewEmergency);
        await scene.RefusedAsync("patient.not_affiliated", South, Review, review, Types.ReviewEmergency);
        await scene.RefusedAsync("caller.not_member", Stranger, Review, review, Types.ReviewEmergency);
        await scene.RefusedAsync("emergency.not_found", North, Review,
            review with { Emergency = review.Emergency with { EmergencyId = LedgerId.New(IdKind.Emergency) } }, Types.ReviewEmergency);
        await scene.RefusedAsync("arguments.invalid", North, Review, review with { Staff = "" }, Types.ReviewEmergency);
        await scene.RefusedAsync("arguments.invalid", North, Review, Json(review, Types.ReviewEmergency).Replace("justified", "fine", StringComparison.Ordinal));

        var entry = Read(await scene.SubmitAsync(Regulator, Review, review, Types.ReviewEmergency), Types.ReviewEntry);
        Assert.Equal((Regulator, Start, ReviewOutcome.Justified), (entry.Reviewer, entry.ReviewedAt, entry.Review.Outcome));
        var (again, stub) = await scene.RunAsync(Regulator, Review, review, Types.ReviewEmergency);
        Assert.True(again.IsSuccess);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("emergency.already_reviewed", North, Review, review, Types.ReviewEmergency);
        await scene.RefusedAsync("emergency.already_reviewed", Regulator, Review, review with { Outcome = ReviewOutcome.NotJustified }, Types.ReviewEmergency);
    }

    [Fact]
    public async Task A_staff_key_belongs_to_its_hospital_and_never_comes_back()
    {
        using var scene = await WithMembersAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        const string register = LedgerTransactions.RegisterStaffKey, revoke = LedgerTransactions.RevokeStaffKey;
        var (again, stub) = await scene.RunAsync(East, register, crew.NurseKey, Types.RegisterStaffKey);
        Assert.True(again.IsSuccess);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("staff_key.id_taken", East, register, crew.NurseKey with { Role = "physician" }, Types.RegisterStaffKey);
        await scene.RefusedAsync("caller.not_hospital", Regulator, register, crew.NurseKey, Types.RegisterStaffKey);
        await scene.RefusedAsync("arguments.invalid", East, register, crew.NurseKey with { Staff = "Jane Roe" }, Types.RegisterStaffKey);
        await scene.RefusedAsync("arguments.invalid", East, register,
            crew.NurseKey with { Credential = crew.NurseKey.Credential with { Origins = ["https://evil.example"] } }, Types.RegisterStaffKey);
        await scene.RefusedAsync("staff_key.unknown", South, revoke, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);

        await scene.SubmitAsync(East, revoke, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
        await scene.RefusedAsync("staff_key.revoked", East, register, crew.NurseKey, Types.RegisterStaffKey);
        // Nor does its key come back under another id, for the same person or another; at another hospital it is another matter.
        var renamed = crew.NurseKey with { Credential = crew.NurseKey.Credential with { CredentialId = "AAAA" } };
        foreach (var same in (RegisterStaffKey[])[renamed, renamed with { Staff = "s-e9" }])
            await scene.RefusedAsync("staff_key.key_taken", East, register, same, Types.RegisterStaffKey);
        await scene.SubmitAsync(South, register, renamed, Types.RegisterStaffKey);
        var list = await scene.QueryAsync(South, LedgerTransactions.ListStaffKeys, East, Types.StaffKeyList);
        Assert.Equal([null, Start], list.Keys.Select(key => key.RevokedAt).Order());
    }

    [Fact]
    public async Task What_is_signed_is_exactly_a_declaration()
    {
        using var scene = await WithRecordsAsync();
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var text = Encoding.UTF8.GetString(EmergencyWriter.Write(crew.Statement(scene)));
        foreach (var (from, to, code) in ((string, string, string)[])
        [
            ("\"v\":1", "\"v\":2", "statement.version_unsupported"), ("\"type\":\"emergency\"", "\"type\":\"grant\"", "statement.malformed"),
            ("cannotConsent", "because", "statement.malformed"), ("em-", "st-", "statement.malformed"),
            ("\"v\":1", "\"v\":1,\"w\":1", "statement.unknown_member"), ("\"v\":1", "\"v\": 1", "statement.not_canonical"),
            ("\"v\":1", "\"v\":1,\"w\":\"" + new string('x', 2048) + "\"", "statement.too_large"),
        ])
        {
            var bytes = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
            await RefusedAsync(scene, code, EmergencyCrew.Sign(bytes, crew.Physician, crew.Nurse));
        }
        await RefusedAsync(scene, "statement.encoding_invalid", crew.Sign(crew.Statement(scene)) with { Statement = "=" });
    }

    private static Task RefusedAsync(LedgerScene scene, string code, SignedEmergency signed, string caller = East) =>
        scene.RefusedAsync(code, caller, Break, signed, Types.SignedEmergency);

    private static ReviewEmergency ReviewOf(EmergencyRef emergency) => new(emergency, ReviewOutcome.Justified, "s-n9");

    private static ReleaseKeys ReleaseOf(AccessEntry access) =>
        new(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(access.Requester), Hash);
}
