using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Vault;
using HealthShare.Vault.Sealing;

namespace HealthShare.Node.Access.Releases;

/// <summary>How a step of a release went.</summary>
/// <param name="Moved">True when the task moved on; false when it has to wait.</param>
/// <param name="Until">Until when, at the longest; null where that is not known.</param>
internal readonly record struct ReleaseStep(bool Moved, DateTimeOffset? Until = null);

/// <summary>
/// From a committed decision to the delivered keys, step by step: seal, release on the ledger, and only when a block holds that
/// release, deliver. Each step can be repeated without a second effect.
/// </summary>
internal sealed partial class ReleaseSteps(
    ReleaseTasks tasks, ReleaseCheck check, SealedRecords records, Replica replica, LedgerService ledger, IncidentLog incidents,
    IDatabase database, CatchUp catchUp, TimeProvider clock, ILogger<ReleaseSteps> logger)
{
    private const string NoLongerPermitted = "no_longer_permitted", Unconfirmed = "incident";

    /// <summary>Does the next step of a task.</summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The ledger is away or refuses.</exception>
    /// <exception cref="VaultException">A key is damaged.</exception>
    public Task<ReleaseStep> AdvanceAsync(ReleaseTask task, CancellationToken ct) => task.State switch
    {
        ReleaseState.Noted => SealAsync(task, ct),
        ReleaseState.Sealed => ReleaseAsync(task, ct),
        ReleaseState.Released => DeliverAsync(task, ct),
        _ => Task.FromResult(new ReleaseStep(false)),
    };

    private async Task<ReleaseStep> SealAsync(ReleaseTask task, CancellationToken ct)
    {
        var elsewhere = await tasks.OfOtherPartsAsync(task, ct);
        var (access, verdict) = await CheckAsync(task, ct);
        if (verdict.Mismatches.Count > 0)
            return await RefuseAsync(task, verdict.Mismatches, ct);
        var due = verdict.Confirmed.Where(record => !elsewhere.Contains(record.RecordId)).ToList();
        var later = verdict.Later.Except(elsewhere).Any();
        // What was stopped is looked at until its decision ends: a deny may be taken back, a merge stopped, a withdrawn consent attested anew.
        if (due.Count == 0 && later)
            return new ReleaseStep(false, verdict.Until);
        if (due.Count == 0)
        {
            if (await tasks.EmptyAsync(task, NoLongerPermitted, elsewhere, ct))
                LogRefused(task.ReleaseId, NoLongerPermitted);
            return new ReleaseStep(true);
        }
        var requester = verdict.Requester!;
        var recipient = SealingPublicKey.Parse(requester.SealingKey.PublicKey);
        var found = new List<(DateTimeOffset End, EnvelopeKey Key)>(due.Count);
        try
        {
            foreach (var record in due)
            {
                if (await FindKeyAsync(record.RecordId, ct) is { } key)
                    found.Add((record.End, key));
            }
            if (found.Count == 0)
                throw new VaultException("record.no_key", $"None of {due.Count} records has a key here.");
            // A release ends for all of its records at once, so those that end together go together, and what ends first goes first.
            var keys = found.GroupBy(record => record.End, record => record.Key).MinBy(group => group.Key)!.ToList();
            var recordIds = keys.ConvertAll(key => key.Record);
            var notAfter = ReleaseIds.NotAfter(access, ledger.MspId, recordIds)!.Value;
            var info = ReleaseIds.Info(ledger.Channel, access, ledger.MspId, task.ReleaseId, requester.SealingKey.KeyId, recordIds, notAfter);
            var envelope = KeyEnvelope.Seal(keys, recipient, info);
            var release = new ReleaseKeys(task.Access, task.ReleaseId, recordIds, requester.SealingKey.KeyId,
                Base64Url.EncodeToString(SHA256.HashData(envelope)));
            // What comes later becomes a release of its own: nobody has to wait for it with the rest.
            await tasks.SealedAsync(release, envelope, elsewhere, later || recordIds.Count < due.Count, ct);
            return new ReleaseStep(true);
        }
        finally
        {
            foreach (var (_, key) in found)
                CryptographicOperations.ZeroMemory(key.Key);
        }
    }

    // A key that is gone or damaged holds back no other one; it is looked for again until its decision ends.
    private async Task<EnvelopeKey?> FindKeyAsync(string recordId, CancellationToken ct)
    {
        try
        {
            if (await records.FindKeyAsync(recordId, ct) is { } key)
                return key;
            LogNoKey(recordId, "record.no_key");
        }
        catch (VaultException e)
        {
            LogNoKey(recordId, e.Code);
        }
        return null;
    }

    private async Task<ReleaseStep> ReleaseAsync(ReleaseTask task, CancellationToken ct)
    {
        // Checked again: between sealing and now there may have been a stop of any length.
        var (verdict, held) = await CheckSealedAsync(task, null, ct);
        if (held is { } step)
            return step;
        if (verdict.Requester!.SealingKey.KeyId != task.Release!.KeyId)
        {
            await tasks.UnsealAsync(task.ReleaseId, ct);
            return new ReleaseStep(true);
        }
        var commit = await ledger.SubmitAsync(
            LedgerTransactions.ReleaseKeys, task.Release, LedgerJson.Default.ReleaseKeys, LedgerJson.Default.ReleaseEntry, ct);
        LogReleased(task.ReleaseId, task.Release.RecordIds.Count, task.Access.Requester, commit.Block);
        // The block itself moves the task on, when it is applied; no answer of a peer does.
        await catchUp.ToAsync(commit.Block, ct);
        return new ReleaseStep((await tasks.GetAsync(task.ReleaseId, ct)).State is ReleaseState.Released);
    }

    private async Task<ReleaseStep> DeliverAsync(ReleaseTask task, CancellationToken ct)
    {
        // The block holds the release, and yet nothing has left the house: what was revoked meanwhile never does.
        var release = await replica.GetAsync(
                LedgerKey.Release(task.Access, ledger.MspId, task.ReleaseId), LedgerJson.Default.ReleaseEntry, ct)
            ?? throw new InvalidOperationException("A release that was noted from a block is not in the copy.");
        if ((await CheckSealedAsync(task, release.NotAfter, ct)).Held is { } step)
            return step;
        await ledger.SubmitPrivateAsync(LedgerTransactions.DeliverKeys, new DeliverKeys(task.Access, task.ReleaseId),
            LedgerJson.Default.DeliverKeys, LedgerTransactions.EnvelopeField, task.Envelope!, ct);
        await tasks.DeliveredAsync(task.ReleaseId, ct);
        return new ReleaseStep(true);
    }

    /// <summary>
    /// Throws away what is sealed and has not left the house, since the ledger says that some of it has ended. What of it still stands
    /// becomes a release of its own.
    /// </summary>
    public Task ExpiredAsync(ReleaseTask task, string reason, CancellationToken ct) => WithdrawAsync(task, reason, hasRest: true, ct);

    /// <summary>Checks what is sealed and has not left the house.</summary>
    /// <param name="task">The release.</param>
    /// <param name="end">When it ends by the block that holds it; null before there is one.</param>
    /// <param name="ct">Stops the check.</param>
    /// <returns>The step that this comes to where not all of it may be given now; null where it may.</returns>
    private async Task<(ReleaseVerdict Verdict, ReleaseStep? Held)> CheckSealedAsync(ReleaseTask task, DateTimeOffset? end, CancellationToken ct)
    {
        var (_, verdict) = await CheckAsync(task, ct);
        if (verdict.Mismatches.Count > 0)
            return (verdict, await RefuseAsync(task, verdict.Mismatches, ct));
        var recordIds = task.Release!.RecordIds;
        var standing = verdict.Confirmed.Where(record => recordIds.Contains(record.RecordId)).ToList();
        var isOver = end <= clock.GetUtcNow();
        // None may be given now, and all may be later.
        if (!isOver && recordIds.All(verdict.Waiting.Contains))
            return (verdict, new ReleaseStep(false, verdict.Until));
        // One envelope holds all the keys and ends once, so it goes as a whole or not at all. Where this clock is behind the requester's, the
        // release ends a little sooner than its records might; that is no reason for another one.
        if (!isOver && standing.Count == recordIds.Count && standing.All(record => record.End == standing[0].End && !(record.End < end)))
            return (verdict, null);
        var hasRest = standing.Count > 0 || recordIds.Any(verdict.Later.Contains);
        return (verdict, await WithdrawAsync(task, NoLongerPermitted, hasRest, ct));
    }

    // What ended one record is no end of the others: they become releases of their own.
    private async Task<ReleaseStep> WithdrawAsync(ReleaseTask task, string reason, bool hasRest, CancellationToken ct)
    {
        await tasks.WithdrawnAsync(task, reason, hasRest, ct);
        LogRefused(task.ReleaseId, reason);
        return new ReleaseStep(true);
    }

    private async Task<(AccessEntry Access, ReleaseVerdict Verdict)> CheckAsync(ReleaseTask task, CancellationToken ct)
    {
        var stored = await replica.FindAsync(LedgerKey.Access(task.Access), ct)
            ?? throw new InvalidOperationException("A decision that was noted from a block is not in the copy.");
        var access = JsonSerializer.Deserialize(stored.Value, LedgerJson.Default.AccessEntry)!;
        return (access, await check.CheckAsync(access, stored.Block, ct));
    }

    // Where the check finds any, nothing is given.
    private async Task<ReleaseStep> RefuseAsync(ReleaseTask task, IReadOnlyList<Mismatch> mismatches, CancellationToken ct)
    {
        await database.WriteAsync(async transaction =>
        {
            foreach (var mismatch in mismatches)
                await incidents.NoteAsync(IncidentOf(mismatch, task.Access, clock.GetUtcNow(), ledger.MspId), transaction, ct);
        }, ct);
        // The regulator and the requester learn of it from the block. While the channel is away the task stays and comes back here.
        await ReportAsync(task.Access, mismatches, ct);
        await tasks.RefusedAsync(task.ReleaseId, Unconfirmed, ct);
        LogRefused(task.ReleaseId, Unconfirmed);
        return new ReleaseStep(true);
    }

    /// <summary>A mismatch that this node found, as an incident.</summary>
    public static Incident IncidentOf(Mismatch mismatch, AccessRef access, DateTimeOffset at, string custodian) => new(at, mismatch.Code,
        access.PatientId, mismatch.RecordId is null ? $"{access.AccessId}/{custodian}" : $"{access.AccessId}/{custodian}/{mismatch.RecordId}",
        $"asked by {access.Requester}, not confirmed by {custodian}");

    /// <summary>
    /// One that another member reported: under a code that no finding of this node's own has, for a member may report any code that it
    /// likes.
    /// </summary>
    public static Incident ReportedIncidentOf(Mismatch mismatch, AccessRef access, DateTimeOffset at, string custodian) =>
        IncidentOf(mismatch with { Code = Incident.Reported + mismatch.Code }, access, at, custodian);

    private async Task ReportAsync(AccessRef access, IReadOnlyList<Mismatch> mismatches, CancellationToken ct)
    {
        try
        {
            await ledger.SubmitAsync(LedgerTransactions.ReportMismatch,
                new ReportMismatch(access, [.. mismatches.Select(mismatch => new MismatchItem(mismatch.Code, mismatch.RecordId))]),
                LedgerJson.Default.ReportMismatch, LedgerJson.Default.MismatchEntry, ct);
        }
        catch (LedgerException e) when (e.ChaincodeMessage is not null)
        {
            // Reported before, when less or more was found: what matters is on record. Here the incident stands in any case.
            LogNotReported(access.AccessId, e.Code);
        }
    }

    [LoggerMessage(3723, LogLevel.Warning, "The mismatch of access {AccessId} is not taken by the channel: {Code}.")]
    private partial void LogNotReported(string accessId, string code);

    [LoggerMessage(3724, LogLevel.Error, "The key of record {RecordId} is not released: {Code}.")]
    private partial void LogNoKey(string recordId, string code);

    [LoggerMessage(3721, LogLevel.Information, "Release {ReleaseId} of {Count} keys to {Requester} is in block {Block}.")]
    private partial void LogReleased(string releaseId, int count, string requester, ulong block);

    [LoggerMessage(3722, LogLevel.Information, "Release {ReleaseId} is not made: {Reason}.")]
    private partial void LogRefused(string releaseId, string reason);
}
