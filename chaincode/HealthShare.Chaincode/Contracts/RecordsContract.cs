using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Records: where their ciphertext lies and what decisions need to know, in tokens.</summary>
/// <param name="clock">The endorser's clock.</param>
public sealed class RecordsContract(TimeProvider clock) : LedgerContract(clock)
{
    /// <summary>Registers a batch. All are registered or none; those that are there already are left as they are.</summary>
    /// <param name="tx">The transaction; the calling hospital becomes the custodian.</param>
    /// <param name="batch">1 to 100 records; a part only together with its whole.</param>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_affiliated</c>, <c>record.id_taken</c>, <c>record.part_unfounded</c> or
    /// <c>record.part_late</c>.
    /// </exception>
    [Transaction]
    public async Task<RegisterResult> RegisterAsync(TransactionContext tx, RegisterRecords batch)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        Require.Count(batch.Records, 1, Limits.RecordsPerTransaction, "records");
        foreach (var record in batch.Records)
            RecordRules.Check(record);
        Require.Distinct(batch.Records.Select(record => record.RecordId), "records");
        RecordRules.CheckParts(batch.Records);
        foreach (var patientId in batch.Records.Select(record => record.PatientId).Distinct(StringComparer.Ordinal))
            await RequireAffiliationAsync(tx, patientId, custodian);

        var fresh = new List<(string Key, RecordEntry Entry)>();
        foreach (var record in batch.Records)
        {
            var key = LedgerKey.Record(record.PatientId, custodian, record.RecordId);
            var entry = new RecordEntry(custodian, TimeOf(tx), record);
            if (await tx.GetAsync(key, LedgerJson.Default.RecordEntry) is not { } existing)
                fresh.Add((key, entry));
            else if (!Same(existing.Record, record, LedgerJson.Default.NewRecord))
                throw new ContractException("record.id_taken", $"Record '{record.RecordId}' is registered with other content.");
        }
        RecordRules.CheckTogether(batch.Records, [.. fresh.Select(item => item.Entry.Record)]);
        foreach (var (key, entry) in fresh)
            await tx.PutAsync(key, entry, LedgerJson.Default.RecordEntry);
        if (fresh.Count > 0)
            Announce(tx, [.. fresh.Select(item => item.Key)]);
        return new RegisterResult(fresh.Count, batch.Records.Count - fresh.Count);
    }

    /// <summary>
    /// Says what became of records: that later ones of the same custodian replace, amend or cancel them, or that they were taken back. The
    /// records stay. All of it is said or nothing; what was said before, in the same words, is left as it is.
    /// </summary>
    /// <param name="tx">The transaction; the calling hospital is the custodian.</param>
    /// <param name="batch">1 to 100 supersessions.</param>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_affiliated</c>, <c>patient.erased</c>, <c>record.not_found</c>,
    /// <c>record.is_part</c> or <c>record.relation_taken</c>.
    /// </exception>
    [Transaction]
    public async Task<SupersedeResult> SupersedeAsync(TransactionContext tx, SupersedeRecords batch)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        Require.Count(batch.Supersessions, 1, Limits.RecordsPerTransaction, "supersessions");
        foreach (var one in batch.Supersessions)
            RecordRules.Check(one);
        Require.Distinct(batch.Supersessions.Select(one => (one.PatientId, one.RecordId, one.By)), "supersessions");
        foreach (var patientId in batch.Supersessions.Select(one => one.PatientId).Distinct(StringComparer.Ordinal))
            await RequireAffiliationAsync(tx, patientId, custodian);

        var fresh = new List<(string Key, SupersessionEntry Entry)>();
        foreach (var one in batch.Supersessions)
        {
            foreach (var recordId in (string[])[one.RecordId, .. one.By is { } by ? [by] : Array.Empty<string>()])
                await RecordRules.FindWholeAsync(tx, one.PatientId, new RecordRef(custodian, recordId));
            var key = LedgerKey.Supersession(one.PatientId, custodian, one.RecordId, one.By);
            if (await tx.GetAsync(key, LedgerJson.Default.SupersessionEntry) is not { } existing)
                fresh.Add((key, new SupersessionEntry(custodian, TimeOf(tx), one)));
            else if (existing.Supersession != one)
                throw new ContractException("record.relation_taken", $"The records '{one.RecordId}' and '{one.By}' stand otherwise to each other.");
        }
        foreach (var (key, entry) in fresh)
            await tx.PutAsync(key, entry, LedgerJson.Default.SupersessionEntry);
        if (fresh.Count > 0)
            Announce(tx, [.. fresh.Select(item => item.Key)]);
        return new SupersedeResult(fresh.Count, batch.Supersessions.Count - fresh.Count);
    }

    /// <summary>One record; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>record.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<RecordEntry> GetAsync(TransactionContext tx, GetRecord query)
    {
        await MemberAsync(tx);
        Require.Id(IdKind.Patient, query.PatientId, "patientId");
        Require.MspId(query.Custodian, "custodian");
        Require.Id(IdKind.Record, query.RecordId, "recordId");
        return await RecordRules.FindAsync(tx, query.PatientId, new RecordRef(query.Custodian, query.RecordId));
    }

    /// <summary>All records of a patient; for members of the channel.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>patient.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<RecordList> ListByPatientAsync(TransactionContext tx, string patientId)
    {
        await MemberAsync(tx);
        await PatientAsync(tx, patientId);
        return new RecordList(await ListAsync(tx, LedgerKind.Record, [patientId], LedgerJson.Default.RecordEntry));
    }
}
