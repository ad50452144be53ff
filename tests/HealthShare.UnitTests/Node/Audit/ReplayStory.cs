using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>A channel on which every kind of entry was written that the contracts know.</summary>
internal static class ReplayStory
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    public static async Task<ReplayScene> PlayAsync()
    {
        var scene = await ReplayScene.CreateAsync();
        using var second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");
        await SubmitAsync(scene, South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)));
        await scene.SubmitAsync(Regulator, LedgerTransactions.AddCredential, scene.Ledger.Sign(scene.Ledger.Addition(second)), Types.SignedStatement);
        await GrantsAsync(scene);
        await AttestationsAsync(scene);
        await EmergencyAsync(scene);
        using var parent = new DelegateScene(scene.Ledger);
        using var friend = new DelegateScene(scene.Ledger);
        await VouchAsync(scene, North, parent);
        await SubmitAsync(scene, South, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()));
        var permit = friend.Statement(StoryGrant);
        await SubmitAsync(scene, South, LedgerTransactions.GrantConsent, friend.Sign(permit));
        await SubmitAsync(scene, South, LedgerTransactions.Confirm, scene.Ledger.Sign(new ConfirmBody([permit.Id])));
        await VouchAsync(scene, South, parent);
        await scene.GrantAsync(StoryGrant with { Period = new Period(Start, Start.AddHours(1)) }); // leaves with the next one
        scene.Ledger.Ledger.Now = Start.AddHours(72);
        var now = scene.Now;
        var broad = await scene.GrantAsync(new GrantBody(Effect.Permit, [new Provision { Who = [WhoAnyHospital.Instance] }], new Period(now, now.AddDays(30))));
        var bytes = Base64Url.DecodeFromChars(broad.Signed.Statement);
        await scene.SubmitAsync(Regulator, LedgerTransactions.CoSignConsent,
            new CoSignConsent(scene.Ledger.PatientId, broad.StatementId, Signed(bytes, second.Sign(bytes)).Assertion), Types.CoSignConsent);
        await SubmitAsync(scene, South, LedgerTransactions.GrantConsent, parent.Sign(StoryGrant));
        await SubmitAsync(scene, South, LedgerTransactions.RevokeDelegate, scene.Ledger.Sign(new RevokeDelegateBody(friend.Id)));
        await scene.SubmitAsync(South, LedgerTransactions.ObjectToSigner, new ObjectToSigner(scene.Ledger.PatientId, parent.Id), Types.ObjectToSigner);
        await SubmitAsync(scene, South, LedgerTransactions.RevokeCredential, scene.Ledger.Sign(new RevokeCredentialBody(second.CredentialId)));
        await VotesAsync(scene);
        await MergesAsync(scene);
        await scene.SubmitAsync(North, LedgerTransactions.SupersedeRecords, new SupersedeRecords([
            new NewSupersession(scene.Ledger.PatientId, RecordId(1), Relation.Replaces, RecordId(2)),
            new NewSupersession(scene.Ledger.PatientId, RecordId(2), Relation.Withdraws)]), Types.SupersedeRecords);
        await SubmitAsync(scene, South, LedgerTransactions.ErasePatient, scene.Ledger.Sign(new EraseBody()));
        foreach (var until in (DateTimeOffset?[])[Start.AddYears(10), null])
            await scene.SubmitAsync(North, LedgerTransactions.ReportErasure, new ReportErasure(scene.Ledger.PatientId, until), Types.ReportErasure);
        return scene;
    }

    private static async Task GrantsAsync(ReplayScene scene)
    {
        var whole = scene.Ledger.Record(11);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([whole, whole with { RecordId = RecordId(12), PartOf = whole.RecordId }]), Types.RegisterRecords);
        var grant = await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(1, 2);
        await scene.ReleaseAsync(new ReleaseKeys(
            access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), Base64Url.EncodeToString(new byte[32])));
        await scene.SubmitAsync(North, LedgerTransactions.ReportMismatch,
            new ReportMismatch(access.Ref, [new MismatchItem("access.permit_not_trusted", RecordId(1))]), Types.ReportMismatch);
        await scene.GrantAsync(StoryGrant with { Replaces = grant.StatementId, Uses = 2 });
        await scene.AskAsync(1);
        var deny = await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Labels = [Hiv] }], new Period(Start)));
        await scene.RevokeAsync(deny.StatementId);
        await scene.RevokeAsync(LedgerId.New(IdKind.Statement));
    }

    private static async Task AttestationsAsync(ReplayScene scene)
    {
        var signed = StatementWriter.Write(scene.Ledger.Statement(StoryGrant));
        using var json = System.Text.Json.JsonDocument.Parse(signed);
        var body = Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json.RootElement.GetProperty("body").GetRawText()));
        var attestation = new AttestConsent(scene.Ledger.PatientId, LedgerId.New(IdKind.Statement), AttestationForm.Paper, body);
        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, attestation, Types.AttestConsent);
        await scene.AskAsync(1);
        await scene.SubmitAsync(North, LedgerTransactions.WithdrawAttestation,
            new WithdrawAttestation(scene.Ledger.PatientId, attestation.AttestationId), Types.WithdrawAttestation);
    }

    private static async Task EmergencyAsync(ReplayScene scene)
    {
        using var crew = new EmergencyCrew(East);
        foreach (var key in (RegisterStaffKey[])[crew.PhysicianKey, crew.NurseKey])
            await scene.SubmitAsync(East, LedgerTransactions.RegisterStaffKey, key, Types.RegisterStaffKey);
        var statement = crew.Statement(scene.Ledger);
        await scene.SubmitAsync(East, LedgerTransactions.BreakGlass, crew.Sign(statement), Types.SignedEmergency);
        await scene.SubmitAsync(East, LedgerTransactions.RequestAccess, EmergencyCrew.Request(scene.Ledger, statement.Id, 1, 2), Types.RequestAccess);
        await scene.SubmitAsync(North, LedgerTransactions.ReviewEmergency,
            new ReviewEmergency(EmergencyCrew.RefOf(statement), ReviewOutcome.Justified, "s-9"), Types.ReviewEmergency);
        await scene.SubmitAsync(East, LedgerTransactions.RevokeStaffKey, new RevokeStaffKey(crew.Nurse.CredentialId), Types.RevokeStaffKey);
    }

    private static async Task MergesAsync(ReplayScene scene)
    {
        var merge = new MergePatients(LedgerId.New(IdKind.Statement), LedgerId.New(IdKind.Patient), scene.Ledger.PatientId);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(merge.Merged), Types.EnrollPatient);
        foreach (var member in (string[])[North, South])
            await scene.SubmitAsync(member, LedgerTransactions.MergePatients, merge, Types.MergePatients);
        await scene.AskAsync(1);
        await scene.SubmitAsync(South, LedgerTransactions.ObjectToMerge, new ObjectToMerge(merge.Merged, merge.Surviving), Types.ObjectToMerge);
    }

    private static async Task VotesAsync(ReplayScene scene)
    {
        var proposal = new ProposeChange(LedgerId.New(IdKind.Proposal), new GovernanceChange(Settings: new ChannelSettings(1200)));
        await scene.SubmitAsync(North, LedgerTransactions.ProposeChange, proposal, Types.ProposeChange);
        foreach (var voter in (string[])[South, Regulator])
            await scene.SubmitAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange(proposal.ProposalId), Types.ApproveChange);
    }

    private static Task VouchAsync(ReplayScene scene, string member, DelegateScene guardian) => scene.SubmitAsync(
        member, LedgerTransactions.AttestSigner, new AttestSigner(scene.Ledger.PatientId, guardian.Id, VouchedKind.Guardian,
            [scene.Ledger.Credential(guardian.Passkey)], DelegateScene.End), Types.AttestSigner);

    private static Task SubmitAsync(ReplayScene scene, string caller, string name, SignedStatement signed) =>
        scene.SubmitAsync(caller, name, signed, Types.SignedStatement);
}
