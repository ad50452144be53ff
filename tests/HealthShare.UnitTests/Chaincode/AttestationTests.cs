using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class AttestationTests
{
    private const string Attest = LedgerTransactions.AttestConsent, Withdraw = LedgerTransactions.WithdrawAttestation;
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task An_attested_consent_permits_others_to_read_the_attesters_records_until_it_is_withdrawn()
    {
        using var scene = await WithRecordsAsync();
        var attestation = Of(scene, StoryGrant);
        var entry = await AttestAsync(scene, North, attestation);
        Assert.Equal((attestation, North, Start), (entry.Attestation, entry.Member, entry.AttestedAt));
        var access = await scene.AskAsync(scene.Request(1, 2));
        Assert.Equal([(true, "permit.attested"), (false, "deny.default")], access.Decisions.Select(decision => (decision.Permitted, decision.Reason)));
        Assert.Equal(attestation.AttestationId, access.Decisions[0].StatementId);

        var withdrawal = new WithdrawAttestation(scene.PatientId, attestation.AttestationId);
        await scene.RefusedAsync("consent.not_found", South, Withdraw, withdrawal, Types.WithdrawAttestation);
        await scene.SubmitAsync(North, Withdraw, withdrawal, Types.WithdrawAttestation);
        Assert.Equal("deny.default", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);
        await scene.SubmitAsync(North, Withdraw, withdrawal, Types.WithdrawAttestation); // again: no second effect
        await scene.RefusedAsync("consent.withdrawn", North, Attest, attestation, Types.AttestConsent);
    }

    [Fact]
    public async Task What_the_patient_signed_wins_over_what_a_hospital_attested()
    {
        using var scene = await WithRecordsAsync();
        await AttestAsync(scene, North, Of(scene, StoryGrant));
        await scene.GrantAsync(StoryGrant with { Effect = Effect.Deny, Scope = [new Provision { Who = [new WhoOrg(South)] }] });
        Assert.Equal("deny.signed", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);

        using var other = await WithRecordsAsync();
        await AttestAsync(other, North, Of(other, StoryGrant with { Effect = Effect.Deny }));
        Assert.Equal("deny.attested", (await other.AskAsync(other.Request(1))).Decisions[0].Reason);
        await other.GrantAsync(StoryGrant);
        Assert.Equal("permit.signed", (await other.AskAsync(other.Request(1))).Decisions[0].Reason);
    }

    [Fact]
    public async Task The_patients_signed_revocation_ends_it_for_ever()
    {
        using var scene = await WithRecordsAsync();
        var attestation = Of(scene, StoryGrant);
        await AttestAsync(scene, North, attestation);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(attestation.AttestationId)), Types.SignedStatement);
        Assert.Equal("deny.default", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);
        await scene.RefusedAsync("consent.revoked", North, Attest, attestation, Types.AttestConsent);
    }

    [Fact]
    public async Task A_hospital_attests_so_many_consents_of_a_patient_withdrawn_ones_included()
    {
        using var scene = await WithRecordsAsync();
        var first = Of(scene, StoryGrant);
        await AttestAsync(scene, North, first);
        await scene.SubmitAsync(North, Withdraw, new WithdrawAttestation(scene.PatientId, first.AttestationId), Types.WithdrawAttestation);
        for (var i = 1; i < AttestedConsents.MaxPerMember; i++)
            await AttestAsync(scene, North, Of(scene, StoryGrant));
        await scene.RefusedAsync("consent.too_many_attested", North, Attest, Of(scene, StoryGrant), Types.AttestConsent);
    }

    [Fact]
    public async Task A_decision_endorsed_before_the_revocation_is_invalid_after_it()
    {
        using var scene = await WithRecordsAsync();
        var attestation = Of(scene, StoryGrant);
        await AttestAsync(scene, North, attestation);
        var (_, held) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(attestation.AttestationId)), Types.SignedStatement);
        Assert.Equal(TxValidationCode.MvccReadConflict, held.Commit());
        var (_, ahead) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        await AttestAsync(scene, North, Of(scene, StoryGrant));
        Assert.Equal(TxValidationCode.PhantomReadConflict, ahead.Commit());
    }

    [Fact]
    public async Task A_hospital_cannot_attest_its_way_to_a_record()
    {
        using var scene = await WithRecordsAsync();
        await scene.SubmitAsync(North, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        // South vouches that anybody may read anything: its word reaches no record of North, and lets nobody of South read.
        var everything = new GrantBody(Effect.Permit, [new Provision()], new Period(Start));
        await AttestAsync(scene, South, Of(scene, everything));
        Assert.Equal("deny.default", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);
        await scene.RefusedAsync("consent.attester_named", South, Attest, Of(scene, StoryGrant), Types.AttestConsent);
        var hidden = everything with
        {
            Scope = [new Provision { Except = [new Provision { Except = [new Provision { Who = [new WhoOrg(South, null, "s-1")] }] }] }],
        };
        await scene.RefusedAsync("consent.attester_named", South, Attest, Of(scene, hidden), Types.AttestConsent);
    }

    [Fact]
    public async Task Only_an_affiliated_hospital_attests_and_only_what_it_may()
    {
        using var scene = await WithRecordsAsync();
        var good = Of(scene, StoryGrant);
        await scene.RefusedAsync("patient.not_affiliated", South, Attest, good, Types.AttestConsent);
        await scene.RefusedAsync("caller.not_hospital", Regulator, Attest, good, Types.AttestConsent);
        await scene.RefusedAsync("caller.not_member", Stranger, Attest, good, Types.AttestConsent);
        await RefusedAsync("patient.not_found", good with { PatientId = LedgerId.New(IdKind.Patient) });
        await RefusedAsync("arguments.invalid", good with { AttestationId = LedgerId.New(IdKind.Record) });
        await RefusedAsync("consent.attested_emergency", Of(scene, StoryGrant with { EmergencyNever = true }));
        await RefusedAsync("statement.encoding_invalid", good with { Body = "!" });
        await RefusedAsync("statement.too_large", good with { Body = new string('A', 30_000) });
        await RefusedAsync("json.malformed", good with { Body = "AAAA" });
        await RefusedAsync("statement.malformed", good with { Body = Base64Url.EncodeToString("[]"u8) });
        var bytes = StatementWriter.WriteGrant(StoryGrant);
        await RefusedAsync("statement.not_canonical", good with { Body = Base64Url.EncodeToString([.. bytes, (byte)' ']) });

        Task RefusedAsync(string code, AttestConsent attestation) => scene.RefusedAsync(code, North, Attest, attestation, Types.AttestConsent);
    }

    [Fact]
    public async Task An_id_is_used_once_and_repeating_is_success_only_for_the_same_content()
    {
        using var scene = await WithRecordsAsync();
        var attestation = Of(scene, StoryGrant);
        await AttestAsync(scene, North, attestation);
        var (response, stub) = await scene.RunAsync(North, Attest, attestation, Types.AttestConsent);
        Assert.True(response.IsSuccess);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("statement.id_taken", North, Attest, attestation with { Form = AttestationForm.Word }, Types.AttestConsent);
        var signed = await scene.GrantAsync(StoryGrant);
        await scene.RefusedAsync("statement.id_taken", North, Attest, attestation with { AttestationId = signed.StatementId }, Types.AttestConsent);
    }

    private static AttestConsent Of(LedgerScene scene, GrantBody grant) => new(
        scene.PatientId, LedgerId.New(IdKind.Statement), AttestationForm.Paper, Base64Url.EncodeToString(StatementWriter.WriteGrant(grant)));

    private static async Task<AttestationEntry> AttestAsync(LedgerScene scene, string member, AttestConsent attestation) =>
        Read(await scene.SubmitAsync(member, Attest, attestation, Types.AttestConsent), Types.AttestationEntry);
}
