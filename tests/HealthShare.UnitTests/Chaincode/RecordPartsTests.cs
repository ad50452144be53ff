using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Audit;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class RecordPartsTests
{
    private const string Register = LedgerTransactions.RegisterRecords;
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task A_part_is_registered_with_its_whole_and_again_without_a_second_effect()
    {
        using var scene = await WithPatientAsync();
        var batch = new RegisterRecords([Part(scene, 5, of: 4), scene.Record(4), Part(scene, 6, of: 4), scene.Record(7)]); // in any order
        Assert.Equal(new RegisterResult(4, 0), Read(await scene.SubmitAsync(North, Register, batch, Types.RegisterRecords), Types.RegisterResult));
        Assert.Equal(new RegisterResult(0, 4), Read(await scene.SubmitAsync(North, Register, batch, Types.RegisterRecords), Types.RegisterResult));
        Assert.Equal(new RegisterResult(0, 1), Read(await scene.SubmitAsync(
            North, Register, new RegisterRecords([scene.Record(4)]), Types.RegisterRecords), Types.RegisterResult));
        var part = Read(scene.Ledger.State[LedgerKey.Record(scene.PatientId, North, RecordId(5))], Types.RecordEntry);
        Assert.Equal(RecordId(4), part.Record.PartOf);
    }

    [Fact]
    public async Task A_part_without_its_whole_of_a_part_or_that_says_otherwise_is_refused()
    {
        using var scene = await WithRecordsAsync();
        var (whole, part) = (scene.Record(4), Part(scene, 5, of: 4));
        foreach (var batch in (NewRecord[][])
        [
            [part], // no whole at all
            [Part(scene, 5, of: 1)], // a whole that is there, and not with it
            [whole, part, part with { RecordId = RecordId(6), PartOf = RecordId(5) }], // a part of a part
            [whole with { PartOf = RecordId(5) }, part], // each of the other
            [whole with { PartOf = RecordId(4) }], // of itself
            [whole, part with { Labels = [Hiv] }], [whole with { Labels = [Hiv] }, part], [whole, part with { Categories = [Image] }],
            [whole, part with { Confidentiality = "U" }], [whole, part with { Date = Start }],
            [whole, part with { Author = TokenOf(TokenDimension.Author, "a") }], [whole, part with { Encounter = TokenOf(TokenDimension.Encounter, "e") }],
        ])
            await scene.RefusedAsync("record.part_unfounded", North, Register, new RegisterRecords(batch), Types.RegisterRecords);
        await scene.RefusedAsync("arguments.invalid", North, Register, new RegisterRecords([whole, part with { PartOf = "x" }]), Types.RegisterRecords);
    }

    [Fact]
    public async Task A_part_of_another_patients_record_is_refused()
    {
        using var scene = await WithPatientAsync();
        var other = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(other), Types.EnrollPatient);
        await scene.RefusedAsync("record.part_unfounded", North, Register,
            new RegisterRecords([scene.Record(4), Part(scene, 5, of: 4) with { PatientId = other }]), Types.RegisterRecords);
    }

    [Fact]
    public async Task A_part_of_another_hospitals_record_is_refused()
    {
        using var scene = await WithRecordsAsync();
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.RefusedAsync("record.part_unfounded", South, Register, new RegisterRecords([Part(scene, 5, of: 1)]), Types.RegisterRecords);
        // With the same id it is South's own record that it is a part of: North's is not touched.
        await scene.SubmitAsync(South, Register, new RegisterRecords([scene.Record(1), Part(scene, 5, of: 1)]), Types.RegisterRecords);
        Assert.False(scene.Ledger.State.ContainsKey(LedgerKey.Record(scene.PatientId, North, RecordId(5))));
    }

    [Fact]
    public async Task Nothing_is_added_to_a_record_that_is_registered()
    {
        using var scene = await WithRecordsAsync();
        await scene.RefusedAsync("record.part_late", North, Register, new RegisterRecords([scene.Record(1), Part(scene, 5, of: 1)]), Types.RegisterRecords);
        await scene.SubmitAsync(North, Register, new RegisterRecords([scene.Record(4), Part(scene, 5, of: 4)]), Types.RegisterRecords);
        await scene.RefusedAsync("record.part_late", North, Register,
            new RegisterRecords([scene.Record(4), Part(scene, 5, of: 4), Part(scene, 6, of: 4)]), Types.RegisterRecords);
        await scene.RefusedAsync("record.id_taken", North, Register,
            new RegisterRecords([scene.Record(4), Part(scene, 5, of: 4) with { Size = 9 }]), Types.RegisterRecords);
        // What was a part does not become a record of its own.
        await scene.RefusedAsync("record.id_taken", North, Register, new RegisterRecords([scene.Record(5)]), Types.RegisterRecords);
    }

    [Fact]
    public async Task A_part_is_never_asked_for_explained_released_or_superseded_by_itself()
    {
        using var scene = await WithPatientAsync();
        await scene.SubmitAsync(North, Register, new RegisterRecords([scene.Record(4), Part(scene, 5, of: 4), scene.Record(6)]), Types.RegisterRecords);
        await scene.GrantAsync(StoryGrant);
        await scene.RefusedAsync("record.is_part", South, LedgerTransactions.RequestAccess, scene.Request(5), Types.RequestAccess);
        await scene.RefusedAsync("record.is_part", South, LedgerTransactions.RequestAccess, scene.Request(4, 5), Types.RequestAccess);
        await scene.RefusedAsync("record.is_part", South, LedgerTransactions.ExplainConsent,
            new ExplainAccess(scene.PatientId, new RecordRef(North, RecordId(5)), South, "TREAT", "physician"), Types.ExplainAccess);
        foreach (var said in (NewSupersession[])
        [
            new(scene.PatientId, RecordId(5), Relation.Withdraws), new(scene.PatientId, RecordId(5), Relation.Replaces, RecordId(6)),
            new(scene.PatientId, RecordId(6), Relation.Cancels, RecordId(5)),
        ])
            await scene.RefusedAsync("record.is_part", North, LedgerTransactions.SupersedeRecords, new SupersedeRecords([said]), Types.SupersedeRecords);
        var access = await scene.AskAsync(scene.Request(4));
        Assert.True(access.Decisions[0].Permitted);
        await scene.RefusedAsync("release.not_requested", North, LedgerTransactions.ReleaseKeys, new ReleaseKeys(
            access.Ref, LedgerId.New(IdKind.Release), [RecordId(5)], Founders.Organizations[1].SealingKey.KeyId, scene.Record(1).KeyCommitment), Types.ReleaseKeys);
    }

    public static TheoryData<string, Effect> Naming => new()
    {
        { "scope[0].records[1]", Effect.Deny }, { "scope[0].records[1]", Effect.Permit }, { "scope[0].except[0].records[0]", Effect.Deny },
    };

    [Theory]
    [MemberData(nameof(Naming))]
    public async Task A_statement_that_names_a_part_is_refused_and_one_that_was_taken_is_named_by_the_replay(string place, Effect effect)
    {
        using var scene = await ReplayScene.CreateAsync();
        var (ledger, patientId) = (scene.Ledger, scene.Ledger.PatientId);
        await scene.SubmitAsync(North, Register, new RegisterRecords([ledger.Record(4), Part(ledger, 5, of: 4)]), Types.RegisterRecords);
        var body = new GrantBody(effect, [place.Contains("except", StringComparison.Ordinal)
            ? new Provision { Who = [new WhoOrg(South)], Except = [new Provision { Records = [RecordId(5)] }] }
            : new Provision { Who = [new WhoOrg(South)], Records = [RecordId(4), RecordId(5)] }], new Period(Start, Start.AddDays(3)));
        var signed = ledger.Sign(body);
        var (response, stub) = await ledger.RunAsync(South, LedgerTransactions.GrantConsent, signed, Types.SignedStatement);
        Assert.StartsWith($"record.is_part: statement.body.{place} is a part", response.Message, StringComparison.Ordinal);
        Assert.Empty(stub.Writes);
        var attested = new AttestConsent(patientId, LedgerId.New(IdKind.Statement), AttestationForm.Paper, Base64Url.EncodeToString(StatementWriter.WriteGrant(body)));
        await ledger.RefusedAsync("record.is_part", North, LedgerTransactions.AttestConsent, attested, Types.AttestConsent);

        var entry = new StatementEntry(SignedStatementReader.Read(signed).Id, signed, South, scene.Now);
        var fault = await scene.ForgeAsync(South, ReplayScene.Put(LedgerKey.Statement(patientId, entry.StatementId), entry, Types.StatementEntry));
        Assert.Contains("record.is_part", fault!.Text, StringComparison.Ordinal);
        // The whole may be named, and an id that no record has.
        await scene.GrantAsync(body with { Scope = [new Provision { Who = [new WhoOrg(South)], Records = [RecordId(4), RecordId(77)] }] });
    }

    private static NewRecord Part(LedgerScene scene, int number, int of) =>
        scene.Record(of) with { RecordId = RecordId(number), PartOf = RecordId(of), KeyCommitment = scene.Record(number).KeyCommitment };
}
