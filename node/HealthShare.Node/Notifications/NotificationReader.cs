using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Patients.Merges;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Notifications;

/// <summary>
/// What a patient should know of, made from the copy of the channel whenever it is asked for: nothing can be missing from it that
/// the copy has, whenever the node was started or upgraded.
/// </summary>
internal sealed class NotificationReader(Replica replica)
{
    /// <summary>A patient's notifications; null for a patient whom the channel does not know.</summary>
    public async Task<NotificationPage?> ListAsync(string patientId, int limit, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId)
            || await replica.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry, ct) is not { } patient)
            return null;
        var ended = await replica.ListAsync(LedgerKind.EndedStatement, [patientId], LedgerJson.Default.EndedStatementEntry, ct);
        List<Notification> all =
        [
            .. (await replica.ListAsync(LedgerKind.Emergency, [patientId], LedgerJson.Default.EmergencyEntry, ct)).Select(Of),
            .. (await replica.ListAsync(LedgerKind.EmergencyReview, [patientId], LedgerJson.Default.ReviewEntry, ct)).Select(entry =>
                new Notification("emergencyReview", entry.ReviewedAt, entry.Review.Emergency.EmergencyId, entry.Reviewer, CodeOf($"{entry.Review.Outcome}"))),
            .. (await replica.ListAsync(LedgerKind.Attestation, [patientId], LedgerJson.Default.AttestationEntry, ct)).Select(entry =>
                new Notification("consentAttested", entry.AttestedAt, entry.Attestation.AttestationId, entry.Member)),
            .. (await replica.ListAsync(LedgerKind.Statement, [patientId], LedgerJson.Default.StatementEntry, ct)).Select(entry =>
                new Notification("consentAccepted", entry.AcceptedAt, entry.StatementId, entry.RelayedBy)),
            .. ended.Where(entry => entry.Kind is EndedStatementKind.ExpiredGrant).Select(entry =>
                new Notification("consentAccepted", entry.AcceptedAt, entry.StatementId, entry.RelayedBy)),
            .. ended.Where(entry => entry.RevokedAt is not null)
                .Select(entry => new Notification("consentRevoked", entry.RevokedAt!.Value, entry.StatementId, entry.RelayedBy)),
            .. (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct)).Select(entry =>
                new Notification("credentialAdded", entry.AddedAt, entry.Credential.CredentialId, entry.AddedBy)),
            .. (await replica.ListAsync(LedgerKind.Affiliation, [patientId], LedgerJson.Default.AffiliationEntry, ct)).Select(entry =>
                new Notification("hospitalLinked", entry.Since, entry.Member, entry.Member)),
            .. (await replica.ListAsync(LedgerKind.Credential, [patientId], LedgerJson.Default.CredentialEntry, ct))
                .Where(entry => entry.RevokedAt is not null)
                .Select(entry => new Notification("credentialRevoked", entry.RevokedAt!.Value, entry.Credential.CredentialId, entry.AddedBy)),
            .. (await replica.ListAsync(LedgerKind.Delegate, [patientId], LedgerJson.Default.DelegateEntry, ct)).Select(entry =>
                new Notification("delegateAppointed", entry.AppointedAt, entry.DelegateId, entry.RelayedBy)),
            .. (await MergeEndpoints.OfAsync(replica, patientId, ct)).SelectMany(entry => Of(entry, patientId)),
            .. patient.ErasedAt is { } erasedAt ? [new Notification("patientErased", erasedAt, patient.ErasedBy!, patient.EnrolledBy)] : (Notification[])[],
            .. (await replica.ListAsync(LedgerKind.ErasureReport, [patientId], LedgerJson.Default.ErasureReportEntry, ct)).Select(entry =>
                new Notification("erasureReported", entry.ReportedAt, entry.Member, entry.Member, Until: entry.RetainedUntil)),
            .. (await replica.ListAsync(LedgerKind.VouchedSigner, [patientId], LedgerJson.Default.VouchedEntry, ct)).SelectMany(Of),
        ];
        return new NotificationPage([.. all.OrderByDescending(item => item.At).ThenBy(item => item.Subject, StringComparer.Ordinal).Take(limit)], all.Count);
    }

    // It was verified before the copy took it over.
    private static Notification Of(EmergencyEntry entry) => new("emergency", entry.DeclaredAt, entry.Emergency.EmergencyId,
        entry.Emergency.Member, EmergencyReader.Read(Base64Url.DecodeFromChars(entry.Signed.Statement)).Reason.Code, entry.NotAfter);

    private static IEnumerable<Notification> Of(MergeEntry entry, string patientId)
    {
        foreach (var voucher in entry.Vouchers)
            yield return new Notification("patientMerged", voucher.At, entry.Merge.MergeId, voucher.Member,
                entry.Merge.Merged == patientId ? "merged" : "surviving", entry.CompleteAt + MergeEntry.Waiting);
        if (entry is { ObjectedAt: { } at, ObjectedBy: { } by })
            yield return new Notification("mergeObjected", at, entry.Merge.MergeId, by);
    }

    private static IEnumerable<Notification> Of(VouchedEntry entry)
    {
        var (id, code) = (entry.Attested.SignerId, CodeOf($"{entry.Attested.Kind}"));
        foreach (var voucher in entry.Vouchers)
            yield return new Notification("signerVouched", voucher.At, id, voucher.Member, code, entry.CompleteAt + VouchedEntry.Waiting);
        if (entry is { ObjectedAt: { } at, ObjectedBy: { } by })
            yield return new Notification("signerObjected", at, id, by, code);
    }

    private static string CodeOf(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
