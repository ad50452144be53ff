using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.Notifications;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Events;

/// <summary>
/// Makes events of what blocks say. What is older than events are kept is passed over: a copy that is built anew tells nobody of years
/// that went by.
/// </summary>
internal sealed class EventProjection(IncidentLog incidents, ILedger ledger, IOptions<EventsOptions> options) : IProjection
{
    /// <summary>Code of the incident that nobody was told of an entry, since its event could not be made.</summary>
    public const string NotTold = "event.not_told";

    public async Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct)
    {
        var oldest = block.SeenAt - options.Value.KeepFor;
        var found = new List<NodeEvent>();
        foreach (var write in block.Writes)
        {
            try
            {
                found.AddRange(await OfAsync(write, new ReplicaInBlock(transaction), ct));
            }
            catch (Exception e) when (e is JsonException or PolicyException or FormatException)
            {
                // Members who collude can write anything; the projections that answer for an entry note the incident.
            }
            catch (Exception e) when (e is not (DbException or OperationCanceledException))
            {
                // Nobody foresaw it. That somebody is not told of an entry is no reason to stop the copy of the channel.
                await incidents.NoteAsync(new Incident(block.SeenAt, NotTold, null, $"{block.Block} {write.TransactionId}", $"{write.Kind}: {e.GetType().Name}"), transaction, ct);
            }
        }
        await EventTable.AddAsync(transaction, [.. found.Where(one => one.At >= oldest)], ct);
    }

    private async Task<IEnumerable<NodeEvent>> OfAsync(StateWrite write, ReplicaInBlock state, CancellationToken ct)
    {
        if (write.Value is not { } json || write.Parts.Count == 0)
            return [];
        var patientId = write.Parts[0];
        return write.Kind switch
        {
            LedgerKind.Access => OfAccess(Read(json, LedgerJson.Default.AccessEntry)),
            LedgerKind.Release => OfRelease(Read(json, LedgerJson.Default.ReleaseEntry)),
            LedgerKind.Emergency => Told(patientId, NotificationsOf.Of(Read(json, LedgerJson.Default.EmergencyEntry))),
            LedgerKind.EmergencyReview => Told(patientId, NotificationsOf.Of(Read(json, LedgerJson.Default.ReviewEntry))),
            LedgerKind.EndedStatement => Told(patientId,
                [.. await NotificationsOf.OfActsAsync(state, patientId, [Read(json, LedgerJson.Default.EndedStatementEntry)], ct)]),
            LedgerKind.Attestation => Told(patientId, [.. NotificationsOf.Of(Read(json, LedgerJson.Default.AttestationEntry))]),
            LedgerKind.Statement => Told(patientId, [.. NotificationsOf.Of(Read(json, LedgerJson.Default.StatementEntry))]),
            LedgerKind.Credential => Told(patientId, NotificationsOf.Of(Read(json, LedgerJson.Default.CredentialEntry))),
            LedgerKind.Affiliation => Told(patientId, [.. NotificationsOf.Of(Read(json, LedgerJson.Default.AffiliationEntry))]),
            LedgerKind.ErasureReport => Told(patientId, NotificationsOf.Of(Read(json, LedgerJson.Default.ErasureReportEntry))),
            LedgerKind.VouchedSigner => Told(patientId, [.. NotificationsOf.Of(Read(json, LedgerJson.Default.VouchedEntry))]),
            LedgerKind.Merge => OfMerge(Read(json, LedgerJson.Default.MergeEntry)),
            _ => [],
        };
    }

    // What was asked for by this member's staff is an event of its own for who asked; the patient hears of it either way.
    private IEnumerable<NodeEvent> OfAccess(AccessEntry entry)
    {
        var decided = new NodeEvent(EventTopic.Decision, "decided", entry.RequestedAt)
        {
            PatientId = entry.Request.PatientId, Subject = entry.Request.AccessId, Members = [entry.Requester],
            Code = entry.Decisions.All(decision => decision.Permitted) ? "permitted"
                : entry.Decisions.Any(decision => decision.Permitted) ? "partly" : "denied",
            Name = $"decided {entry.Request.PatientId} {entry.Requester} {entry.Request.AccessId}",
        };
        yield return decided;
        if (entry.Requester == ledger.MspId)
        {
            // Whether something was denied is not for who asked.
            yield return new NodeEvent(EventTopic.AccessRequest, "decided", entry.RequestedAt)
            {
                StaffId = entry.Request.Staff, Subject = entry.Request.AccessId, Name = $"own {decided.Name}",
            };
        }
    }

    private static IEnumerable<NodeEvent> OfRelease(ReleaseEntry entry)
    {
        yield return new NodeEvent(EventTopic.Decision, "released", entry.ReleasedAt)
        {
            PatientId = entry.Release.Access.PatientId, Subject = entry.Release.Access.AccessId, Members = [entry.Custodian, entry.Release.Access.Requester],
            Until = entry.NotAfter, Name = $"released {entry.Custodian} {entry.Release.Access.Requester} {entry.Release.ReleaseId}",
        };
    }

    private static IEnumerable<NodeEvent> OfMerge(MergeEntry entry) => ((string[])[entry.Merge.Merged, entry.Merge.Surviving])
        .SelectMany(patientId => Told(patientId, [.. NotificationsOf.Of(entry, patientId)]));

    private static IEnumerable<NodeEvent> Told(string patientId, params Notification[] notifications) => notifications.Select(told =>
        new NodeEvent(EventTopic.Notification, told.Kind, told.At)
        {
            PatientId = patientId, Subject = told.Subject, Members = [told.Member], Code = told.Code, Until = told.Until,
            Name = $"{told.Kind} {patientId} {told.Subject} {told.Member} {told.At.ToUnixTimeMilliseconds()}",
        });

    private static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException("The entry is null.");
}
