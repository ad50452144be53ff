using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>What the pipeline asks of the ledger. Both may be repeated without a second effect.</summary>
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
}

/// <summary>The channel itself.</summary>
internal sealed class IntakeLedger(LedgerService ledger) : IIntakeLedger
{
    public string Channel => ledger.Channel;

    public Task EnrollAsync(string patientId, CancellationToken ct) => ledger.SubmitAsync(
        LedgerTransactions.EnrollPatient, new EnrollPatient(patientId), LedgerJson.Default.EnrollPatient, LedgerJson.Default.PatientEntry, ct);

    public Task RegisterAsync(IReadOnlyList<NewRecord> records, CancellationToken ct) => ledger.SubmitAsync(
        LedgerTransactions.RegisterRecords, new RegisterRecords(records), LedgerJson.Default.RegisterRecords, LedgerJson.Default.RegisterResult, ct);
}
