using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>What this node holds of its own records of a patient: their keys, and their content in the store.</summary>
internal sealed class HeldRecords(
    Replica replica, IDatabase database, SealedRecords sealedRecords, IContentStore store, ILedger ledger, IOptions<ErasureOptions> options,
    TimeProvider clock)
{
    /// <summary>
    /// Destroys all that need not be kept: the keys first, so that what remains of a content is noise, then the content itself. All of
    /// it can be repeated.
    /// </summary>
    /// <returns>When the first and the last of what is kept go; null where nothing is.</returns>
    /// <exception cref="IOException">The content store does not answer; the keys are gone already.</exception>
    public async Task<(DateTimeOffset First, DateTimeOffset Last)?> DestroyAsync(string patientId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var records = await replica.ListAsync(LedgerKind.Record, [patientId, ledger.MspId], LedgerJson.Default.RecordEntry, ct);
        var kept = records.ToLookup(record => KeptUntil(record) > now);
        var contents = kept[false].Select(record => record.Record.Cid).ToHashSet(StringComparer.Ordinal);
        await sealedRecords.ForgetAsync([.. kept[false].Select(record => record.Record.RecordId)], ct);
        contents.UnionWith(await ForgetUnregisteredAsync(patientId, records, ct));
        foreach (var content in contents)
        {
            // Nobody but this node put it there, for its key was made here; one that another record refers to all the same stays.
            if (Cid.TryParse(content, out var cid) && !await sealedRecords.HoldsAsync(cid, ct))
                await store.UnpinAsync(cid, ct);
        }
        var ends = kept[true].Select(KeptUntil).Order().ToList();
        return ends.Count == 0 ? null : (ends[0], ends[^1]);
    }

    /// <summary>Whether messages about the patient are on their way to the channel, which will refuse them.</summary>
    public async Task<bool> AreUnderWayAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM intake_message WHERE patient_id = @patientId AND state IN ('parsed', 'stored')", new { patientId },
            cancellationToken: ct)) > 0;
    }

    /// <summary>Takes the patient's id out of the intake's journal, which needs it no more.</summary>
    public Task ForgetMessagesAsync(string patientId, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE intake_message SET patient_id = NULL, meaning = NULL WHERE patient_id = @patientId AND state IN ('registered', 'quarantined')",
            new { patientId }, transaction, cancellationToken: ct)), ct);

    private DateTimeOffset KeptUntil(RecordEntry record)
    {
        var span = TimeSpan.FromDays(options.Value.RetainDays);
        return span == TimeSpan.Zero ? DateTimeOffset.MinValue
            : record.Record.Date > DateTimeOffset.MaxValue - span ? DateTimeOffset.MaxValue
            : record.Record.Date + span;
    }

    // Sealed, and then refused by the channel.
    private async Task<IReadOnlyList<string>> ForgetUnregisteredAsync(string patientId, List<RecordEntry> registered, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var ids = await connection.QueryAsync<string>(new CommandDefinition("""
            SELECT record_id FROM intake_message WHERE patient_id = @patientId AND record_id IS NOT NULL AND state = 'quarantined'
            """, new { patientId }, cancellationToken: ct));
        var left = ids.Except(registered.Select(record => record.Record.RecordId)).ToList();
        var contents = new List<string>();
        foreach (var id in left)
        {
            if (await sealedRecords.FindAsync(id, ct) is { } record)
                contents.Add(record.Cid.ToString());
        }
        await sealedRecords.ForgetAsync(left, ct);
        return contents;
    }
}
