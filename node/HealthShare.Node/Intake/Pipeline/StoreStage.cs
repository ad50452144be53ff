using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Parts;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Parsed to stored: the exact bytes received, large documents in them apart, sealed under keys of their own, in the content store. Sealed and stored are one durable step:
/// a ciphertext kept here until the store has it would be written and synced twice, and a crash between the two leaves nothing but a
/// ciphertext without a key, which the store's own collection takes away.
/// </summary>
internal sealed class StoreStage(
    IntakeTable table, IDatabase database, IntakeKeys keys, MessageSplitter splitter, RecordSealer sealer, IIntakeLedger ledger, StageFailures failures, StageProgress progress,
    IntakeMetrics metrics) : IIntakeStage
{
    private const int MostAtOnce = 64;

    public IntakeState From => IntakeState.Parsed;

    public async Task<Turn> RunOnceAsync(CancellationToken ct)
    {
        var due = Batches.Bounded(await table.DueAsync(From, MostAtOnce, ct));
        if (due.Count == 0)
            return Turn.Idle;
        using var working = progress.Begin();
        return await StoreAsync(due, ct);
    }

    // What failed before in this turn may be what some of these follow.
    private async Task<Turn> StoreInOrderAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct) =>
        await table.InOrderAsync(messages, ct) is { Count: > 0 } free ? await StoreAsync(free, ct) : Turn.Moved;

    private async Task<Turn> StoreAsync(List<IntakeMessage> messages, CancellationToken ct)
    {
        try
        {
            var payloads = await table.PayloadsAsync(messages, ct);
            await sealer.SealAsync([.. messages.Zip(payloads, (message, payload) => splitter.Split(
                new RecordContext(ledger.Channel, message.RecordId!), keys.Payloads.Unprotect(payload, message.Id, "payload")))], ct);
            await database.WriteAsync(transaction => table.StoredAsync(transaction, messages, ct), ct);
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            // One bad message must not hold up its batch; a store that is away holds up all.
            return messages.Count > 1 && StageFailures.IsAboutContent(e)
                ? await Batches.HalvesAsync(messages, StoreInOrderAsync, ct)
                : await failures.HandleAsync(messages, e, ct);
        }
        metrics.Moved(IntakeState.Stored, messages.Count);
        progress.Reached(IntakeState.Stored);
        return Turn.Moved;
    }
}
