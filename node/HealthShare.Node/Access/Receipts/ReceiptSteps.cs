using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Vault;
using HealthShare.Vault.Records;
using HealthShare.Vault.Sealing;

namespace HealthShare.Node.Access.Receipts;

/// <summary>Fetches an envelope from its custodian's peer, opens it, and keeps each key that is the one the ledger commits to.</summary>
internal sealed class ReceiptSteps(
    ReceiptTasks tasks, Replica replica, LedgerService ledger, NodeKeys nodeKeys, ReceivedKeys received, ReceivedKeyReview review,
    IncidentLog incidents, IDatabase database, TimeProvider clock)
{
    private const int MaxEnvelopeBytes = 64 * 1024;

    /// <summary>Does all of it; can be repeated without a second effect.</summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The envelope cannot be fetched (yet).</exception>
    public async Task ReceiveAsync(ReceiptTask task, CancellationToken ct)
    {
        var reference = new AccessRef(task.PatientId, ledger.MspId, task.AccessId);
        var access = await replica.GetAsync(LedgerKey.Access(reference), LedgerJson.Default.AccessEntry, ct);
        var release = await replica.GetAsync(
            LedgerKey.Release(reference, task.Custodian, task.ReleaseId), LedgerJson.Default.ReleaseEntry, ct);
        if (access is null || release is null || ReleaseIds.NotAfter(access, task.Custodian, release.Release.RecordIds) is not { } notAfter)
        {
            await FailAsync(task, "access.release_unfounded", ct);
            return;
        }
        var answer = await ledger.EvaluateAsync(LedgerTransactions.GetEnvelope, new GetEnvelope(reference, task.Custodian, task.ReleaseId),
            LedgerJson.Default.GetEnvelope, LedgerJson.Default.SealedEnvelope, task.Custodian, ct);
        if (!StrictBase64Url.TryDecode(answer.Envelope, MaxEnvelopeBytes, out var envelope)
            || Base64Url.EncodeToString(SHA256.HashData(envelope)) != release.Release.EnvelopeHash)
        {
            await FailAsync(task, "access.envelope_not_released", ct);
            return;
        }
        var info = ReleaseIds.Info(ledger.Channel, access, task.Custodian, task.ReleaseId, release.Release.KeyId, release.Release.RecordIds, notAfter);
        IReadOnlyList<EnvelopeKey> keys;
        try
        {
            keys = nodeKeys.Open(envelope, info);
        }
        catch (VaultException e)
        {
            await FailAsync(task, e.Code, ct);
            return;
        }
        await KeepAsync(task, access, release, keys, ct);
    }

    private async Task KeepAsync(
        ReceiptTask task, AccessEntry access, ReleaseEntry release, IReadOnlyList<EnvelopeKey> keys, CancellationToken ct)
    {
        try
        {
            foreach (var recordId in release.Release.RecordIds)
            {
                var key = keys.FirstOrDefault(key => key.Record == recordId);
                if (key is null || !await MatchesAsync(task, key, ct))
                {
                    await FailAsync(task, "access.key_not_committed", ct);
                    return;
                }
            }
            foreach (var recordId in release.Release.RecordIds)
            {
                var decision = access.Decisions.First(decision => decision.Record == new RecordRef(task.Custodian, recordId));
                var key = keys.First(key => key.Record == recordId);
                var end = decision.NotAfter!.Value < release.NotAfter ? decision.NotAfter.Value : release.NotAfter;
                await received.KeepAsync(
                    new ReceivedKey(task.AccessId, recordId, task.PatientId, decision.StatementId, end), key.Key, key.Salt, ct);
            }
        }
        finally
        {
            foreach (var key in keys)
                CryptographicOperations.ZeroMemory(key.Key);
        }
        // A revocation may have come while the envelope was on its way; the block that brought it found no key to delete.
        await database.WriteAsync(transaction => review.ApplyAsync(task.PatientId, clock.GetUtcNow(), transaction, ct), ct);
        await tasks.ReceivedAsync(task, ct);
    }

    private async Task<bool> MatchesAsync(ReceiptTask task, EnvelopeKey key, CancellationToken ct)
    {
        var record = await replica.GetAsync(
            LedgerKey.Record(task.PatientId, task.Custodian, key.Record), LedgerJson.Default.RecordEntry, ct);
        return record is not null
            && StrictBase64Url.TryDecode(record.Record.KeyCommitment, RecordKeyCommitment.Size, out var commitment)
            && RecordKeyCommitment.Matches(commitment, key.Salt, key.Key);
    }

    // What the custodian sent is not what it released: somebody must look.
    private Task FailAsync(ReceiptTask task, string code, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        await incidents.NoteAsync(new Incident(
            clock.GetUtcNow(), code, task.PatientId, task.ReleaseId, $"access {task.AccessId}, released by {task.Custodian}"), transaction, ct);
        await ReceiptTasks.FailedAsync(transaction, task, code, ct);
    }, ct);
}
