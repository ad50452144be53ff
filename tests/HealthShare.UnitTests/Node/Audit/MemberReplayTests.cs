using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class MemberReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task A_credential_can_be_added_by_the_enrolling_hospital_alone_and_only_as_the_first()
    {
        using var scene = await CreateAsync();
        using var passkey = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await FaultAsync(scene, ReplayFaultKind.CredentialForged, South, PutCredential(scene, scene.Ledger.PatientId, South, passkey));
        await FaultAsync(scene, ReplayFaultKind.CredentialForged, South, PutCredential(scene, scene.Ledger.PatientId, North, passkey));
        await FaultAsync(scene, ReplayFaultKind.CredentialForged, North, PutCredential(scene, scene.Ledger.PatientId, North, passkey)); // a second one
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, North,
            (LedgerKey.Credential(scene.Ledger.PatientId, scene.Ledger.Passkey.CredentialId), null));

        var patient = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(patient), Types.EnrollPatient);
        await FaultAsync(scene, ReplayFaultKind.CredentialForged, South, PutCredential(scene, patient, South, passkey));
        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, new PinCredential(patient, scene.Ledger.Credential(passkey)), Types.PinCredential);
    }

    [Fact]
    public async Task A_patient_is_enrolled_once_by_the_hospital_that_sends_it()
    {
        using var scene = await CreateAsync();
        await FaultAsync(scene, ReplayFaultKind.PatientForged, South, PutPatient(scene, scene.Ledger.PatientId, South));
        var patient = LedgerId.New(IdKind.Patient);
        await FaultAsync(scene, ReplayFaultKind.PatientForged, South, PutPatient(scene, patient, North));
        await FaultAsync(scene, ReplayFaultKind.PatientForged, Regulator, PutPatient(scene, patient, Regulator));
        await FaultAsync(scene, ReplayFaultKind.PatientForged, South,
            (LedgerKey.Patient(patient), PutPatient(scene, LedgerId.New(IdKind.Patient), South).Json));
    }

    [Fact]
    public async Task A_member_is_affiliated_by_the_patients_signature_alone()
    {
        using var scene = await CreateAsync();
        var patient = scene.Ledger.PatientId;
        await FaultAsync(scene, ReplayFaultKind.AffiliationForged, South, PutAffiliation(scene, South, null));
        var statement = scene.Ledger.Statement(new LinkBody(South));
        var link = Put(LedgerKey.EndedStatement(patient, statement.Id),
            new EndedStatementEntry(statement.Id, EndedStatementKind.Link, South, scene.Now, scene.Ledger.Sign(statement)), Types.EndedStatementEntry);
        await FaultAsync(scene, ReplayFaultKind.AffiliationForged, South, PutAffiliation(scene, South, statement.Id)); // no link with it
        await FaultAsync(scene, ReplayFaultKind.AffiliationForged, South, PutAffiliation(scene, East, statement.Id), link); // a link of another
        await FaultAsync(scene, ReplayFaultKind.StatementForged, South, link); // a link that links nobody
        scene.Ledger.Ledger.Now = Start.AddSeconds(601);
        await FaultAsync(scene, ReplayFaultKind.StatementForged, South,
            Put(LedgerKey.EndedStatement(patient, statement.Id),
                new EndedStatementEntry(statement.Id, EndedStatementKind.Link, South, scene.Now, scene.Ledger.Sign(statement)), Types.EndedStatementEntry),
            PutAffiliation(scene, South, statement.Id)); // kept back too long
        scene.Ledger.Ledger.Now = Start;
        Assert.Null(await scene.ForgeAsync(South, PutAffiliation(scene, South, statement.Id), link));
        await FaultAsync(scene, ReplayFaultKind.AffiliationForged, South, PutAffiliation(scene, South, statement.Id));
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, South, (LedgerKey.Affiliation(patient, South), null));
    }

    [Fact]
    public async Task A_record_is_registered_once_by_an_affiliated_hospital_and_stays()
    {
        using var scene = await CreateAsync();
        var fresh = scene.Ledger.Record(7);
        await FaultAsync(scene, ReplayFaultKind.RecordForged, South, PutRecord(scene, South, fresh)); // not affiliated
        await FaultAsync(scene, ReplayFaultKind.RecordForged, South, PutRecord(scene, North, fresh)); // in North's name
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutRecord(scene, North, scene.Ledger.Record(2))); // without its label
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, North, (LedgerKey.Record(fresh.PatientId, North, RecordId(1)), null));
        Assert.Null(await scene.ForgeAsync(North, PutRecord(scene, North, fresh)));
    }

    [Fact]
    public async Task Members_and_settings_are_written_once_together_by_a_founder_and_a_member_replaces_its_own_sealing_key_only()
    {
        using var scene = await CreateAsync();
        var settings = Put(LedgerKey.Settings, new ChannelSettings(3600), Types.ChannelSettings);
        var south = Founders.Organizations[1];
        var swapped = Put(LedgerKey.Organization(South), south with { SealingKey = Founders.Organizations[2].SealingKey }, Types.OrganizationEntry);
        await FaultAsync(scene, ReplayFaultKind.OrganizationForged, North, swapped); // not its own
        await FaultAsync(scene, ReplayFaultKind.OrganizationForged, South,
            Put(LedgerKey.Organization(South), south with { Kind = OrganizationKind.Regulator, SealingKey = Founders.Organizations[2].SealingKey },
                Types.OrganizationEntry));
        await FaultAsync(scene, ReplayFaultKind.OrganizationForged, South, // another key under the id that others sealed for
            Put(LedgerKey.Organization(South), south with { SealingKey = south.SealingKey with { PublicKey = Founders.Organizations[2].SealingKey.PublicKey } },
                Types.OrganizationEntry));
        Assert.Null(await scene.ForgeAsync(South, swapped));
        await FaultAsync(scene, ReplayFaultKind.OrganizationForged, South, settings);
        await FaultAsync(scene, ReplayFaultKind.OrganizationForged, South, settings, swapped);
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, South, (LedgerKey.Settings, null));
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, South, (LedgerKey.Organization(North), null));
    }

    private static (string Key, string? Json) PutCredential(ReplayScene scene, string patient, string by, SoftwareAuthenticator passkey) => Put(
        LedgerKey.Credential(patient, passkey.CredentialId), new CredentialEntry(patient, scene.Ledger.Credential(passkey), by, scene.Now), Types.CredentialEntry);

    private static (string Key, string? Json) PutPatient(ReplayScene scene, string patient, string by) =>
        Put(LedgerKey.Patient(patient), new PatientEntry(patient, by, scene.Now), Types.PatientEntry);

    private static (string Key, string? Json) PutAffiliation(ReplayScene scene, string member, string? statementId) => Put(
        LedgerKey.Affiliation(scene.Ledger.PatientId, member),
        new AffiliationEntry(scene.Ledger.PatientId, member, scene.Now, statementId), Types.AffiliationEntry);

    [Fact]
    public async Task A_record_is_superseded_once_by_its_custodian_and_by_a_record_of_the_same_patient()
    {
        using var scene = await ReplayScene.CreateAsync();
        var said = new NewSupersession(scene.Ledger.PatientId, RecordId(1), Relation.Replaces, RecordId(2));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, South, PutSupersession(scene, South, said)); // not its record
        await FaultAsync(scene, ReplayFaultKind.RecordForged, South, PutSupersession(scene, North, said)); // in North's name
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said with { By = RecordId(7) }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said with { RecordId = RecordId(7) }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said with { By = RecordId(1) }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said with { By = null }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said with { Relation = Relation.Withdraws }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, Put(
            LedgerKey.Supersession(said.PatientId, North, said.RecordId, said.By), new SupersessionEntry(North, scene.Now.AddSeconds(1), said), Types.SupersessionEntry));
        Assert.Null(await scene.ForgeAsync(North, PutSupersession(scene, North, said)));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said)); // again
        await FaultAsync(scene, ReplayFaultKind.EntryRemoved, North, (LedgerKey.Supersession(said.PatientId, North, said.RecordId, said.By), null));
    }

    [Fact]
    public async Task A_part_is_registered_with_its_whole_says_the_same_and_is_superseded_by_nobody()
    {
        using var scene = await CreateAsync();
        var (whole, part) = (scene.Ledger.Record(7), scene.Ledger.Record(7) with { RecordId = RecordId(8), PartOf = RecordId(7) });
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutRecord(scene, North, part)); // alone
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, // of one that is there, and not with it
            PutRecord(scene, North, scene.Ledger.Record(1) with { RecordId = RecordId(8), PartOf = RecordId(1) }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutRecord(scene, North, whole), PutRecord(scene, North, part with { Labels = [Hiv] }));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutRecord(scene, North, whole), PutRecord(scene, North, part),
            PutRecord(scene, North, part with { RecordId = RecordId(9), PartOf = RecordId(8) })); // a part of a part
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutRecord(scene, North, whole with { PartOf = RecordId(8) }), PutRecord(scene, North, part));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutRecord(scene, North, whole with { PartOf = RecordId(7) }));
        await FaultAsync(scene, ReplayFaultKind.EntryUnreadable, North, PutRecord(scene, North, whole with { PartOf = "\0" }));
        Assert.Null(await scene.ForgeAsync(North, PutRecord(scene, North, whole), PutRecord(scene, North, part)));
        await FaultAsync(scene, ReplayFaultKind.RecordForged, North, // added later
            PutRecord(scene, North, part with { RecordId = RecordId(9) }));
        foreach (var said in (NewSupersession[])
        [
            new(whole.PatientId, RecordId(8), Relation.Withdraws), new(whole.PatientId, RecordId(8), Relation.Replaces, RecordId(1)),
            new(whole.PatientId, RecordId(1), Relation.Replaces, RecordId(8)),
        ])
            await FaultAsync(scene, ReplayFaultKind.RecordForged, North, PutSupersession(scene, North, said));
        Assert.Null(await scene.ForgeAsync(North, PutSupersession(scene, North, new(whole.PatientId, RecordId(7), Relation.Withdraws))));
    }

    private static (string Key, string? Json) PutSupersession(ReplayScene scene, string custodian, NewSupersession said) => Put(
        LedgerKey.Supersession(said.PatientId, custodian, said.RecordId, said.By), new SupersessionEntry(custodian, scene.Now, said), Types.SupersessionEntry);

    private static (string Key, string? Json) PutRecord(ReplayScene scene, string custodian, NewRecord record) => Put(
        LedgerKey.Record(record.PatientId, custodian, record.RecordId), new RecordEntry(custodian, scene.Now, record), Types.RecordEntry);

    private static async Task FaultAsync(ReplayScene scene, ReplayFaultKind kind, string creator, params (string Key, string? Json)[] writes) =>
        Assert.Equal(kind, (await scene.ForgeAsync(creator, writes))?.Kind);
}
