using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Consents;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients.Handles;
using HealthShare.Node.Patients.Merges;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Notifications;

/// <summary>
/// What a patient should know of, made from the copy of the channel whenever it is asked for: nothing can be missing from it that
/// the copy has, whenever the node was started or upgraded. Uses of one-time codes, and what did not get to the channel, are this node's
/// own to tell of.
/// </summary>
internal sealed class NotificationReader(Replica replica, HandleTable handles, IncidentLog incidents, ILedger ledger)
{
    /// <summary>
    /// Most statements that ended, and emergencies and reviews, that are read: the newest. Of all else the rules of the channel bound the
    /// number.
    /// </summary>
    public const int MostRead = 5000;

    /// <summary>A page of a patient's notifications; null for a patient whom the channel does not know.</summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most notifications to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<NotificationPage?> ListAsync(string patientId, string? cursor, int limit, CancellationToken ct)
    {
        (long At, string Name)? after = PageCursor.Parse(cursor, 2) is { } parts ? (PageCursor.Number(parts[0]), parts[1]) : null;
        if (!LedgerId.IsValid(IdKind.Patient, patientId)
            || await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is null)
            return null;
        var ended = await replica.NewestAsync(LedgerKind.EndedStatement, patientId, null, MostRead + 1, ct);
        var emergencies = await replica.NewestAsync(LedgerKind.Emergency, patientId, null, MostRead + 1, ct);
        var reviews = await replica.NewestAsync(LedgerKind.EmergencyReview, patientId, null, MostRead + 1, ct);
        List<Notification> all =
        [
            .. emergencies.Take(MostRead).Select(row => NotificationsOf.Of(JsonSerializer.Deserialize(row.Value, LedgerJson.Default.EmergencyEntry)!)),
            .. reviews.Take(MostRead).Select(row => NotificationsOf.Of(JsonSerializer.Deserialize(row.Value, LedgerJson.Default.ReviewEntry)!)),
            .. await NotificationsOf.OfActsAsync(replica, patientId, [.. ended.Take(MostRead).Select(row => JsonSerializer.Deserialize(row.Value, LedgerJson.Default.EndedStatementEntry)!)], ct),
            .. await OfEntriesAsync(patientId, ct),
            .. (await handles.UsedAsync(patientId, ct)).Select(use => new Notification("handleUsed", use.At, use.Id, ledger.MspId, use.Role)),
            .. (await incidents.OfPatientAsync(RevocationTasks.NotRelayed, patientId, ct))
                .Select(incident => new Notification(NotificationsOf.RevocationNotRelayed, incident.HappenedAt, incident.Subject, ledger.MspId)),
        ];
        var left = all.Select(item => (Item: item, At: item.At.ToUnixTimeMilliseconds(), Name: $"{item.Kind} {item.Subject} {item.Member}"))
            .Where(one => after is not { } last || one.At < last.At || (one.At == last.At && string.CompareOrdinal(one.Name, last.Name) > 0))
            .OrderByDescending(one => one.At).ThenBy(one => one.Name, StringComparer.Ordinal).Take(limit + 1).ToList();
        return new NotificationPage([.. left.Take(limit).Select(one => one.Item)], all.Count,
            left.Count > limit ? PageCursor.Of(PageCursor.Number(left[limit - 1].At), left[limit - 1].Name) : null,
            ended.Count > MostRead || emergencies.Count > MostRead || reviews.Count > MostRead);
    }

    private async Task<List<Notification>> OfEntriesAsync(string patientId, CancellationToken ct) =>
    [
        .. (await replica.ListAsync(LedgerKind.Attestation, [patientId], LedgerJson.Default.AttestationEntry, ct)).SelectMany(NotificationsOf.Of),
        .. (await replica.ListAsync(LedgerKind.Statement, [patientId], LedgerJson.Default.StatementEntry, ct)).SelectMany(NotificationsOf.Of),
        .. (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct)).Select(NotificationsOf.Of),
        .. (await replica.ListAsync(LedgerKind.Affiliation, [patientId], LedgerJson.Default.AffiliationEntry, ct))
            .SelectMany(NotificationsOf.Of),
        .. (await MergeEndpoints.OfAsync(replica, patientId, ct)).SelectMany(entry => NotificationsOf.Of(entry, patientId)),
        .. (await replica.ListAsync(LedgerKind.ErasureReport, [patientId], LedgerJson.Default.ErasureReportEntry, ct))
            .Select(NotificationsOf.Of),
        .. (await replica.ListAsync(LedgerKind.VouchedSigner, [patientId], LedgerJson.Default.VouchedEntry, ct)).SelectMany(NotificationsOf.Of),
    ];
}
