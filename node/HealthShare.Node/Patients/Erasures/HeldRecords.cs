using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
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
    /// <param name="patientId">Patient.</param>
    /// <param name="heldUntil">Until when all is kept, at a time ahead; null where only what must be retained is.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>When the first and the last of what is kept go; null where nothing is.</returns>
    /// <exception cref="IOException">The content store does not answer; the keys are gone already.</exception>
    public async Task<(DateTimeOffset First, DateTimeOffset Last)?> DestroyAsync(
        string patientId, DateTimeOffset? heldUntil, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var records = await replica.ListAsync(LedgerKind.Record, [patientId, ledger.MspId], LedgerJson.Default.RecordEntry, ct);
        var kept = records.ToLookup(record => KeptUntil(record, heldUntil) > now);
        await sealedRecords.ForgetAsync(patientId, [.. kept[false].Select(record => record.Record.RecordId)], ct);
        if (heldUntil is null)
            await ForgetUnregisteredAsync(patientId, records, ct);
        var left = await LeftAsync(patientId, ct);
        foreach (var content in kept[false].Select(record => record.Record.Cid).Union(left, StringComparer.Ordinal))
        {
            // Nobody but this node put it there, for its key was made here; one that another record refers to all the same stays.
            if (Cid.TryParse(content, out var cid) && !await sealedRecords.HoldsAsync(cid, ct))
                await store.UnpinAsync(cid, ct);
        }
        await sealedRecords.ReleasedAsync(patientId, left, ct);
        var ends = kept[true].Select(record => KeptUntil(record, heldUntil)).Order().ToList();
        if (ends.Count == 0 && heldUntil is { } held)
            ends.Add(held); // records that went meanwhile
        return ends.Count == 0 ? null : (ends[0], ends[^1]);
    }

    /// <summary>Whether messages about the patient are on their way to the channel, which will refuse them.</summary>
    public async Task<bool> AreUnderWayAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            $"SELECT count(*) FROM intake_message WHERE patient_id = @patientId AND state <> 'received' AND {IntakeTable.OnTheirWay}", new { patientId },
            cancellationToken: ct)) > 0;
    }

    /// <summary>Takes the patient's id out of the intake's journal, where nothing of a message is left to destroy.</summary>
    public Task ForgetMessagesAsync(string patientId, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE intake_message SET patient_id = NULL, meaning = NULL WHERE patient_id = @patientId AND state IN ('registered', 'quarantined', 'discarded')
                AND NOT EXISTS (SELECT 1 FROM sealed_record WHERE sealed_record.record_id = intake_message.record_id)
            """, new { patientId }, transaction, cancellationToken: ct)), ct);

    private DateTimeOffset KeptUntil(RecordEntry record, DateTimeOffset? heldUntil)
    {
        var span = TimeSpan.FromDays(options.Value.RetainDays);
        var retained = span == TimeSpan.Zero ? DateTimeOffset.MinValue
            : record.Record.Date > DateTimeOffset.MaxValue - span ? DateTimeOffset.MaxValue
            : record.Record.Date + span;
        return heldUntil > retained ? heldUntil.Value : retained;
    }

    // Sealed, and then refused by the channel. Of what staff discarded nothing is left: it went in that transaction.
    private Task ForgetUnregisteredAsync(string patientId, List<RecordEntry> registered, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var ids = await transaction.Connection!.QueryAsync<string>(new CommandDefinition("""
                SELECT record_id FROM intake_message WHERE patient_id = @patientId AND record_id IS NOT NULL AND state = 'quarantined'
                """, new { patientId }, transaction, cancellationToken: ct));
            foreach (var id in ids.Except(registered.Select(record => record.Record.RecordId), StringComparer.Ordinal))
                await SealedRecords.ForgetAsync(transaction, patientId, id);
        }, ct);

    // Kept apart until the store has let go of them: the rows that named them went with their keys.
    private async Task<IReadOnlyList<string>> LeftAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT cid FROM erased_content WHERE patient_id = @patientId", new { patientId }, cancellationToken: ct))];
    }
}
