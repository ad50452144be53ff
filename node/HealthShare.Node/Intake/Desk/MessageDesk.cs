using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Intake.Desk;

/// <summary>What staff do with messages: send them through again, let them go, look into one. Each is in the history before it has an effect.</summary>
internal sealed class MessageDesk(
    IDatabase database, IntakeTable table, IntakeHistory history, IntakeKeys keys, IntakeSignal signal, IntakeMetrics metrics, TimeProvider clock)
{
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
        await LeaveQuarantineAsync(id, IntakeState.Received, "replayed", actor, null, ct);
        metrics.Moved(IntakeState.Received, 1);
        signal.Set(IntakeState.Received);
    }

    /// <summary>Lets a message in quarantine go: its content is deleted, what was done stays known for a while.</summary>
    /// <exception cref="ApiProblemException">There is no such message, or it is not in quarantine.</exception>
    public async Task DiscardAsync(string id, string actor, string reason, CancellationToken ct)
    {
        await LeaveQuarantineAsync(id, IntakeState.Discarded, "discarded", actor, reason, ct);
        metrics.Moved(IntakeState.Discarded, 1);
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

    private Task LeaveQuarantineAsync(string id, IntakeState to, string step, string actor, string? detail, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var row = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition("""
                SELECT sequence AS Sequence, message_key AS MessageKey, content_key AS ContentKey, record_id AS RecordId FROM intake_message WHERE id = @id
                """, new { id }, transaction, cancellationToken: ct)) ?? throw new ApiProblemException(ApiProblem.NotAvailable);
            var left = await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                UPDATE intake_message SET state = @to, updated_at = @now, attempts = 0, next_attempt_at = 0, record_id = @recordId,
                    reason_code = NULL, reason = NULL
                WHERE sequence = @Sequence AND state = 'quarantined'
                """, new
            {
                row.Sequence, to = StateName.Of(to), now = clock.GetUtcNow().ToUnixTimeMilliseconds(),
                recordId = to is IntakeState.Received ? row.RecordId ?? keys.RecordId(row.MessageKey, row.ContentKey) : null,
            }, transaction, cancellationToken: ct));
            if (left == 0)
                throw new ApiProblemException(new ApiProblem(StatusCodes.Status409Conflict, "message.not_quarantined", "The message is not in quarantine."));
            if (to is IntakeState.Discarded)
                await IntakeTable.ForgetAsync(transaction, [row.Sequence], ct);
            await history.AddAsync(transaction, [row.Sequence], step, actor, detail, ct);
        }, ct);

    private sealed record Row(long Sequence, byte[] MessageKey, byte[] ContentKey, string? RecordId);
}
