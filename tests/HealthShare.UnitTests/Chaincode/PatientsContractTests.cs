using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class PatientsContractTests
{
    private const string Enroll = LedgerTransactions.EnrollPatient;
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task Enrolment_keeps_the_credentials_and_affiliates_the_enroller()
    {
        using var scene = await WithPatientAsync();
        var view = await scene.QueryAsync(Regulator, LedgerTransactions.GetPatient, scene.PatientId, Types.PatientView);
        Assert.Equal(new PatientEntry(scene.PatientId, North, Start), view.Patient);
        Assert.Equal([new AffiliationEntry(scene.PatientId, North, Start)], view.Members);
        var credential = Assert.Single(view.Credentials);
        Assert.Equal(Json(scene.Credential(), Types.Credential), Json(credential.Credential, Types.Credential));
        Assert.Equal(North, credential.AddedBy);
    }

    [Fact]
    public async Task Enrolling_again_is_success_only_for_the_same_member_and_content()
    {
        using var scene = await WithPatientAsync();
        scene.Ledger.Now = Start.AddMinutes(1);
        var same = new EnrollPatient(scene.PatientId, [scene.Credential()]);
        var (response, stub) = await scene.RunAsync(North, Enroll, same, Types.EnrollPatient);
        Assert.Equal(Start, Read(response.Payload.ToArray(), Types.PatientEntry).EnrolledAt);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("patient.id_taken", South, Enroll, same, Types.EnrollPatient);
        using var other = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await scene.RefusedAsync("patient.id_taken", North, Enroll,
            new EnrollPatient(scene.PatientId, [scene.Credential(other)]), Types.EnrollPatient);
    }

    [Fact]
    public async Task Only_hospitals_of_the_channel_enroll()
    {
        using var scene = await WithMembersAsync();
        await scene.RefusedAsync("caller.not_hospital", Regulator, Enroll, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        await scene.RefusedAsync("caller.not_member", Stranger, Enroll, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
    }

    [Fact]
    public async Task Credentials_that_are_not_well_formed_are_refused()
    {
        using var scene = await WithMembersAsync();
        var good = scene.Credential();
        foreach (var (bad, code) in ((Credential, string)[])
        [
            (good with { CredentialId = "" }, "arguments.invalid"), (good with { CredentialId = "AB" + "=" }, "arguments.invalid"),
            (good with { PublicKey = "AAAA" }, "credential.key_malformed"), (good with { PublicKey = "!" }, "credential.key_malformed"),
            (good with { RpId = "North.Example" }, "arguments.invalid"), (good with { RpId = "" }, "arguments.invalid"),
            (good with { RpId = "127.0.0.1", Origins = ["https://127.0.0.1"] }, "arguments.invalid"),
            (good with { Origins = [] }, "arguments.invalid"), (good with { Origins = ["http://north.example"] }, "arguments.invalid"),
            (good with { Origins = ["https://north.example/"] }, "arguments.invalid"),
            (good with { Origins = ["https://evil-north.example"] }, "arguments.invalid"),
            (good with { Origins = ["https://north.example.evil"] }, "arguments.invalid"),
            (good with { Origins = ["https://user@north.example"] }, "arguments.invalid"),
            (good with { Origins = [good.Origins[0], good.Origins[0]] }, "arguments.invalid"),
        ])
            await scene.RefusedAsync(code, North, Enroll, new EnrollPatient(scene.PatientId, [bad]), Types.EnrollPatient);
        await scene.RefusedAsync("arguments.invalid", North, Enroll, new EnrollPatient(scene.PatientId, [good, good]), Types.EnrollPatient);
        await scene.RefusedAsync("arguments.invalid", North, Enroll, new EnrollPatient("pt-1"), Types.EnrollPatient);
        foreach (var origin in (string[])["https://portal.north.example:8443", "https://north.example"])
            await scene.SubmitAsync(North, Enroll, new EnrollPatient(LedgerId.New(IdKind.Patient), [good with { Origins = [origin] }]), Types.EnrollPatient);
        await scene.SubmitAsync(North, Enroll, new EnrollPatient(LedgerId.New(IdKind.Patient),
            [good with { RpId = "north.localhost", Origins = ["http://north.localhost:5101"] }]), Types.EnrollPatient);
    }

    [Fact]
    public async Task The_first_credential_can_be_added_later_by_the_enroller_alone_and_only_once()
    {
        using var scene = await WithMembersAsync();
        await scene.SubmitAsync(North, Enroll, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        var first = new PinCredential(scene.PatientId, scene.Credential());
        await scene.RefusedAsync("patient.not_enroller", South, LedgerTransactions.PinCredential, first, Types.PinCredential);
        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, first, Types.PinCredential);

        var (response, stub) = await scene.RunAsync(North, LedgerTransactions.PinCredential, first, Types.PinCredential);
        Assert.True(response.IsSuccess, response.Message);
        Assert.Empty(stub.Writes);
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await scene.RefusedAsync("patient.has_credential", North, LedgerTransactions.PinCredential,
            new PinCredential(scene.PatientId, scene.Credential(second)), Types.PinCredential);
        await scene.RefusedAsync("patient.not_found", North, LedgerTransactions.PinCredential,
            first with { PatientId = LedgerId.New(IdKind.Patient) }, Types.PinCredential);
    }

    [Fact]
    public async Task Two_first_credentials_at_once_cannot_both_commit()
    {
        using var scene = await WithMembersAsync();
        await scene.SubmitAsync(North, Enroll, new EnrollPatient(scene.PatientId), Types.EnrollPatient);
        using var other = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var (_, one) = await scene.RunAsync(North, LedgerTransactions.PinCredential,
            new PinCredential(scene.PatientId, scene.Credential()), Types.PinCredential);
        var (_, two) = await scene.RunAsync(North, LedgerTransactions.PinCredential,
            new PinCredential(scene.PatientId, scene.Credential(other)), Types.PinCredential);
        Assert.Equal(HealthShare.Fabric.Protocol.Peer.TxValidationCode.Valid, one.Commit());
        Assert.Equal(HealthShare.Fabric.Protocol.Peer.TxValidationCode.PhantomReadConflict, two.Commit());
    }

    [Fact]
    public async Task A_signed_link_affiliates_a_hospital_whoever_relays_it()
    {
        using var scene = await WithPatientAsync();
        var signed = scene.Sign(new LinkBody(South));
        var affiliation = Read(await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, signed, Types.SignedStatement), Types.AffiliationEntry);
        Assert.Equal((South, Start), (affiliation.Member, affiliation.Since));
        Assert.NotNull(affiliation.StatementId);

        var (again, stub) = await scene.RunAsync(East, LedgerTransactions.LinkPatient, signed, Types.SignedStatement);
        Assert.Equal(affiliation, Read(again.Payload.ToArray(), Types.AffiliationEntry));
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("statement.id_taken", North, LedgerTransactions.LinkPatient, signed, Types.SignedStatement);
        await scene.RefusedAsync("patient.already_linked", East, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
    }

    [Fact]
    public async Task A_link_that_breaks_a_rule_is_refused()
    {
        using var scene = await WithPatientAsync();
        const string link = LedgerTransactions.LinkPatient;
        await scene.RefusedAsync("patient.link_not_hospital", South, link, scene.Sign(new LinkBody(Regulator)), Types.SignedStatement);
        await scene.RefusedAsync("patient.link_not_hospital", South, link, scene.Sign(new LinkBody(Stranger)), Types.SignedStatement);
        await scene.RefusedAsync("statement.wrong_type", South, link, scene.Sign(StoryGrant), Types.SignedStatement);
        await scene.RefusedAsync("caller.not_member", Stranger, link, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        var old = scene.Sign(new LinkBody(South));
        scene.Ledger.Now = Start.AddMinutes(11);
        await scene.RefusedAsync("statement.too_old", South, link, old, Types.SignedStatement);
    }

    [Fact]
    public async Task The_label_key_travels_sealed_through_the_senders_own_collection()
    {
        using var scene = await WithPatientAsync();
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        var share = new ShareLabelKey(scene.PatientId, South, KeyIdOf(South));
        byte[] envelope = [1, 2, 3];
        var (response, stub) = await scene.RunAsync(North, LedgerTransactions.ShareLabelKey, share, Types.ShareLabelKey, envelope);
        Assert.True(response.IsSuccess, response.Message);
        // A single public write would need the other hospitals' endorsement.
        Assert.Equal("_implicit_org_NorthMSP", Assert.Single(stub.Writes).Collection);
        stub.Commit();

        var query = new GetLabelKey(scene.PatientId, North);
        var sealedKey = await scene.QueryAsync(South, LedgerTransactions.GetLabelKey, query, Types.GetLabelKey, Types.SealedEnvelope);
        Assert.Equal(new SealedEnvelope(KeyIdOf(South), Base64Url.EncodeToString(envelope)), sealedKey);
        await scene.RefusedAsync("labelkey.not_shared", North, LedgerTransactions.GetLabelKey, query, Types.GetLabelKey);
        await scene.RefusedAsync("patient.not_affiliated", East, LedgerTransactions.GetLabelKey, query, Types.GetLabelKey);
        await scene.RefusedAsync("caller.not_hospital", Regulator, LedgerTransactions.GetLabelKey, query, Types.GetLabelKey);
    }

    [Fact]
    public async Task Sharing_a_label_key_needs_two_affiliated_members_and_an_envelope_to_the_recipients_key()
    {
        using var scene = await WithPatientAsync();
        const string name = LedgerTransactions.ShareLabelKey;
        var share = new ShareLabelKey(scene.PatientId, South, KeyIdOf(South));
        await scene.RefusedAsync("patient.not_affiliated", North, name, share, Types.ShareLabelKey, [1]);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.RefusedAsync("patient.not_affiliated", East, name, share, Types.ShareLabelKey, [1]);
        await scene.RefusedAsync("envelope.key_unknown", North, name, share with { KeyId = "old" }, Types.ShareLabelKey, [1]);
        await scene.RefusedAsync("transient.envelope_missing", North, name, share, Types.ShareLabelKey);
        await scene.RefusedAsync("transient.envelope_missing", North, name, share, Types.ShareLabelKey, []);
        await scene.RefusedAsync("transient.envelope_too_large", North, name, share, Types.ShareLabelKey, new byte[65537]);
    }

    [Fact]
    public async Task Patients_are_shown_to_members_only()
    {
        using var scene = await WithPatientAsync();
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.GetPatient, scene.PatientId);
        await scene.RefusedAsync("patient.not_found", North, LedgerTransactions.GetPatient, LedgerId.New(IdKind.Patient));
        await scene.RefusedAsync("arguments.invalid", North, LedgerTransactions.GetPatient, "pt-\0x");
    }
}
