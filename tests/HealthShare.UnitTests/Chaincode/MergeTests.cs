using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>What a merge of two ids carries from one to the other, and whose word it takes.</summary>
public sealed class MergeTests : MergeScene
{
    [Fact]
    public async Task A_merge_carries_denies_to_the_id_that_stays_and_permits_nowhere()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.GrantAsync(StoryGrant);
        var (_, held) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        await AttestDenyAsync(scene, other, DenySouth with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
        var deny = await AttestDenyAsync(scene, other, DenySouth);

        await MergeAsync(scene, North, other, scene.PatientId);
        Assert.Equal("permit.signed", await ReasonAsync(scene)); // one word is not enough: the patient has a credential
        await MergeAsync(scene, South, other, scene.PatientId);
        // What the patient signed decides before what a hospital attests, carried or not.
        Assert.Equal("permit.signed", await ReasonAsync(scene));
        Assert.Equal(TxValidationCode.PhantomReadConflict, held.Commit());
        Assert.Equal("deny.attested", (await scene.AskAsync(scene.Request(3) with { Role = "nurse" })).Decisions[0].Reason);
        Assert.Equal(deny, (await scene.AskAsync(scene.Request(3) with { Role = "nurse" })).Decisions[0].StatementId);
    }

    [Fact]
    public async Task A_signed_deny_of_the_merged_id_counts_until_the_patient_takes_it_back_under_either()
    {
        foreach (var under in (string[])["merged", "surviving"])
        {
            using var scene = await WithRecordsAsync();
            using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
            await EnrolAsync(scene, South, second);
            await scene.GrantAsync(StoryGrant);
            var deny = await GrantAsync(scene, second, DenySouth with { EmergencyNever = true });
            var permit = await GrantAsync(scene, second, StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
            await CompleteAsync(scene, second);
            Assert.Equal(("deny.signed", deny), await DecisionAsync(scene, South));
            Assert.Equal("deny.default", (await DecisionAsync(scene, East)).Reason); // permits stay where they are
            Assert.NotNull(permit);
            using var crew = await EmergencyCrew.RegisteredAsync(scene, South);
            var session = (await crew.BreakGlassAsync(scene)).Emergency;
            // Only a signature for the id itself keeps emergencies out of it.
            Assert.Equal("permit.emergency", (await scene.AskAsync(EmergencyCrew.Request(scene, session.EmergencyId, 1))).Decisions[0].Reason);

            var revocation = under == "merged" ? SignAs(scene, second, new RevokeBody(deny)) : scene.Sign(new RevokeBody(deny));
            await scene.SubmitAsync(East, LedgerTransactions.RevokeConsent, revocation, Types.SignedStatement);
            Assert.Equal("permit.signed", (await DecisionAsync(scene, South)).Reason);
        }
    }

    [Fact]
    public async Task Nobody_who_writes_under_another_id_or_vouches_can_hold_up_an_emergency()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await EnrolAsync(scene, South, second);
        await CompleteAsync(scene, second);
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var session = (await crew.BreakGlassAsync(scene)).Emergency;
        var request = EmergencyCrew.Request(scene, session.EmergencyId, 1);
        var (_, asked) = await scene.RunAsync(East, LedgerTransactions.RequestAccess, request, Types.RequestAccess);
        await ChurnAsync();
        Assert.Equal(TxValidationCode.Valid, asked.Commit());
        var release = new ReleaseKeys(new AccessRef(scene.PatientId, East, request.AccessId), LedgerId.New(IdKind.Release), [RecordId(1)],
            KeyIdOf(East), new string('A', 43));
        var (released, stub) = await scene.RunAsync(North, LedgerTransactions.ReleaseKeys, release, Types.ReleaseKeys);
        Assert.True(released.IsSuccess, released.Message);
        await ChurnAsync();
        Assert.Equal(TxValidationCode.Valid, stub.Commit());

        // The patient's own word against emergencies does, and so does an erasure.
        var (_, late) = await scene.RunAsync(East, LedgerTransactions.RequestAccess,
            EmergencyCrew.Request(scene, session.EmergencyId, 1), Types.RequestAccess);
        await scene.GrantAsync(DenySouth with { Scope = [new Provision()], EmergencyNever = true });
        Assert.Equal(TxValidationCode.PhantomReadConflict, late.Commit());
        Assert.Equal("deny.emergency_never", (await scene.AskAsync(
            EmergencyCrew.Request(scene, session.EmergencyId, 1), East)).Decisions[0].Reason);

        async Task ChurnAsync()
        {
            var deny = await GrantAsync(scene, second, DenySouth);
            await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, SignAs(scene, second, new RevokeBody(deny)), Types.SignedStatement);
            await GrantAsync(scene, second, DenySouth);
            foreach (var id in (string[])[other, scene.PatientId])
                await AttestDenyAsync(scene, id, DenySouth);
        }
    }

    [Fact]
    public async Task A_policy_for_emergencies_decides_nothing_else()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision()], new Period(Start)));
        var policy = await PatientPolicy.LoadForEmergencyAsync(new LedgerTests.Replica(scene.Ledger.State), scene.PatientId, default);
        var record = PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(1)));
        var facts = new RequestFacts(North, true, "physician", "s-1", "ETREAT", Start, Start.AddHours(1));
        foreach (var read in (PatientPolicy[])[policy, policy.AfterWaiting(), policy.With()])
        {
            Assert.True(read.Decide(record, facts).Permitted);
            foreach (var without in (RequestFacts[])[facts with { Purpose = "TREAT" }, facts with { EmergencyUntil = null }, facts with { Time = Start.AddHours(1) }])
                Assert.Equal((false, DecisionReason.Unreadable), (read.Decide(record, without).Permitted, read.Decide(record, without).Reason));
        }
    }

    [Fact]
    public async Task What_an_id_carries_to_another_is_bounded_and_the_patient_can_still_deny()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await EnrolAsync(scene, South, second);
        var permit = StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(East)] }] };
        var first = await GrantAsync(scene, second, permit);
        for (var i = 0; i < GrantRange.MaxCarried; i++)
            await GrantAsync(scene, second, permit);
        await RefusedAsync(scene, "merge.too_much", North);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, SignAs(scene, second, new RevokeBody(first)), Types.SignedStatement);
        await CompleteAsync(scene, second);

        await scene.RefusedAsync("consent.too_many", South, LedgerTransactions.GrantConsent, SignAs(scene, second, permit), Types.SignedStatement);
        string deny = "";
        for (var i = 0; i < GrantRange.MaxCarried; i++)
            deny = await GrantAsync(scene, second, DenySouth);
        await scene.RefusedAsync("consent.too_many", South, LedgerTransactions.GrantConsent, SignAs(scene, second, DenySouth), Types.SignedStatement);
        await GrantAsync(scene, second, DenySouth with { Replaces = deny });
        await scene.GrantAsync(DenySouth); // the id that stays has its own room

        for (var i = 0; i < AttestedConsents.MaxCarriedPerMember; i++)
            await AttestDenyAsync(scene, other, DenySouth);
        await scene.RefusedAsync("consent.too_many_attested", North, LedgerTransactions.AttestConsent, new AttestConsent(other,
            LedgerId.New(IdKind.Statement), AttestationForm.Paper, Base64Url.EncodeToString(StatementWriter.WriteGrant(DenySouth))), Types.AttestConsent);
        await AttestDenyAsync(scene, scene.PatientId, DenySouth);
    }

    [Fact]
    public async Task An_id_for_which_one_hospital_attested_too_much_does_not_go()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        for (var i = 0; i <= AttestedConsents.MaxCarriedPerMember; i++)
            await AttestDenyAsync(scene, other, DenySouth);
        await RefusedAsync(scene, "merge.too_much", North);
        await MergeAsync(scene, North, scene.PatientId, other); // it may stay
    }

    [Fact]
    public async Task Tokens_of_another_label_key_are_read_with_care()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await EnrolAsync(scene, South, second);
        await scene.GrantAsync(StoryGrant);
        var foreign = Token.Compute(SHA256.HashData("another label key"u8), TokenDimension.Category, "LAB");
        await GrantAsync(scene, second, new GrantBody(Effect.Deny,
            [new Provision { Who = [new WhoOrg(South)], Category = [foreign], Except = [new Provision { Labels = [foreign] }] }], new Period(Start)));
        await CompleteAsync(scene, second);
        Assert.Equal("deny.signed", (await DecisionAsync(scene, South)).Reason); // it may stand for any category, the exception for none
    }

    [Fact]
    public async Task Where_an_id_has_a_credential_two_hospitals_that_know_that_patient_must_say_so()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await EnrolAsync(scene, South, second);
        await RefusedAsync(scene, "patient.not_affiliated", East);
        await RefusedAsync(scene, "patient.not_affiliated", South); // nobody begins that does not know the one that stays
        var merge = await MergeAsync(scene, North, other, scene.PatientId);
        Assert.Null((await MergeAsync(scene, South, other, scene.PatientId)).CompleteAt); // each knows one of the two only
        await RefusedAsync(scene, "merge.id_taken", South, LedgerId.New(IdKind.Statement));
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, SignAs(scene, second, new LinkBody(North)), Types.SignedStatement);
        Assert.Null((await MergeAsync(scene, North, other, scene.PatientId)).CompleteAt);
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        var complete = await MergeAsync(scene, South, other, scene.PatientId); // again, and now it is enough
        Assert.Equal((Start, merge.Merge.MergeId, 2), (complete.CompleteAt, complete.Merge.MergeId, complete.Vouchers.Count));
        var found = await MergeAsync(scene, North, other, scene.PatientId); // again, and the time to object begins
        Assert.Equal(Json(complete with { SettlingFrom = Start }, Types.MergeEntry), Json(found, Types.MergeEntry));
        scene.Ledger.Now = Start.AddHours(1);
        Assert.Equal(Json(found, Types.MergeEntry), Json(await MergeAsync(scene, South, other, scene.PatientId), Types.MergeEntry)); // once
    }

    [Fact]
    public async Task A_credential_that_was_revoked_asks_for_two_hospitals_as_well()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await EnrolAsync(scene, South, second);
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            SignAs(scene, second, new RevokeCredentialBody(second.CredentialId)), Types.SignedStatement);
        await MergeAsync(scene, North, other, scene.PatientId);
        Assert.Null((await MergeAsync(scene, South, other, scene.PatientId)).CompleteAt);
    }

    [Theory]
    [InlineData("delegate")]
    [InlineData("guardian")]
    public async Task No_delegate_or_guardian_takes_an_id_that_the_patient_may_have_to_revoke(string kind)
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var friend = new DelegateScene(scene);
        await EnrolAsync(scene, South, second);
        await scene.GrantAsync(StoryGrant);
        var deny = await GrantAsync(scene, second, DenySouth);
        await CompleteAsync(scene, second);
        var carried = await AttestDenyAsync(scene, other, DenySouth with { Scope = [new Provision { Who = [new WhoOrg(East, "nurse")] }] });
        var attested = await AttestDenyAsync(scene, scene.PatientId, DenySouth with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
        if (kind == "delegate")
        {
            await friend.AppointAsync();
        }
        else
        {
            foreach (var member in (string[])[North, South])
                await scene.SubmitAsync(member, LedgerTransactions.AttestSigner, new AttestSigner(scene.PatientId, friend.Id, VouchedKind.Guardian,
                    [scene.Credential(friend.Passkey)], DelegateScene.End), Types.AttestSigner);
        }
        var own = await scene.GrantAsync(friend.Sign(DenySouth with { Scope = [new Provision { Who = [new WhoOrg(South, "nurse")] }] }));
        foreach (var id in (string[])[deny, carried, attested, IdOf(other, scene.PatientId)])
        {
            await scene.RefusedAsync("statement.id_taken", South, LedgerTransactions.RevokeConsent,
                friend.Sign(friend.Statement(new RevokeBody(own.StatementId)) with { Id = id }), Types.SignedStatement);
            await scene.RefusedAsync("statement.id_taken", South, LedgerTransactions.GrantConsent,
                friend.Sign(friend.Statement(DenySouth) with { Id = id }), Types.SignedStatement);
        }
        Assert.Equal(("deny.signed", deny), await DecisionAsync(scene, South));
        Assert.Equal(("deny.attested", attested), await DecisionAsync(scene, East));
        foreach (var id in (string[])[deny, carried, attested, IdOf(other, scene.PatientId)]) // all of them are the patient's to end
            await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(id)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, friend.Sign(new RevokeBody(own.StatementId)), Types.SignedStatement);
        Assert.Equal("permit.signed", (await DecisionAsync(scene, South)).Reason);
        Assert.Equal("deny.default", (await DecisionAsync(scene, East)).Reason);
        await RefusedAsync(scene, "merge.objected", North);
    }

    [Fact]
    public async Task An_id_that_a_delegate_used_before_stops_no_merge_ends_no_deny_and_is_no_id_for_a_merge()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await EnrolAsync(scene, South, second);
        await scene.GrantAsync(StoryGrant);
        var deny = await GrantAsync(scene, second, DenySouth);
        var used = LedgerId.New(IdKind.Statement);
        foreach (var id in (string[])[deny, used])
        {
            var own = await scene.GrantAsync(friend.Sign(StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(South, "nurse")] }] }));
            await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent,
                friend.Sign(friend.Statement(new RevokeBody(own.StatementId)) with { Id = id }), Types.SignedStatement);
        }
        await RefusedAsync(scene, "statement.id_taken", North, used);
        await CompleteAsync(scene, second);
        Assert.Equal(("deny.signed", deny), await DecisionAsync(scene, South));
        await scene.RefusedAsync("consent.not_revocable", South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(deny)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, SignAs(scene, second, new RevokeBody(deny)), Types.SignedStatement);
        Assert.Equal("permit.signed", (await DecisionAsync(scene, South)).Reason);
        await RefusedAsync(scene, "merge.already_merged", South, merged: other, surviving: await EnrolNewAsync(scene, South));
    }

    [Fact]
    public async Task A_hospital_that_merges_anothers_patient_into_an_id_it_controls_gains_nothing()
    {
        using var scene = await WithRecordsAsync();
        using var own = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await EnrolAsync(scene, South, own);
        await GrantAsync(scene, own, new GrantBody(Effect.Permit, [new Provision { Who = [new WhoOrg(South)] }], new Period(Start, Start.AddDays(30))));
        Assert.Null((await MergeAsync(scene, South, scene.PatientId, other)).CompleteAt); // it does not know the patient: its word is half a merge
        Assert.Equal("deny.default", (await DecisionAsync(scene, South)).Reason);
        // Not even with the patient's own hospital in league, and every word that it takes.
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, SignAs(scene, own, new LinkBody(North)), Types.SignedStatement);
        await MergeAsync(scene, North, scene.PatientId, other);
        Assert.NotNull((await MergeAsync(scene, South, scene.PatientId, other)).CompleteAt);
        Assert.Equal("deny.default", (await DecisionAsync(scene, South)).Reason);
        await scene.RefusedAsync("record.not_found", South, LedgerTransactions.RequestAccess, scene.Request(1) with { PatientId = other }, Types.RequestAccess);
        await scene.RefusedAsync("credential.unknown", South, LedgerTransactions.GrantConsent,
            SignAs(scene, own, StoryGrant, scene.PatientId), Types.SignedStatement);
    }
}
