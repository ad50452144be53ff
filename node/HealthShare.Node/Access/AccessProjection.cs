using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Decisions;
using HealthShare.Node.Access.Emergencies;
using HealthShare.Node.Access.Log;
using HealthShare.Node.Access.Receipts;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Incidents;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access;

/// <summary>
/// What the blocks say about accesses: the log, the decisions on this member's requests, what this custodian has to release, what
/// was released to this member, and received keys whose decision no longer stands.
/// </summary>
internal sealed class AccessProjection(AccessEvents events, ReceivedKeyReview review, IncidentLog incidents, ILedger ledger) : IProjection
{
    // What the channel's settings allow at most.
    private static readonly TimeSpan LongestEmergency = TimeSpan.FromHours(24);

    public Task BeginAsync(DbTransaction transaction, CancellationToken ct) => DecisionTable.FillAsync(transaction, ct);

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        foreach (var write in block.Writes)
        {
            if (write is { Kind: LedgerKind.Access, Value: { } access })
                await DecidedAsync(write, access, block, transaction, ct);
            else if (write is { Kind: LedgerKind.Release, Value: { } release })
                await ReleasedAsync(write, release, block, transaction, ct);
            else if (write is { Kind: LedgerKind.Mismatch, Value: { } mismatch })
                await ReportedAsync(write, mismatch, block, transaction, ct);
            else if (write is { Kind: LedgerKind.Emergency or LedgerKind.EmergencyReview, Value: { } emergency })
                await EmergencyAsync(write, emergency, block, transaction, ct);
        }
        // Once for the whole block: what counts is how the block leaves the policy.
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var patientId in block.Writes.Where(write => ChangesPolicy(write.Kind)).Select(write => write.Parts[0]).Distinct())
        {
            changed.Add(patientId);
            changed.UnionWith(await Merging.SurvivorsOfAsync(new ReplicaInBlock(transaction), patientId, ct)); // a deny counts there, too
        }
        foreach (var patientId in changed)
            await review.ApplyAsync(patientId, block.SeenAt, transaction, ct);
        // A staff key of this hospital that is revoked ends the emergencies that rest on it.
        if (block.Writes.Any(write => write.Kind is LedgerKind.StaffKey && write.Creator == ledger.MspId))
        {
            foreach (var patientId in await EmergencyTable.PatientsAsync(transaction, ledger.MspId, block.SeenAt - LongestEmergency, ct))
                await review.ApplyAsync(patientId, block.SeenAt, transaction, ct);
        }
        // A member was suspended, or is not any more. If it is this one, that is about every key it was given; if another, about those
        // that rest on its word for a guardian.
        if (block.Writes.Any(write => write.Kind is LedgerKind.Organization))
        {
            foreach (var patientId in await ReceivedKeys.PatientsAsync(transaction, ct))
                await review.ApplyAsync(patientId, block.SeenAt, transaction, ct);
        }
    }

    // A revocation of what a hospital attested leaves no trace but the end that it writes; a child's first passkey, by which a guardian
    // needs a second hospital's word, none but itself.
    private static bool ChangesPolicy(LedgerKind kind) => kind is LedgerKind.Statement or LedgerKind.EndedStatement or LedgerKind.Attestation
        or LedgerKind.VouchedSigner or LedgerKind.Credential or LedgerKind.Merge;

    private async Task DecidedAsync(
        StateWrite write, ReadOnlyMemory<byte> json, BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        if (Read(json, LedgerJson.Default.AccessEntry) is not { } entry || LedgerKey.Access(entry.Ref) != write.Key)
        {
            await UnreadableAsync(write, block, transaction, ct);
            return;
        }
        await events.RequestedAsync(transaction, AccessEventKind.Ledger, entry, ct);
        await DecisionTable.AddAsync(transaction, write.Key, entry, (long)block.Block, ct);
        if (entry.Requester == ledger.MspId)
            await AccessRequestTable.DecidedAsync(transaction, entry, ct);
        else if (entry.Decisions.Any(decision => decision.Permitted && decision.Record.Custodian == ledger.MspId))
            await ReleaseTasks.AddAsync(transaction, ReleaseIds.For(ledger.Channel, ledger.MspId, entry.Ref), entry.Ref, block.SeenAt, ct);
    }

    // The custodian that reports has noted it by itself.
    private async Task ReportedAsync(
        StateWrite write, ReadOnlyMemory<byte> json, BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        if (Read(json, LedgerJson.Default.MismatchEntry) is not { } entry)
        {
            await UnreadableAsync(write, block, transaction, ct);
            return;
        }
        foreach (var item in entry.Custodian == ledger.MspId ? [] : entry.Report.Items)
        {
            await incidents.NoteAsync(ReleaseSteps.ReportedIncidentOf(
                new Mismatch(item.Code, item.RecordId), entry.Report.Access, block.SeenAt, entry.Custodian), transaction, ct);
        }
    }

    private async Task EmergencyAsync(
        StateWrite write, ReadOnlyMemory<byte> json, BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        if (write.Kind is LedgerKind.Emergency && Read(json, LedgerJson.Default.EmergencyEntry) is { } declared)
        {
            await EmergencyTable.DeclaredAsync(transaction, declared, ledger.MspId, ct);
            await AccessEvents.DeclaredAsync(transaction, declared, ct);
        }
        else if (write.Kind is LedgerKind.EmergencyReview && Read(json, LedgerJson.Default.ReviewEntry) is { } review)
        {
            await EmergencyTable.ReviewedAsync(transaction, review.Review.Emergency, ct);
            await AccessEvents.ReviewedAsync(transaction, review, ct);
        }
        else
        {
            await UnreadableAsync(write, block, transaction, ct);
        }
    }

    private async Task ReleasedAsync(
        StateWrite write, ReadOnlyMemory<byte> json, BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        if (Read(json, LedgerJson.Default.ReleaseEntry) is not { } entry
            || LedgerKey.Release(entry.Release.Access, entry.Custodian, entry.Release.ReleaseId) != write.Key)
        {
            await UnreadableAsync(write, block, transaction, ct);
            return;
        }
        if (entry.Release.Access.Requester == ledger.MspId)
            await ReceiptTasks.AddAsync(transaction, entry, block.SeenAt, ct);
        // A release in this member's name that this node did not send: somebody else holds its identity, or members collude.
        if (entry.Custodian == ledger.MspId && !await ReleaseTasks.ReleasedAsync(transaction, entry.Release, ct))
        {
            await incidents.NoteAsync(new Incident(block.SeenAt, "access.release_not_made_here", entry.Release.Access.PatientId,
                entry.Release.ReleaseId, $"access {entry.Release.Access.AccessId} of {entry.Release.Access.Requester}"), transaction, ct);
        }
    }

    private Task UnreadableAsync(StateWrite write, BlockChanges block, DbTransaction transaction, CancellationToken ct) => incidents.NoteAsync(
        new Incident(block.SeenAt, "ledger.entry_unreadable", null, write.TransactionId, $"{write.Kind} by {write.Creator}"), transaction, ct);

    /// <summary>A value of the state; null where it is none of that type.</summary>
    internal static T? Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type);
        }
        catch (JsonException)
        {
            return null; // the caller notes the incident; one bad entry must not stop the copy
        }
    }
}
