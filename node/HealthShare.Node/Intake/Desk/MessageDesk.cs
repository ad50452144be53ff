using Dapper;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.Node.Problems;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Intake.Desk;

/// <summary>What staff do with messages: send them through again, let them go, look into one. Each is in the history before it has an effect.</summary>
internal sealed partial class MessageDesk(
    IDatabase database, IntakeTable table, IntakeHistory history, IntakeKeys keys, SealedRecords sealedRecords, IContentStore store, IIntakeLedger ledger, IntakeSignal signal,
    IntakeMetrics metrics, TimeProvider clock, ILogger<MessageDesk> logger)
{
    private static readonly ApiProblem NotSeenYet = new(StatusCodes.Status503ServiceUnavailable, StageFailures.NotSeenYet,
        "The message's record may be on the ledger, and this node's copy of the channel is behind: discard it once the copy has caught up.");

    /// <summary>One message with what was done with it, or null.</summary>
    public async Task<MessageStatus?> FindAsync(string id, CancellationToken ct)
    {
        if (await table.FindAsync(id, ct) is not { } message)
            return null;
        var steps = await history.ListAsync(message.Sequence, ct);
        return MessageStatus.Of(message, [.. steps.Select(step => new MessageStep(MessageStatus.Time(step.At), step.Step, step.Actor, step.Detail))]);
    }

    /// <summary>Takes a message out of quarantine and through all steps again.</summary>
    /// <exception cref="ApiProblemException">There is no such message, or it is not in quarantine.</exception>
    public async Task ReplayAsync(string id, string actor, CancellationToken ct)
    {
        await LeaveQuarantineAsync(id, IntakeState.Received, "replayed", actor, null, null, ct);
        metrics.Moved(IntakeState.Received, 1);
        signal.Set(IntakeState.Received);
    }

    /// <summary>Lets a message in quarantine go: its content is deleted, sealed or not, with its key; what was done stays known for a while.</summary>
    /// <exception cref="ApiProblemException">
    /// There is no such message, it is not in quarantine, its record is on the ledger, or may be: this node has not seen all of the channel.
    /// </exception>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">Its record may be on the ledger, and nobody says how far the channel is.</exception>
    public async Task DiscardAsync(string id, string actor, string reason, CancellationToken ct)
    {
        var message = await table.FindAsync(id, ct);
        var isRegistered = message is { State: "quarantined" } && await IsRegisteredAsync(message, ct);
        // Discarded means that it never had an effect. Of a patient who erased it may go all the same; the erasure sees to what was registered.
        if (isRegistered && message is { ReasonCode: not StageFailures.Erased })
            throw new ApiProblemException(new ApiProblem(StatusCodes.Status409Conflict, "message.registered", "The message's record is on the ledger: replay it."));
        var contents = await LeaveQuarantineAsync(id, IntakeState.Discarded, "discarded", actor, reason, isRegistered ? null : message, ct);
        metrics.Moved(IntakeState.Discarded, 1);
        if (contents.Count > 0)
            await ReleaseAsync(message!, contents, ct);
    }

    /// <summary>The exact bytes of a message whose content is still in the journal.</summary>
    /// <exception cref="ApiProblemException">There is no such message, or its content is not here any more.</exception>
    public async Task<byte[]> ReadContentAsync(string id, string actor, CancellationToken ct)
    {
        if (await table.FindAsync(id, ct) is not { } message)
            throw new ApiProblemException(ApiProblem.NotAvailable);
        // Who looked is on the disk before anything is shown.
        var payload = await database.WriteAsync(async transaction =>
        {
            await history.AddAsync(transaction, [message.Sequence], "contentRead", actor, null, ct);
            return await transaction.Connection!.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
                "SELECT payload FROM intake_payload WHERE message = @Sequence", new { message.Sequence }, transaction, cancellationToken: ct));
        }, ct);
        return payload is null
            ? throw new ApiProblemException(new ApiProblem(StatusCodes.Status410Gone, "message.content_gone", "The content is not in the journal any more."))
            : keys.Payloads.Unprotect(payload, message.Id, "payload");
    }

    // By the record id alone it may be another's: what tells is that content and key are those sealed here. A record that was not seen tells nothing, before
    // all of the channel was: its key would be destroyed.
    private async Task<bool> IsRegisteredAsync(IntakeMessage message, CancellationToken ct)
    {
        if (message is not { PatientId: { } patientId, RecordId: { } recordId })
            return false;
        var sealedHere = await sealedRecords.FindAsync(recordId, ct);
        var registered = await ledger.FindRecordAsync(patientId, recordId, ct);
        if (registered is null && sealedHere is not null)
        {
            if (!await ledger.HasSeenAllAsync(ct))
                throw new ApiProblemException(NotSeenYet);
            registered = await ledger.FindRecordAsync(patientId, recordId, ct);
        }
        return registered is not null && (sealedHere is null || sealedHere.IsOf(registered));
    }

    // Without its key it is noise already. Where the store is away the contents stay noted, for an erasure of the patient and for the search for orphans.
    private async Task ReleaseAsync(IntakeMessage message, IReadOnlyList<string> contents, CancellationToken ct)
    {
        try
        {
            foreach (var content in contents)
                await store.UnpinAsync(Cid.Parse(content), ct);
        }
        catch (IOException e)
        {
            LogStillPinned(message.Id, e);
            return;
        }
        await sealedRecords.ReleasedAsync(message.PatientId!, contents, ct);
    }

    // Where nothing of it is registered, what was sealed of the message goes too; returns the contents that the store is to let go of.
    private Task<IReadOnlyList<string>> LeaveQuarantineAsync(
        string id, IntakeState to, string step, string actor, string? detail, IntakeMessage? unregistered, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var row = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition("""
                SELECT sequence AS Sequence, message_key AS MessageKey, content_key AS ContentKey, record_id AS RecordId FROM intake_message WHERE id = @id
                """, new { id }, transaction, cancellationToken: ct)) ?? throw new ApiProblemException(ApiProblem.NotAvailable);
            // One that went through again since it was looked at may be registered by now.
            var left = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                UPDATE intake_message SET state = @to, updated_at = @now, attempts = 0, next_attempt_at = 0, record_id = @recordId,
                    reason_code = NULL, reason = NULL
                WHERE sequence = @Sequence AND state = 'quarantined' AND updated_at BETWEEN @first AND @last
                """, new
            {
                row.Sequence, to = StateName.Of(to), now = clock.GetUtcNow().ToUnixTimeMilliseconds(),
                recordId = to is IntakeState.Received ? row.RecordId ?? keys.RecordId(row.MessageKey, row.ContentKey) : null,
                first = unregistered?.UpdatedAt ?? 0, last = unregistered?.UpdatedAt ?? long.MaxValue,
            }, transaction, cancellationToken: ct));
            if (left == 0)
                throw new ApiProblemException(new ApiProblem(StatusCodes.Status409Conflict, "message.not_quarantined", "The message is not in quarantine."));
            IReadOnlyList<string> contents = [];
            if (to is IntakeState.Discarded)
            {
                await IntakeTable.ForgetAsync(transaction, [row.Sequence], ct);
                // A part that staff let go of makes no other message its rest.
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE intake_message SET continued_in = NULL WHERE sequence = @Sequence", new { row.Sequence }, transaction, cancellationToken: ct));
            }
            if (unregistered is { PatientId: { } patientId, RecordId: { } recordId })
                contents = await SealedRecords.ForgetAsync(transaction, patientId, recordId);
            await history.AddAsync(transaction, [row.Sequence], step, actor, detail, ct);
            return contents;
        }, ct);

    private sealed record Row(long Sequence, byte[] MessageKey, byte[] ContentKey, string? RecordId);

    [LoggerMessage(4144, LogLevel.Warning, "The content store did not let go of what was sealed of message {Id}, which was discarded; its key is destroyed.")]
    private partial void LogStillPinned(string id, Exception e);
}
