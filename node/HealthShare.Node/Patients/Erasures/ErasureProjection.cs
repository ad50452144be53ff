using System.Data.Common;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Receipts;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Keys;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>
/// With the block that brings an erasure, everything goes that lies in the database: received keys, the label key, envelopes that wait,
/// the hospital's numbers of the person. What takes the content store or the channel is left to <see cref="ErasureWorker"/>.
/// </summary>
internal sealed class ErasureProjection : IProjection
{
    // Tables that say who the person is, or what the person signs with. Logs of who read what stay: they are the proof.
    private static readonly string[] Personal = ["trusted_credential", "vouched_signer", "label_key_task"];

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.Patient, Value: { } value }
                && JsonSerializer.Deserialize(value.Span, LedgerJson.Default.PatientEntry) is { IsErased: true })
                await EraseAsync(write.Parts[0], block.SeenAt, transaction, ct);
        }
    }

    private static async Task EraseAsync(string patientId, DateTimeOffset at, DbTransaction transaction, CancellationToken ct)
    {
        await ErasureTasks.AddAsync(transaction, patientId, at, ct);
        await ReceivedKeys.DeleteByPatientAsync(transaction, patientId, ct);
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
}
