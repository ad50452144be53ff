using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class VouchingTests
{
    private const string Attest = LedgerTransactions.AttestSigner, Objecting = LedgerTransactions.ObjectToSigner,
        Grant = LedgerTransactions.GrantConsent, Revoke = LedgerTransactions.RevokeConsent;

    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly TimeSpan Waiting = TimeSpan.FromHours(72);

    [Fact]
    public async Task A_guardian_may_only_deny_and_revoke_for_three_days()
    {
        using var scene = await ChildAsync();
        using var parent = new DelegateScene(scene);
        var entry = await AttestAsync(scene, North, Guardian(scene, parent));
        Assert.Equal((1, Start), (entry.Needed, entry.CompleteAt));
        var deny = await scene.GrantAsync(parent.Sign(StoryGrant with { Effect = Effect.Deny }));
        await scene.SubmitAsync(South, Revoke, parent.Sign(new RevokeBody(deny.StatementId)), Types.SignedStatement);
        await SignedRefusedAsync(scene, "delegate.outside_scope", Grant, parent.Sign(StoryGrant with { Effect = Effect.Deny, EmergencyNever = true }));
        scene.Ledger.Now = Start + Waiting - TimeSpan.FromSeconds(1);
        await SignedRefusedAsync(scene, "attestation.waiting", Grant, parent.Sign(StoryGrant));
        await SignedRefusedAsync(scene, "attestation.waiting", LedgerTransactions.LinkPatient, parent.Sign(new LinkBody(South)));
        scene.Ledger.Now = Start + Waiting;
        await scene.GrantAsync(parent.Sign(StoryGrant));
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task A_guardians_permits_lapse_with_the_guardianship_unless_the_young_adult_confirms_them()
    {
        using var scene = await ChildAsync();
        using var parent = new DelegateScene(scene);
        var end = new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
        await AttestAsync(scene, North, Guardian(scene, parent, end));
        scene.Ledger.Now = Start + Waiting;
        var open = new GrantBody(Effect.Permit, StoryGrant.Scope, new Period(Start));
        var (kept, lapsed) = (await scene.GrantAsync(parent.Sign(open)), await scene.GrantAsync(parent.Sign(open)));
        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);
        scene.Ledger.Now = end;
        Assert.Equal("deny.default", await ReasonAsync(scene));
        await SignedRefusedAsync(scene, "delegate.ended", Grant, parent.Sign(open));
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, scene.Sign(new ConfirmBody([kept.StatementId])), Types.SignedStatement);
        Assert.Equal(kept.StatementId, (await scene.AskAsync(scene.Request(1))).Decisions[0].StatementId);
        await scene.SubmitAsync(South, Revoke, scene.Sign(new RevokeBody(kept.StatementId)), Types.SignedStatement);
        Assert.Equal("deny.default", await ReasonAsync(scene));
        Assert.NotEqual(kept.StatementId, lapsed.StatementId);
    }

    [Fact]
    public async Task Joint_guardians_permit_together_or_not_at_all()
    {
        using var scene = await ChildAsync();
        using var mother = new DelegateScene(scene);
        using var father = new DelegateScene(scene);
        var end = new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
        await AttestAsync(scene, North, Guardian(scene, mother) with { Joint = true });
        await AttestAsync(scene, North, Guardian(scene, father, end) with { Joint = true });
        scene.Ledger.Now = Start + Waiting;
        var permit = await scene.GrantAsync(mother.Sign(StoryGrant with { Period = new Period(Start, Start.AddDays(60)) }));
        var word = new ConfirmBody([permit.StatementId]);
        Assert.Equal("deny.default", await ReasonAsync(scene));
        await SignedRefusedAsync(scene, "delegate.outside_scope", LedgerTransactions.Confirm, mother.Sign(word));
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, father.Sign(word), Types.SignedStatement);
        Assert.Equal("permit.signed", await ReasonAsync(scene));
        await SignedRefusedAsync(scene, "consent.already_confirmed", LedgerTransactions.Confirm, father.Sign(word));
        scene.Ledger.Now = end.AddHours(-1);
        Assert.Equal(end, (await scene.AskAsync(scene.Request(1))).Decisions[0].NotAfter); // with the shorter of the two powers
        scene.Ledger.Now = end;
        Assert.Equal("deny.default", await ReasonAsync(scene));
        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, scene.Sign(word), Types.SignedStatement); // the patient's own word
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task A_joint_permit_ends_when_either_guardian_is_objected_to_and_a_delegate_is_no_guardian()
    {
        using var scene = await WithRecordsAsync();
        using var mother = new DelegateScene(scene);
        using var father = new DelegateScene(scene);
        using var friend = new DelegateScene(scene);
        await LinkAsync(scene, South);
        await friend.AppointAsync();
        foreach (var member in (string[])[North, South])
        {
            await AttestAsync(scene, member, Guardian(scene, mother) with { Joint = true });
            await AttestAsync(scene, member, Guardian(scene, father));
        }
        scene.Ledger.Now = Start + Waiting;
        var (permit, friends) = (await scene.GrantAsync(mother.Sign(StoryGrant)), friend.Sign(StoryGrant));
        await SignedRefusedAsync(scene, "delegate.outside_scope", LedgerTransactions.Confirm, friend.Sign(new ConfirmBody([permit.StatementId])));
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, father.Sign(new ConfirmBody([permit.StatementId])), Types.SignedStatement);
        Assert.Equal("permit.signed", await ReasonAsync(scene));
        await scene.SubmitAsync(North, Objecting, new ObjectToSigner(scene.PatientId, father.Id), Types.ObjectToSigner);
        Assert.Equal("deny.default", await ReasonAsync(scene));
        var others = await scene.GrantAsync(friends);
        await SignedRefusedAsync(scene, "delegate.outside_scope", LedgerTransactions.Confirm, mother.Sign(new ConfirmBody([others.StatementId])));
    }

    [Fact]
    public async Task A_hospital_alone_gets_no_signer_for_a_patient_with_a_credential_and_so_grants_itself_nothing()
    {
        using var scene = await WithRecordsAsync();
        using var thief = new DelegateScene(scene);
        await scene.RefusedAsync("patient.not_affiliated", South, Attest, Guardian(scene, thief), Types.AttestSigner);
        await LinkAsync(scene, South);
        foreach (var attested in (AttestSigner[])[Guardian(scene, thief), Replacement(scene, thief.Passkey, thief.Id)])
        {
            using var another = await WithRecordsAsync();
            await LinkAsync(another, South);
            var entry = await AttestAsync(another, South, attested with { PatientId = another.PatientId });
            Assert.Equal((2, null), (entry.Needed, entry.CompleteAt));
            await AttestAsync(another, South, attested with { PatientId = another.PatientId }); // saying it twice makes it no more
            another.Ledger.Now = Start.AddDays(30);
            foreach (var body in (StatementBody[])[StoryGrant, StoryGrant with { Effect = Effect.Deny }, DelegateScene.Own(thief.Passkey)])
            {
                await SignedRefusedAsync(another, "attestation.incomplete",
                    body is AddCredentialBody ? LedgerTransactions.AddCredential : Grant, thief.Sign(another.Statement(body) with
                    {
                        Signer = new StatementSigner(thief.Passkey.CredentialId, thief.Id),
                    }));
            }
            await another.RefusedAsync("patient.not_affiliated", East, Attest, attested with { PatientId = another.PatientId }, Types.AttestSigner);
            await another.RefusedAsync("caller.not_hospital", Regulator, Attest, attested with { PatientId = another.PatientId }, Types.AttestSigner);
        }
    }

    [Fact]
    public async Task The_patient_or_an_affiliated_hospital_stops_a_signer_for_good()
    {
        using var scene = await WithRecordsAsync();
        using var parent = new DelegateScene(scene);
        await LinkAsync(scene, South);
        await AttestAsync(scene, South, Guardian(scene, parent));
        Assert.Equal(Start, (await AttestAsync(scene, North, Guardian(scene, parent))).CompleteAt);
        scene.Ledger.Now = Start + Waiting;
        await scene.GrantAsync(parent.Sign(StoryGrant));
        await scene.RefusedAsync("patient.not_affiliated", East, Objecting, new ObjectToSigner(scene.PatientId, parent.Id), Types.ObjectToSigner);
        await scene.RefusedAsync("statement.wrong_target", East, Objecting, new ObjectToSigner(scene.PatientId, parent.Id,
            scene.Sign(new RevokeDelegateBody(LedgerId.New(IdKind.Delegate)))), Types.ObjectToSigner);
        await scene.RefusedAsync("attestation.not_found", North, Objecting,
            new ObjectToSigner(scene.PatientId, LedgerId.New(IdKind.Delegate)), Types.ObjectToSigner);
        await scene.RefusedAsync("delegate.outside_scope", East, Objecting,
            new ObjectToSigner(scene.PatientId, parent.Id, parent.Sign(new RevokeDelegateBody(parent.Id))), Types.ObjectToSigner);

        var word = new ObjectToSigner(scene.PatientId, parent.Id, scene.Sign(new RevokeDelegateBody(parent.Id)));
        await scene.SubmitAsync(East, Objecting, word, Types.ObjectToSigner);
        await scene.SubmitAsync(East, Objecting, word, Types.ObjectToSigner); // again: no second effect
        Assert.Equal("deny.default", await ReasonAsync(scene));
        await SignedRefusedAsync(scene, "attestation.objected", Grant, parent.Sign(StoryGrant with { Effect = Effect.Deny }));
        await scene.RefusedAsync("attestation.objected", South, Attest, Guardian(scene, parent), Types.AttestSigner);

        using var other = new DelegateScene(scene);
        await AttestAsync(scene, South, Guardian(scene, other));
        await scene.SubmitAsync(North, Objecting, new ObjectToSigner(scene.PatientId, other.Id), Types.ObjectToSigner);
        await scene.RefusedAsync("attestation.objected", North, Attest, Guardian(scene, other), Types.AttestSigner);
    }

    [Fact]
    public async Task A_lost_passkeys_replacement_introduces_itself_after_three_days_and_ends_the_lost_one()
    {
        using var scene = await WithRecordsAsync();
        await LinkAsync(scene, South);
        var permit = await scene.GrantAsync(StoryGrant);
        using var found = new DelegateScene(scene);
        await AttestAsync(scene, North, Replacement(scene, found.Passkey, found.Id));
        await AttestAsync(scene, South, Replacement(scene, found.Passkey, found.Id));
        var addition = DelegateScene.Own(found.Passkey);
        await SignedRefusedAsync(scene, "attestation.waiting", LedgerTransactions.AddCredential, found.Sign(addition));
        await SignedRefusedAsync(scene, "attestation.waiting", LedgerTransactions.RevokeCredential,
            found.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)));
        await scene.SubmitAsync(South, Revoke, found.Sign(new RevokeBody(permit.StatementId)), Types.SignedStatement); // but this at once
        scene.Ledger.Now = Start + Waiting;
        await SignedRefusedAsync(scene, "delegate.outside_scope", Grant, found.Sign(StoryGrant));
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, found.Sign(addition), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            found.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);
        var own = scene.Statement(StoryGrant) with { Signer = new StatementSigner(found.Passkey.CredentialId) };
        await scene.GrantAsync(found.Sign(own));
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task What_is_vouched_for_keeps_its_form_and_its_id_and_no_key_of_the_patients_comes_back()
    {
        using var scene = await WithRecordsAsync();
        using var parent = new DelegateScene(scene);
        var good = Guardian(scene, parent);
        await RefusedAsync("patient.not_found", good with { PatientId = LedgerId.New(IdKind.Patient) });
        await RefusedAsync("arguments.invalid", good with { SignerId = LedgerId.New(IdKind.Patient) });
        await RefusedAsync("arguments.invalid", good with { Credentials = [] });
        await RefusedAsync("arguments.invalid", good with { Credentials = [good.Credentials[0], good.Credentials[0]] });
        await RefusedAsync("arguments.invalid", good with { Credentials = [good.Credentials[0] with { Origins = ["https://elsewhere.example"] }] });
        await RefusedAsync("credential.key_malformed", good with { Credentials = [good.Credentials[0] with { PublicKey = "AAAA" }] });
        await RefusedAsync("delegate.end_out_of_range", good with { End = null });
        await RefusedAsync("delegate.end_out_of_range", good with { End = DelegateScene.End.AddDays(1) });
        await RefusedAsync("delegate.end_out_of_range", good with { End = DelegateScene.End.AddYears(1) });
        await RefusedAsync("delegate.end_out_of_range", Replacement(scene, parent.Passkey, parent.Id) with { End = DelegateScene.End });
        await RefusedAsync("credential.id_taken", Replacement(scene, scene.Passkey, parent.Id));
        await RefusedAsync("credential.id_taken", good with { Credentials = [scene.Credential() with { CredentialId = "AAAA" }] });
        await AttestAsync(scene, North, good);
        await RefusedAsync("attestation.id_taken", good with { End = DelegateScene.End.AddMonths(1) });
        await SignedRefusedAsync(scene, "delegate.id_taken", LedgerTransactions.AppointDelegate, scene.Sign(parent.Appointment()));
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await RefusedAsync("attestation.id_taken", Guardian(scene, friend));

        Task RefusedAsync(string code, AttestSigner attested) => scene.RefusedAsync(code, North, Attest, attested, Types.AttestSigner);
    }

    [Theory]
    [InlineData(VouchedKind.Guardian)]
    [InlineData(VouchedKind.Credential)]
    public async Task A_signer_brought_before_the_patient_had_a_passkey_cannot_be_woken_later_without_a_second_word(VouchedKind kind)
    {
        using var scene = await ChildAsync();
        using var sleeper = new DelegateScene(scene);
        var attested = kind is VouchedKind.Guardian ? Guardian(scene, sleeper) : Replacement(scene, sleeper.Passkey, sleeper.Id);
        Assert.Equal(Start, (await AttestAsync(scene, North, attested)).CompleteAt);
        await PinAsync(scene);
        await LinkAsync(scene, South);
        scene.Ledger.Now = Start.AddDays(60);
        StatementBody[] bodies = [StoryGrant, StoryGrant with { Effect = Effect.Deny }, DelegateScene.Own(sleeper.Passkey)];
        foreach (var body in bodies)
        {
            await SignedRefusedAsync(scene, "attestation.incomplete",
                body is AddCredentialBody ? LedgerTransactions.AddCredential : Grant, sleeper.Sign(body));
        }
        await AttestAsync(scene, North, attested); // saying it twice makes it no more
        await SignedRefusedAsync(scene, "attestation.incomplete", Grant, sleeper.Sign(StoryGrant));

        // The second word completes it, and the waiting time runs from then.
        var entry = await AttestAsync(scene, South, attested);
        Assert.Equal((2, Start.AddDays(60)), (entry.Needed, entry.CompleteAt));
        var transaction = kind is VouchedKind.Guardian ? Grant : LedgerTransactions.AddCredential;
        StatementBody act = kind is VouchedKind.Guardian
            ? StoryGrant with { Period = new Period(Start, Start.AddDays(90)) }
            : DelegateScene.Own(sleeper.Passkey);
        await SignedRefusedAsync(scene, "attestation.waiting", transaction, sleeper.Sign(act));
        scene.Ledger.Now += Waiting;
        await scene.SubmitAsync(South, transaction, sleeper.Sign(act), Types.SignedStatement);
    }

    [Fact]
    public async Task A_guardians_permit_rests_from_the_childs_first_passkey_until_a_second_hospital_vouches()
    {
        using var scene = await ChildAsync();
        using var parent = new DelegateScene(scene);
        await AttestAsync(scene, North, Guardian(scene, parent));
        scene.Ledger.Now = Start + Waiting;
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, parent.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.GrantAsync(parent.Sign(StoryGrant));
        Assert.Equal("permit.signed", await ReasonAsync(scene));
        await PinAsync(scene);
        Assert.Equal("deny.default", await ReasonAsync(scene));
        Assert.Equal(scene.Ledger.Now, (await AttestAsync(scene, South, Guardian(scene, parent))).CompleteAt);
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task A_second_word_before_the_childs_first_passkey_leaves_no_gap()
    {
        using var scene = await ChildAsync();
        using var parent = new DelegateScene(scene);
        await AttestAsync(scene, North, Guardian(scene, parent));
        scene.Ledger.Now = Start + Waiting;
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, parent.Sign(new LinkBody(South)), Types.SignedStatement);
        Assert.Equal(Start, (await AttestAsync(scene, South, Guardian(scene, parent))).CompleteAt);
        await PinAsync(scene);
        await scene.GrantAsync(parent.Sign(StoryGrant));
        Assert.Equal("permit.signed", await ReasonAsync(scene));
    }

    [Fact]
    public async Task The_patients_passkey_is_never_taken_for_the_signers_own()
    {
        using var scene = await ChildAsync();
        using var thief = new DelegateScene(scene);
        using var other = new DelegateScene(scene);
        // A guardian that holds the passkey, too; and another key under the passkey's id.
        var guardian = Guardian(scene, thief) with { Credentials = [scene.Credential(thief.Passkey), scene.Credential()] };
        var renamed = Replacement(scene, other.Passkey, other.Id) with
        {
            Credentials = [scene.Credential(other.Passkey) with { CredentialId = scene.Passkey.CredentialId }],
        };
        foreach (var attested in (AttestSigner[])[guardian, renamed])
            await AttestAsync(scene, North, attested);
        await PinAsync(scene);
        scene.Ledger.Now = Start + Waiting;
        await SignedRefusedAsync(scene, "attestation.incomplete", Grant, thief.Sign(StoryGrant));
        foreach (var attested in (AttestSigner[])[guardian, renamed])
        {
            var entry = Read(scene.Ledger.State[LedgerKey.VouchedSigner(scene.PatientId, attested.SignerId)], Types.VouchedEntry);
            Assert.True(entry.Suffices(1, []));
            Assert.False(entry.Suffices(1, [scene.Credential()]));
        }
    }

    [Fact]
    public async Task A_replacement_introduces_itself_on_one_word_where_no_other_credential_is_in_force()
    {
        using var scene = await ChildAsync();
        using var found = new DelegateScene(scene);
        await AttestAsync(scene, North, Replacement(scene, found.Passkey, found.Id));
        scene.Ledger.Now = Start + Waiting;
        var addition = found.Sign(DelegateScene.Own(found.Passkey));
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, addition, Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, addition, Types.SignedStatement); // again: its own stands in nobody's way
    }

    [Fact]
    public async Task One_hospital_cannot_flood_a_patient_with_signers()
    {
        using var scene = await WithRecordsAsync();
        for (var i = 0; i < Vouching.MaxPerMember; i++)
        {
            using var signer = new DelegateScene(scene);
            await AttestAsync(scene, North, Guardian(scene, signer));
        }
        using var last = new DelegateScene(scene);
        await scene.RefusedAsync("attestation.too_many", North, Attest, Guardian(scene, last), Types.AttestSigner);
        await LinkAsync(scene, South);
        await AttestAsync(scene, South, Guardian(scene, last)); // another one's word is not kept out
    }

    [Fact]
    public async Task The_id_of_another_hospitals_patient_cannot_be_taken_first_with_a_credential_of_ones_own()
    {
        // East sees North's enrolment on its way and is faster: the id is then East's patient, and North's enrolment is refused.
        using var scene = await WithMembersAsync();
        using var thief = SoftwareAuthenticator.Create("east.example", "https://east.example");
        await scene.SubmitAsync(East, LedgerTransactions.EnrollPatient,
            new EnrollPatient(scene.PatientId, [scene.Credential(thief)]), Types.EnrollPatient);
        await scene.RefusedAsync("patient.id_taken", North, LedgerTransactions.EnrollPatient,
            new EnrollPatient(scene.PatientId, [scene.Credential()]), Types.EnrollPatient);
        await scene.RefusedAsync("patient.not_affiliated", North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
        using var parent = new DelegateScene(scene);
        await scene.RefusedAsync("patient.not_affiliated", North, Attest, Guardian(scene, parent), Types.AttestSigner);
    }

    /// <summary>A child without a credential of its own, and its records at North.</summary>
    private static async Task<LedgerScene> ChildAsync()
    {
        var scene = await WithMembersAsync();
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords, new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
        return scene;
    }

    private static Task<byte[]> PinAsync(LedgerScene scene) => scene.SubmitAsync(
        North, LedgerTransactions.PinCredential, new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);

    private static Task<byte[]> LinkAsync(LedgerScene scene, string member) =>
        scene.SubmitAsync(member, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(member)), Types.SignedStatement);

    private static AttestSigner Guardian(LedgerScene scene, DelegateScene person, DateTimeOffset? end = null) => new(
        scene.PatientId, person.Id, VouchedKind.Guardian, [scene.Credential(person.Passkey)], end ?? DelegateScene.End);

    private static AttestSigner Replacement(LedgerScene scene, SoftwareAuthenticator passkey, string id) => new(
        scene.PatientId, id, VouchedKind.Credential, [scene.Credential(passkey)]);

    private static async Task<VouchedEntry> AttestAsync(LedgerScene scene, string member, AttestSigner attested) =>
        Read(await scene.SubmitAsync(member, Attest, attested, Types.AttestSigner), Types.VouchedEntry);

    private static async Task<string> ReasonAsync(LedgerScene scene) => (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason;

    private static Task SignedRefusedAsync(LedgerScene scene, string code, string transaction, SignedStatement signed) =>
        scene.RefusedAsync(code, South, transaction, signed, Types.SignedStatement);
}
