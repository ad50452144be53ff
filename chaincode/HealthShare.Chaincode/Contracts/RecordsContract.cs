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
    /// <param name="batch">1 to 100 records.</param>
    /// <exception cref="ContractException">
    /// <c>caller.not_hospital</c>, <c>arguments.invalid</c>, <c>patient.not_affiliated</c> or <c>record.id_taken</c>.
    /// </exception>
    [Transaction]
    public async Task<RegisterResult> RegisterAsync(TransactionContext tx, RegisterRecords batch)
    {
        var custodian = (await HospitalAsync(tx)).MspId;
        Require.Count(batch.Records, 1, Limits.RecordsPerTransaction, "records");
        foreach (var record in batch.Records)
            RecordRules.Check(record);
        Require.Distinct(batch.Records.Select(record => record.RecordId), "records");
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
        foreach (var (key, entry) in fresh)
            await tx.PutAsync(key, entry, LedgerJson.Default.RecordEntry);
        if (fresh.Count > 0)
            Announce(tx, [.. fresh.Select(item => item.Key)]);
        return new RegisterResult(fresh.Count, batch.Records.Count - fresh.Count);
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
