using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class RecordsContractTests
{
    private const string Register = LedgerTransactions.RegisterRecords, Supersede = LedgerTransactions.SupersedeRecords;
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task A_batch_is_registered_with_the_caller_as_custodian()
    {
        using var scene = await WithRecordsAsync();
        var list = await scene.QueryAsync(East, LedgerTransactions.ListRecords, scene.PatientId, Types.RecordList);
        Assert.Equal(3, list.Records.Count);
        var one = await scene.QueryAsync(South, LedgerTransactions.GetRecord, new GetRecord(scene.PatientId, North, RecordId(1)),
            Types.GetRecord, Types.RecordEntry);
        Assert.Equal((North, Start), (one.Custodian, one.RegisteredAt));
        Assert.Equal(Json(scene.Record(1), Types.NewRecord), Json(one.Record, Types.NewRecord));
    }

    [Fact]
    public async Task Registering_again_counts_and_writes_only_what_is_new()
    {
        using var scene = await WithRecordsAsync();
        scene.Ledger.Now = Start.AddMinutes(1);
        var (response, stub) = await scene.RunAsync(North, Register, new RegisterRecords([scene.Record(1), scene.Record(4)]), Types.RegisterRecords);
        Assert.Equal(new RegisterResult(1, 1), Read(response.Payload.ToArray(), Types.RegisterResult));
        Assert.Equal(LedgerKey.Record(scene.PatientId, North, RecordId(4)), Assert.Single(stub.Writes).Key);
        (response, stub) = await scene.RunAsync(North, Register, new RegisterRecords([scene.Record(1)]), Types.RegisterRecords);
        Assert.Equal(new RegisterResult(0, 1), Read(response.Payload.ToArray(), Types.RegisterResult));
        Assert.Empty(stub.Writes);
        Assert.Null(stub.Event);
    }

    [Fact]
    public async Task An_id_with_other_content_refuses_the_whole_batch()
    {
        using var scene = await WithRecordsAsync();
        await scene.RefusedAsync("record.id_taken", North, Register,
            new RegisterRecords([scene.Record(4), scene.Record(1) with { Size = 5 }]), Types.RegisterRecords);
    }

    [Fact]
    public async Task Another_custodian_cannot_take_an_id_away()
    {
        using var scene = await WithRecordsAsync();
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient,
            scene.Sign(new HealthShare.Policy.Statements.LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(South, Register, new RegisterRecords([scene.Record(1) with { Size = 5 }]), Types.RegisterRecords);
        var list = await scene.QueryAsync(East, LedgerTransactions.ListRecords, scene.PatientId, Types.RecordList);
        Assert.Equal([North, South], list.Records.Where(entry => entry.Record.RecordId == RecordId(1)).Select(entry => entry.Custodian));
    }

    [Fact]
    public async Task Only_affiliated_hospitals_register()
    {
        using var scene = await WithPatientAsync();
        var batch = new RegisterRecords([scene.Record(1)]);
        await scene.RefusedAsync("patient.not_affiliated", South, Register, batch, Types.RegisterRecords);
        await scene.RefusedAsync("caller.not_hospital", Regulator, Register, batch, Types.RegisterRecords);
        await scene.RefusedAsync("caller.not_member", Stranger, Register, batch, Types.RegisterRecords);
        await scene.RefusedAsync("patient.not_affiliated", North, Register,
            new RegisterRecords([scene.Record(1), scene.Record(2) with { PatientId = LedgerId.New(IdKind.Patient) }]), Types.RegisterRecords);
    }

    [Fact]
    public async Task Records_that_are_not_well_formed_are_refused()
    {
        using var scene = await WithPatientAsync();
        var good = scene.Record(1);
        foreach (var bad in (NewRecord[])
        [
            good with { PatientId = "x" }, good with { RecordId = "rc-1" }, good with { Categories = [] }, good with { Categories = ["LAB"] },
            good with { Categories = [Lab, Lab] }, good with { Labels = ["HIV"] }, good with { Author = "Dr Roe" },
            good with { Encounter = "" }, good with { Confidentiality = "n" }, good with { Cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG" },
            good with { Cid = "ba" + new string('a', 127) }, good with { Size = 0 }, good with { Size = (1L << 40) + 1 },
            good with { KeyCommitment = "AAAA" },
            good with { Labels = [.. Enumerable.Range(0, 17).Select(i => TokenOf(TokenDimension.Label, $"{i}"))] },
        ])
            await scene.RefusedAsync("arguments.invalid", North, Register, new RegisterRecords([bad]), Types.RegisterRecords);
        await scene.RefusedAsync("arguments.invalid", North, Register, new RegisterRecords([]), Types.RegisterRecords);
        await scene.RefusedAsync("arguments.invalid", North, Register, new RegisterRecords([good, good]), Types.RegisterRecords);
        await scene.RefusedAsync("arguments.invalid", North, Register,
            new RegisterRecords([.. Enumerable.Range(1, 101).Select(scene.Record)]), Types.RegisterRecords);
        await scene.RefusedAsync("arguments.invalid", North, Register,
            Json(new RegisterRecords([good]), Types.RegisterRecords).Replace("T08:00:00Z", "T08:00:00.5Z", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_records_go_in_one_transaction()
    {
        using var scene = await WithPatientAsync();
        var result = Read(await scene.SubmitAsync(North, Register,
            new RegisterRecords([.. Enumerable.Range(1, 100).Select(scene.Record)]), Types.RegisterRecords), Types.RegisterResult);
        Assert.Equal(new RegisterResult(100, 0), result);
    }

    [Fact]
    public async Task Records_are_shown_to_members_only()
    {
        using var scene = await WithRecordsAsync();
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.ListRecords, scene.PatientId);
        await scene.RefusedAsync("patient.not_found", North, LedgerTransactions.ListRecords, LedgerId.New(IdKind.Patient));
        var query = new GetRecord(scene.PatientId, North, RecordId(9));
        await scene.RefusedAsync("caller.not_member", Stranger, LedgerTransactions.GetRecord, query, Types.GetRecord);
        await scene.RefusedAsync("record.not_found", North, LedgerTransactions.GetRecord, query, Types.GetRecord);
    }

    [Fact]
    public async Task What_became_of_records_is_said_once_and_the_records_stay()
    {
        using var scene = await WithRecordsAsync();
        var said = new NewSupersession(scene.PatientId, RecordId(1), Relation.Replaces, RecordId(2));
        var withdrawn = new NewSupersession(scene.PatientId, RecordId(3), Relation.Withdraws);
        var (response, stub) = await scene.RunAsync(North, Supersede, new SupersedeRecords([said, withdrawn]), Types.SupersedeRecords);
        Assert.Equal(new SupersedeResult(2, 0), Read(response.Payload.ToArray(), Types.SupersedeResult));
        stub.Commit();
        Assert.Equal(new SupersessionEntry(North, Start, said),
            Read(scene.Ledger.State[LedgerKey.Supersession(scene.PatientId, North, RecordId(1), RecordId(2))], Types.SupersessionEntry));
        Assert.Equal(new SupersessionEntry(North, Start, withdrawn),
            Read(scene.Ledger.State[LedgerKey.Supersession(scene.PatientId, North, RecordId(3), null)], Types.SupersessionEntry));
        (response, stub) = await scene.RunAsync(North, Supersede, new SupersedeRecords([said, withdrawn]), Types.SupersedeRecords);
        Assert.Equal(new SupersedeResult(0, 2), Read(response.Payload.ToArray(), Types.SupersedeResult));
        Assert.Empty(stub.Writes);
        Assert.Equal(3, (await scene.QueryAsync(East, LedgerTransactions.ListRecords, scene.PatientId, Types.RecordList)).Records.Count);
        await scene.RefusedAsync("record.relation_taken", North, Supersede, new SupersedeRecords([said with { Relation = Relation.Amends }]), Types.SupersedeRecords);
    }

    [Fact]
    public async Task Only_the_custodian_says_what_became_of_a_record_and_only_of_records_that_are_there()
    {
        using var scene = await WithRecordsAsync();
        var said = new NewSupersession(scene.PatientId, RecordId(1), Relation.Replaces, RecordId(2));
        await scene.RefusedAsync("patient.not_affiliated", South, Supersede, new SupersedeRecords([said]), Types.SupersedeRecords);
        await scene.RefusedAsync("caller.not_hospital", Regulator, Supersede, new SupersedeRecords([said]), Types.SupersedeRecords);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient,
            scene.Sign(new HealthShare.Policy.Statements.LinkBody(South)), Types.SignedStatement);
        await scene.RefusedAsync("record.not_found", South, Supersede, new SupersedeRecords([said]), Types.SupersedeRecords);
        await scene.RefusedAsync("record.not_found", North, Supersede, new SupersedeRecords([said, said with { RecordId = RecordId(7) }]), Types.SupersedeRecords);
        await scene.RefusedAsync("record.not_found", North, Supersede, new SupersedeRecords([said with { By = RecordId(7) }]), Types.SupersedeRecords);
        foreach (var bad in (NewSupersession[])
        [
            said with { By = RecordId(1) }, said with { By = null }, said with { By = "rc-1" }, said with { RecordId = "x" }, said with { PatientId = "x" },
            said with { Relation = Relation.Withdraws },
        ])
            await scene.RefusedAsync("arguments.invalid", North, Supersede, new SupersedeRecords([bad]), Types.SupersedeRecords);
        await scene.RefusedAsync("arguments.invalid", North, Supersede, new SupersedeRecords([said, said]), Types.SupersedeRecords);
        await scene.RefusedAsync("arguments.invalid", North, Supersede, new SupersedeRecords([]), Types.SupersedeRecords);
    }
}
