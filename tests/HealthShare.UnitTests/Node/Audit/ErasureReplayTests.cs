using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class ErasureReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task What_the_contracts_write_about_an_erasure_replays_as_right()
    {
        using var scene = await CreateAsync();
        await scene.SubmitAsync(South, LedgerTransactions.ErasePatient, scene.Ledger.Sign(new EraseBody()), Types.SignedStatement);
        await scene.SubmitAsync(North, LedgerTransactions.ReportErasure, new ReportErasure(scene.Ledger.PatientId, Start.AddYears(10)), Types.ReportErasure);
        await scene.SubmitAsync(North, LedgerTransactions.PurgeEnvelopes, new PurgeEnvelopes(scene.Ledger.PatientId, [], [South]), Types.PurgeEnvelopes);
        await scene.SubmitAsync(North, LedgerTransactions.ReportErasure, new ReportErasure(scene.Ledger.PatientId), Types.ReportErasure);
    }

    [Fact]
    public async Task An_erasure_that_the_patient_did_not_sign_is_forged()
    {
        using var scene = await CreateAsync();
        using var friend = new DelegateScene(scene.Ledger);
        await scene.SubmitAsync(South, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()), Types.SignedStatement);
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var statement = scene.Ledger.Statement(new EraseBody());
        var patient = scene.Read(LedgerKey.Patient(scene.Ledger.PatientId), Types.PatientEntry);
        await ForgedAsync(ReplayFaultKind.PatientForged, Erased(statement.Id));
        await ForgedAsync(ReplayFaultKind.PatientForged, Erased(statement.Id) with { Entry = Entry(statement.Id, EndedStatementKind.Revocation) });
        await ForgedAsync(ReplayFaultKind.StatementForged, Signed(scene.Ledger.SignWith(stranger, new EraseBody())));
        await ForgedAsync(ReplayFaultKind.StatementForged, Signed(friend.Sign(new EraseBody())));
        await ForgedAsync(ReplayFaultKind.StatementForged, Signed(scene.Ledger.Sign(StoryGrant)));
        await ForgedAsync(ReplayFaultKind.StatementForged, Signed(scene.Ledger.Sign(statement with { Issued = Start.AddSeconds(-601) })));
        // Signed, and yet more is changed than it says.
        var (signed, id) = (scene.Ledger.Sign(statement), statement.Id);
        foreach (var wrong in (PatientEntry[])
        [
            patient with { ErasedBy = id, ErasedAt = scene.Now.AddSeconds(1) }, patient with { ErasedBy = id },
            patient with { ErasedBy = id, ErasedAt = scene.Now, EnrolledBy = South }, patient with { ErasedAt = scene.Now },
        ])
            Assert.Equal(ReplayFaultKind.PatientForged, (await ForgeAsync(wrong, Entry(id, EndedStatementKind.Erasure, signed)))?.Kind);
        Assert.Equal(ReplayFaultKind.StatementForged, (await ForgeAsync(null, Entry(id, EndedStatementKind.Erasure, signed)))?.Kind);
        Assert.Null(await ForgeAsync(patient with { ErasedBy = id, ErasedAt = scene.Now }, Entry(id, EndedStatementKind.Erasure, signed)));

        Forgery Erased(string by) => new(patient with { ErasedBy = by, ErasedAt = scene.Now }, null);
        Forgery Signed(SignedStatement by) => Erased(SignedStatementReader.Read(by).Id) with { Entry = Entry(SignedStatementReader.Read(by).Id, EndedStatementKind.Erasure, by) };
        EndedStatementEntry Entry(string by, EndedStatementKind kind, SignedStatement? words = null) => new(by, kind, South, scene.Now, words);
        async Task ForgedAsync(ReplayFaultKind kind, Forgery forgery) => Assert.Equal(kind, (await ForgeAsync(forgery.Patient, forgery.Entry))?.Kind);
        Task<ReplayFault?> ForgeAsync(PatientEntry? entry, EndedStatementEntry? ended) => scene.ForgeAsync(South,
        [
            .. entry is null ? [] : new[] { Put(LedgerKey.Patient(patient.PatientId), entry, Types.PatientEntry) },
            .. ended is null ? [] : new[] { Put(LedgerKey.EndedStatement(patient.PatientId, ended.StatementId), ended, Types.EndedStatementEntry) },
        ]);
    }

    [Fact]
    public async Task What_is_written_after_an_erasure_is_forged_and_the_erasure_is_never_undone()
    {
        using var scene = await CreateAsync();
        var patientId = scene.Ledger.PatientId;
        var before = scene.Read(LedgerKey.Patient(patientId), Types.PatientEntry);
        var grant = scene.Ledger.Statement(StoryGrant);
        var (granted, record) = (scene.Ledger.Sign(grant), scene.Ledger.Record(9));
        await scene.SubmitAsync(South, LedgerTransactions.ErasePatient, scene.Ledger.Sign(new EraseBody()), Types.SignedStatement);
        Assert.Equal(ReplayFaultKind.PatientForged, (await scene.ForgeAsync(North, Put(LedgerKey.Patient(patientId), before, Types.PatientEntry)))?.Kind);
        Assert.Equal(ReplayFaultKind.PatientForged, (await scene.ForgeAsync(South,
            Put(LedgerKey.Statement(patientId, grant.Id), new StatementEntry(grant.Id, granted, South, scene.Now), Types.StatementEntry)))?.Kind);
        Assert.Equal(ReplayFaultKind.PatientForged, (await scene.ForgeAsync(North,
            Put(LedgerKey.Record(patientId, North, record.RecordId), new RecordEntry(North, scene.Now, record), Types.RecordEntry)))?.Kind);
        var request = scene.Ledger.Request(1);
        Assert.NotNull(await scene.ForgeAsync(South, Put(LedgerKey.Access(new AccessRef(patientId, South, request.AccessId)),
            new AccessEntry(request, South, scene.Now, [new AccessDecision(request.Records[0], false, "deny.erased")]), Types.AccessEntry)));
    }

    [Fact]
    public async Task A_report_is_its_own_hospitals_and_about_an_erased_patient()
    {
        using var scene = await CreateAsync();
        var patientId = scene.Ledger.PatientId;
        var entry = new ErasureReportEntry(patientId, North, scene.Now);
        await ForgedAsync(North, entry); // not erased
        await scene.SubmitAsync(South, LedgerTransactions.ErasePatient, scene.Ledger.Sign(new EraseBody()), Types.SignedStatement);
        await ForgedAsync(South, entry);
        await ForgedAsync(Regulator, entry with { Member = Regulator });
        await ForgedAsync(North, entry with { ReportedAt = scene.Now.AddSeconds(1) });
        await ForgedAsync(North, entry with { PatientId = LedgerId.New(IdKind.Patient) });
        Assert.Null(await scene.ForgeAsync(North, Put(LedgerKey.ErasureReport(patientId, North), entry, Types.ErasureReportEntry)));
        await ForgedAsync(North, entry with { RetainedUntil = Start.AddYears(1) });
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(North, (LedgerKey.ErasureReport(patientId, North), null)))?.Kind);

        async Task ForgedAsync(string creator, ErasureReportEntry forged) => Assert.Equal(ReplayFaultKind.ErasureForged, (await scene.ForgeAsync(
            creator, Put(LedgerKey.ErasureReport(patientId, forged.Member), forged, Types.ErasureReportEntry)))?.Kind);
    }

    private sealed record Forgery(PatientEntry Patient, EndedStatementEntry? Entry);
}
