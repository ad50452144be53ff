using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>Two ids of one person: the scene's patient, and another one that some hospital enrolled.</summary>
public sealed class MergeTests
{
    private const string Merge = LedgerTransactions.MergePatients, Object = LedgerTransactions.ObjectToMerge;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody DenySouth = new(Effect.Deny, [new Provision { Who = [new WhoOrg(South)] }], new Period(Start));
    private readonly string other = LedgerId.New(IdKind.Patient);

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
        Assert.Equal(Json(complete, Types.MergeEntry), Json(await MergeAsync(scene, North, other, scene.PatientId), Types.MergeEntry));
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

    [Fact]
    public async Task No_delegate_takes_a_carried_deny_back_or_an_attested_one_or_stops_a_merge_whatever_ids_it_chooses()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await EnrolAsync(scene, South, second);
        await scene.GrantAsync(StoryGrant);
        var deny = await GrantAsync(scene, second, DenySouth);
        await CompleteAsync(scene, second);
        var attested = await AttestDenyAsync(scene, scene.PatientId, DenySouth with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
        foreach (var id in (string[])[deny, attested, IdOf(other, scene.PatientId)])
        {
            var own = await scene.GrantAsync(friend.Sign(StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(South, "nurse")] }] }));
            var revocation = friend.Sign(friend.Statement(new RevokeBody(own.StatementId)) with { Id = id });
            await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, revocation, Types.SignedStatement);
        }
        Assert.Equal(("deny.signed", deny), await DecisionAsync(scene, South));
        Assert.Equal(("deny.attested", attested), await DecisionAsync(scene, East));
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

    [Fact]
    public async Task A_new_merge_is_stopped_by_a_hospital_and_any_by_the_patients_signature()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.RefusedAsync("merge.not_found", North, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        await MergeAsync(scene, North, other, scene.PatientId);
        var merge = await MergeAsync(scene, South, other, scene.PatientId);
        await scene.RefusedAsync("patient.not_affiliated", East, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        scene.Ledger.Now = Start.AddHours(72);
        await scene.RefusedAsync("merge.settled", South, Object, new ObjectToMerge(other, scene.PatientId), Types.ObjectToMerge);
        await AttestDenyAsync(scene, other, DenySouth with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
        Assert.Equal("deny.attested", (await DecisionAsync(scene, East)).Reason);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(merge.Merge.MergeId)), Types.SignedStatement);
        Assert.Equal("deny.default", (await DecisionAsync(scene, East)).Reason);
        await RefusedAsync(scene, "merge.objected", North);

        using var again = await WithOtherAsync(North, credential: false);
        await MergeAsync(again, North, other, again.PatientId);
        var objection = new ObjectToMerge(other, again.PatientId);
        await again.SubmitAsync(North, Object, objection, Types.ObjectToMerge);
        again.Ledger.Now = Start.AddHours(80);
        await again.SubmitAsync(North, Object, objection, Types.ObjectToMerge); // again: no second effect
        await RefusedAsync(again, "merge.objected", North);
    }

    [Fact]
    public async Task An_id_is_merged_once_and_there_are_no_chains()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        var (first, last) = (await EnrolNewAsync(scene, North), await EnrolNewAsync(scene, North));
        await MergeAsync(scene, North, first, other);
        await RefusedAsync(scene, "merge.already_merged", North, merged: first, surviving: last);
        await RefusedAsync(scene, "merge.already_merged", North, merged: last, surviving: first);
        await RefusedAsync(scene, "merge.already_merged", North, merged: other, surviving: first); // no circle
        await RefusedAsync(scene, "merge.is_surviving", North, merged: other, surviving: last);
        await MergeAsync(scene, North, last, other);
        var deny = await AttestDenyAsync(scene, first, DenySouth);
        var policy = await PatientPolicy.LoadAsync(new LedgerTests.Replica(scene.Ledger.State), other, default);
        Assert.Equal(deny, Assert.Single(policy.Statements).Id);
    }

    [Fact]
    public async Task What_one_hospital_says_of_an_id_is_bounded_for_good_either_way()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        for (var i = 0; i < Merging.MaxPerMember; i++)
        {
            foreach (var (from, to) in ((string, string)[])[(await EnrolNewAsync(scene, North), scene.PatientId), (other, await EnrolNewAsync(scene, North))])
            {
                await MergeAsync(scene, North, from, to);
                await scene.SubmitAsync(North, Object, new ObjectToMerge(from, to), Types.ObjectToMerge); // what was stopped counts, too
            }
        }
        var fresh = await EnrolNewAsync(scene, North);
        await RefusedAsync(scene, "merge.too_many", North, merged: fresh);
        await RefusedAsync(scene, "merge.too_many", North, surviving: fresh);
        await MergeAsync(scene, North, fresh, await EnrolNewAsync(scene, North));
    }

    [Fact]
    public async Task A_merge_of_what_is_none_or_was_erased_is_refused()
    {
        using var scene = await WithOtherAsync(North, credential: false);
        await RefusedAsync(scene, "arguments.invalid", North, merged: other, surviving: other);
        await RefusedAsync(scene, "arguments.invalid", North, id: LedgerId.New(IdKind.Delegate));
        await RefusedAsync(scene, "patient.not_found", North, surviving: LedgerId.New(IdKind.Patient));
        await RefusedAsync(scene, "caller.not_hospital", Regulator);
        var taken = await scene.GrantAsync(StoryGrant);
        await RefusedAsync(scene, "statement.id_taken", North, taken.StatementId);
        await scene.SubmitAsync(North, LedgerTransactions.ErasePatient, scene.Sign(new EraseBody()), Types.SignedStatement);
        await RefusedAsync(scene, "patient.erased", North);
    }

    private async Task<LedgerScene> WithOtherAsync(string member, bool credential)
    {
        var scene = await WithRecordsAsync();
        await EnrolAsync(scene, member, credential ? scene.Passkey : null);
        return scene;
    }

    private Task<byte[]> EnrolAsync(LedgerScene scene, string member, SoftwareAuthenticator? passkey) => scene.SubmitAsync(member,
        LedgerTransactions.EnrollPatient, new EnrollPatient(other, passkey is null ? null : [scene.Credential(passkey)]), Types.EnrollPatient);

    private static async Task<string> EnrolNewAsync(LedgerScene scene, string member)
    {
        var id = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(member, LedgerTransactions.EnrollPatient, new EnrollPatient(id), Types.EnrollPatient);
        return id;
    }

    // Both hospitals know both ids, and say so.
    private async Task CompleteAsync(LedgerScene scene, SoftwareAuthenticator second)
    {
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, SignAs(scene, second, new LinkBody(North)), Types.SignedStatement);
        await MergeAsync(scene, South, other, scene.PatientId);
        Assert.NotNull((await MergeAsync(scene, North, other, scene.PatientId)).CompleteAt);
    }

    private static async Task<MergeEntry> MergeAsync(LedgerScene scene, string member, string merged, string surviving) => Read(
        await scene.SubmitAsync(member, Merge, new MergePatients(IdOf(merged, surviving), merged, surviving), Types.MergePatients), Types.MergeEntry);

    private Task RefusedAsync(LedgerScene scene, string code, string member, string? id = null, string? merged = null, string? surviving = null)
    {
        var (from, to) = (merged ?? other, surviving ?? scene.PatientId);
        return scene.RefusedAsync(code, member, Merge, new MergePatients(id ?? IdOf(from, to), from, to), Types.MergePatients);
    }

    private static string IdOf(string merged, string surviving) =>
        LedgerId.From(IdKind.Statement, SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(merged + surviving)).AsSpan(0, 16));

    private SignedStatement SignAs(LedgerScene scene, SoftwareAuthenticator passkey, StatementBody body, string? patient = null)
    {
        var bytes = StatementWriter.Write(scene.Statement(body) with { Patient = patient ?? other, Signer = new StatementSigner(passkey.CredentialId) });
        return Signed(bytes, passkey.Sign(bytes));
    }

    private async Task<string> GrantAsync(LedgerScene scene, SoftwareAuthenticator passkey, GrantBody grant) =>
        (await scene.GrantAsync(SignAs(scene, passkey, grant))).StatementId;

    private static async Task<string> AttestDenyAsync(LedgerScene scene, string patient, GrantBody deny)
    {
        var id = LedgerId.New(IdKind.Statement);
        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, new AttestConsent(patient, id, AttestationForm.Paper,
            Base64Url.EncodeToString(StatementWriter.WriteGrant(deny))), Types.AttestConsent);
        return id;
    }

    private static async Task<string> ReasonAsync(LedgerScene scene) => (await DecisionAsync(scene, South)).Reason;

    private static async Task<(string Reason, string? Statement)> DecisionAsync(LedgerScene scene, string member)
    {
        var decision = (await scene.AskAsync(scene.Request(1), member)).Decisions[0];
        return (decision.Reason, decision.StatementId);
    }
}
