using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>What the pipeline asks of the ledger. All of it may be repeated without a second effect.</summary>
internal interface IIntakeLedger
{
    /// <summary>Name of the channel.</summary>
    string Channel { get; }

    /// <summary>Enrols a patient, or finds that this member has done so already.</summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">It failed; the exception says how far it got.</exception>
    Task EnrollAsync(string patientId, CancellationToken ct);

    /// <summary>Registers records in one transaction; those that are there with the same content count as registered.</summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">It failed; the exception says how far it got.</exception>
    Task RegisterAsync(IReadOnlyList<NewRecord> records, CancellationToken ct);

    /// <summary>This hospital's record as the node has seen it on the channel; null where it has not.</summary>
    Task<NewRecord?> FindRecordAsync(string patientId, string recordId, CancellationToken ct);

    /// <summary>
    /// True once the node has seen every block that the channel had when this was asked, for which it waits a while: only then a record that it has not seen was
    /// not there.
    /// </summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">Nobody says how far the channel is.</exception>
    Task<bool> HasSeenAllAsync(CancellationToken ct);

    /// <summary>Gives the hospital's word that two ids are one person. Where another hospital spoke first, its id of the merge is used.</summary>
    /// <returns>False where another hospital's word is missing.</returns>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">It failed; the exception says how far it got.</exception>
    Task<bool> MergeAsync(string mergeId, string merged, string surviving, CancellationToken ct);

    /// <summary>Says in one transaction what became of records; what was said before counts as said.</summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">It failed; the exception says how far it got.</exception>
    Task SupersedeAsync(IReadOnlyList<NewSupersession> supersessions, CancellationToken ct);
}

/// <summary>The channel itself.</summary>
internal sealed class IntakeLedger(LedgerService ledger, Replica replica, IReadModel readModel, CatchUp catchUp) : IIntakeLedger
{
    public string Channel => ledger.Channel;

    public Task EnrollAsync(string patientId, CancellationToken ct) => ledger.SubmitAsync(
        LedgerTransactions.EnrollPatient, new EnrollPatient(patientId), LedgerJson.Default.EnrollPatient, LedgerJson.Default.PatientEntry, ct);

    public Task RegisterAsync(IReadOnlyList<NewRecord> records, CancellationToken ct) => ledger.SubmitAsync(
        LedgerTransactions.RegisterRecords, new RegisterRecords(records), LedgerJson.Default.RegisterRecords, LedgerJson.Default.RegisterResult, ct);

    public async Task<NewRecord?> FindRecordAsync(string patientId, string recordId, CancellationToken ct) =>
        (await replica.GetAsync(LedgerKey.Record(patientId, ledger.MspId, recordId), LedgerJson.Default.RecordEntry, ct))?.Record;

    public async Task<bool> HasSeenAllAsync(CancellationToken ct)
    {
        var height = await ledger.HeightAsync(ct);
        if (readModel.Height < height)
            await catchUp.ToAsync(height - 1, ct);
        return readModel.Height >= height;
    }

    public async Task<bool> MergeAsync(string mergeId, string merged, string surviving, CancellationToken ct)
    {
        var known = await replica.GetAsync(LedgerKey.Merge(surviving, merged), LedgerJson.Default.MergeEntry, ct);
        var commit = await ledger.SubmitAsync(LedgerTransactions.MergePatients, new MergePatients(known?.Merge.MergeId ?? mergeId, merged, surviving),
            LedgerJson.Default.MergePatients, LedgerJson.Default.MergeEntry, ct);
        return commit.Result.CompleteAt is not null;
    }

    public Task SupersedeAsync(IReadOnlyList<NewSupersession> supersessions, CancellationToken ct) => ledger.SubmitAsync(
        LedgerTransactions.SupersedeRecords, new SupersedeRecords(supersessions), LedgerJson.Default.SupersedeRecords, LedgerJson.Default.SupersedeResult, ct);
}
