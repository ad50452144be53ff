using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>
/// Carries an erasure out at this node: destroys keys and content, purges this member's envelopes from the channel's private data, and
/// reports. Each step can be repeated without a second effect, so a crash at any point is made up for.
/// </summary>
internal sealed class ErasureSteps(
    ErasureTasks tasks, HeldRecords records, LabelKeys labelKeys, Replica replica, LedgerService ledger, TimeProvider clock)
{
    private const int AtOnce = 100; // what one transaction may carry
    private const string ReportedBefore = "erasure.already_reported";
    private const string UnderWay = "messages.under_way";

    /// <summary>Does what is left to do.</summary>
    /// <returns>Null when it is done, or what it waits for.</returns>
    /// <exception cref="IOException">The content store does not answer.</exception>
    /// <exception cref="LedgerException">The ledger is away or refuses.</exception>
    public async Task<string?> AdvanceAsync(ErasureTask task, CancellationToken ct)
    {
        var patientId = task.PatientId;
        var heldUntil = task.HeldUntil > clock.GetUtcNow() ? task.HeldUntil : null;
        if (heldUntil is null)
            await labelKeys.EraseAsync(patientId, ct); // kept until now, or being fetched when the block came
        // Asked before: what ends its way in between is found in what follows.
        var areUnderWay = await records.AreUnderWayAsync(patientId, ct);
        var kept = await records.DestroyAsync(patientId, heldUntil, ct);
        if (areUnderWay)
            return UnderWay;
        if (!task.Purged)
        {
            await PurgeAsync(patientId, ct);
            await tasks.PurgedAsync(patientId, ct);
        }
        await ReportAsync(patientId, kept?.Last, ct);
        if (heldUntil is null)
            await records.ForgetMessagesAsync(patientId, ct);
        return await tasks.DestroyedAsync(task, heldUntil is not null, kept?.Last, kept?.First, ct) ? null : UnderWay;
    }

    // Sealed to members that keep their sealing keys: what lies about can be opened for ever.
    private async Task PurgeAsync(string patientId, CancellationToken ct)
    {
        var releases = (await replica.ListAsync(LedgerKind.Release, [patientId], LedgerJson.Default.ReleaseEntry, ct))
            .Where(entry => entry.Custodian == ledger.MspId)
            .Select(entry => new ReleaseName(entry.Release.Access.Requester, entry.Release.Access.AccessId, entry.Release.ReleaseId)).ToList();
        var patient = await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct);
        List<string> recipients = patient?.EnrolledBy != ledger.MspId
            ? []
            : [.. (await replica.ListAsync(LedgerKind.Affiliation, [patientId], LedgerJson.Default.AffiliationEntry, ct))
                .Select(entry => entry.Member).Where(member => member != ledger.MspId)];
        foreach (var some in releases.Chunk(AtOnce))
            await PurgeAsync(new PurgeEnvelopes(patientId, some, []), ct);
        foreach (var some in recipients.Chunk(AtOnce))
            await PurgeAsync(new PurgeEnvelopes(patientId, [], some), ct);
    }

    private Task<LedgerCommit> PurgeAsync(PurgeEnvelopes purge, CancellationToken ct) => ledger.SubmitAsync(
        new LedgerCall(LedgerTransactions.PurgeEnvelopes, JsonSerializer.SerializeToUtf8Bytes(purge, LedgerJson.Default.PurgeEnvelopes))
        {
            Organizations = [ledger.MspId],
        }, ct);

    // Only members that may have held something: the others have nothing to say.
    private async Task ReportAsync(string patientId, DateTimeOffset? retainedUntil, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Organization(ledger.MspId), LedgerJson.Default.OrganizationEntry, ct) is not { Kind: OrganizationKind.Hospital }
            || (await replica.GetAsync(LedgerKey.Affiliation(patientId, ledger.MspId), ct) is null
                && (await replica.EntriesAsync(LedgerKind.Access, [patientId, ledger.MspId], ct)).Count == 0))
            return;
        try
        {
            await ledger.SubmitAsync(LedgerTransactions.ReportErasure,
                new ReportErasure(patientId, retainedUntil is { } until ? LedgerTime.Truncate(until) : null),
                LedgerJson.Default.ReportErasure, LedgerJson.Default.ErasureReportEntry, ct);
        }
        catch (LedgerException e) when (e.Code == ReportedBefore)
        {
            // Settings that keep more since: what was destroyed stays so.
        }
    }
}
