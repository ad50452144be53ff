using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Receipts;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Incidents;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>
/// With the block that brings an erasure, everything goes that lies in the database: received keys, the label key, envelopes that wait,
/// the hospital's numbers of the person. What takes the content store or the channel is left to <see cref="ErasureWorker"/>. A custodian
/// keeps what nobody could make again, its own keys and content, for a while where its own list does not vouch for the signature.
/// </summary>
internal sealed class ErasureProjection(IncidentLog incidents, ILedger ledger, IOptions<ErasureOptions> options) : IProjection
{
    // Tables that say who the person is, what the person signs with, or what other systems are still to be told. Logs of who read what stay: they
    // are the proof. What this block itself tells of the erasure is written after, and goes in its time.
    private static readonly string[] Personal =
        ["trusted_credential", "credential_to_pin", "vouched_signer", "label_key_task", "patient_handle", "webhook_delivery", "event"];

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.Patient, Value: { } value }
                && JsonSerializer.Deserialize(value.Span, LedgerJson.Default.PatientEntry) is { IsErased: true } patient)
                await EraseAsync(patient, block.SeenAt, transaction, ct);
        }
    }

    private async Task EraseAsync(PatientEntry patient, DateTimeOffset at, DbTransaction transaction, CancellationToken ct)
    {
        var patientId = patient.PatientId;
        // Before the list goes with the rest.
        DateTimeOffset? heldUntil = await IsCustodianAsync(patientId, transaction, ct)
            && !await ErasureSigner.IsTrustedAsync(transaction, ledger.Channel, patient, ct) ? at + options.Value.UntrustedWait : null;
        if (await ErasureTasks.AddAsync(transaction, patientId, at, heldUntil, ct) && heldUntil is { } until)
        {
            await incidents.NoteAsync(new Incident(at, ErasureState.SignerNotTrusted, patientId, patient.ErasedBy!,
                $"Own keys and content are destroyed at {until:O}."), transaction, ct);
        }
        await ReceivedKeys.DeleteByPatientAsync(transaction, patientId, ct);
        if (heldUntil is null)
            await LabelKeys.EraseAsync(transaction, patientId);
        await ReleaseTasks.EraseAsync(transaction, patientId, ct);
        await ReceiptTasks.EraseAsync(transaction, patientId, ct);
        await PatientDirectory.EraseAsync(transaction, patientId, at, ct);
        foreach (var table in Personal)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"DELETE FROM {table} WHERE patient_id = @patientId", new { patientId }, transaction, cancellationToken: ct));
        }
    }

    private async Task<bool> IsCustodianAsync(string patientId, DbTransaction transaction, CancellationToken ct)
    {
        await foreach (var _ in new ReplicaInBlock(transaction).ListAsync(LedgerKind.Record, [patientId, ledger.MspId], ct))
            return true;
        return false;
    }
}
