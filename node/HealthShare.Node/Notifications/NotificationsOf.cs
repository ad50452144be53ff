using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Notifications;

/// <summary>What each entry of the channel means to the patient: one wording for the list and for events.</summary>
internal static class NotificationsOf
{
    /// <summary>Kind of what this node took and could not bring to the channel, without anybody having been told.</summary>
    public const string RevocationNotRelayed = "revocationNotRelayed";

    /// <summary>
    /// What was done by a signed statement that is not a grant in force: the entry of the act itself says which member brought it, while
    /// that of what it ended says who brought that.
    /// </summary>
    public static async Task<List<Notification>> OfActsAsync(
        ILedgerState state, string patientId, IReadOnlyList<EndedStatementEntry> ended, CancellationToken ct)
    {
        var found = new List<Notification>();
        foreach (var entry in ended)
        {
            var body = entry.Signed is { } signed ? SignedStatementReader.Read(signed).Body : null;
            found.AddRange((entry.Kind, body) switch
            {
                (EndedStatementKind.ExpiredGrant, _) => [Said("consentAccepted", entry.StatementId)],
                (EndedStatementKind.ReplacedGrant, _) =>
                    [new Notification("consentRevoked", entry.RevokedAt!.Value, entry.StatementId, await BroughtByAsync(entry.RevokedBy!))],
                (EndedStatementKind.Revocation, RevokeBody revocation) => [Said("consentRevoked", revocation.Statement)],
                (EndedStatementKind.Link, LinkBody link) => [Said("hospitalLinked", link.Member)],
                (EndedStatementKind.CredentialRevoked, RevokeCredentialBody revocation) => [Said("credentialRevoked", revocation.Credential)],
                (EndedStatementKind.DelegateAppointed, AppointDelegateBody appointment) => [Said("delegateAppointed", appointment.Delegate)],
                (EndedStatementKind.DelegateRevoked, RevokeDelegateBody revocation) when await IsAppointedAsync(revocation.Delegate) =>
                    [Said("delegateRevoked", revocation.Delegate)],
                (EndedStatementKind.Confirmation, ConfirmBody confirmation) =>
                    confirmation.Statements.Select(statement => Said("consentConfirmed", statement)),
                (EndedStatementKind.Erasure, _) => [Said("patientErased", entry.StatementId)],
                _ => (IEnumerable<Notification>)[],
            });

            Notification Said(string kind, string subject) => new(kind, entry.AcceptedAt, subject, entry.RelayedBy);
        }
        return found;

        // Of a signer that hospitals vouch for its own entry says who objected.
        async Task<bool> IsAppointedAsync(string delegateId) => await state.GetAsync(LedgerKey.Delegate(patientId, delegateId), ct) is not null;

        async Task<string> BroughtByAsync(string grant) =>
            (await ReadAsync(LedgerKey.Statement(patientId, grant), LedgerJson.Default.StatementEntry))?.RelayedBy
            ?? (await ReadAsync(LedgerKey.EndedStatement(patientId, grant), LedgerJson.Default.EndedStatementEntry))!.RelayedBy;

        async Task<T?> ReadAsync<T>(string key, JsonTypeInfo<T> type)
            where T : class => await state.GetAsync(key, ct) is { } json ? JsonSerializer.Deserialize(json, type) : null;
    }

    /// <summary>An emergency; it was verified before the copy took it over.</summary>
    public static Notification Of(EmergencyEntry entry) => new("emergency", entry.DeclaredAt, entry.Emergency.EmergencyId,
        entry.Emergency.Member, EmergencyReader.Read(Base64Url.DecodeFromChars(entry.Signed.Statement)).Reason.Code, entry.NotAfter);

    /// <summary>Its review.</summary>
    public static Notification Of(ReviewEntry entry) => new(
        "emergencyReview", entry.ReviewedAt, entry.Review.Emergency.EmergencyId, entry.Reviewer, CodeOf($"{entry.Review.Outcome}"));

    /// <summary>A passkey that was added.</summary>
    public static Notification Of(CredentialEntry entry) => new("credentialAdded", entry.AddedAt, entry.Credential.CredentialId, entry.AddedBy);

    /// <summary>A hospital that was linked; one that the patient linked is told of by that statement.</summary>
    public static IEnumerable<Notification> Of(AffiliationEntry entry) =>
        entry.StatementId is null ? [new("hospitalLinked", entry.Since, entry.Member, entry.Member)] : [];

    /// <summary>What a hospital's node destroyed.</summary>
    public static Notification Of(ErasureReportEntry entry) =>
        new("erasureReported", entry.ReportedAt, entry.Member, entry.Member, Until: entry.RetainedUntil);

    /// <summary>What a hospital attested, and that it withdrew it.</summary>
    public static IEnumerable<Notification> Of(AttestationEntry entry)
    {
        yield return new Notification("consentAttested", entry.AttestedAt, entry.Attestation.AttestationId, entry.Member);
        if (entry.WithdrawnAt is { } at)
            yield return new Notification("consentWithdrawn", at, entry.Attestation.AttestationId, entry.Member);
    }

    /// <summary>A grant, and its second signature.</summary>
    public static IEnumerable<Notification> Of(StatementEntry entry)
    {
        yield return new Notification("consentAccepted", entry.AcceptedAt, entry.StatementId, entry.RelayedBy);
        if (entry.CoSigned is { } second)
            yield return new Notification("consentCoSigned", second.AcceptedAt, entry.StatementId, second.RelayedBy);
    }

    /// <summary>The words for and against a merge, to one of its two patients.</summary>
    public static IEnumerable<Notification> Of(MergeEntry entry, string patientId)
    {
        foreach (var voucher in entry.Vouchers)
            yield return new Notification("patientMerged", voucher.At, entry.Merge.MergeId, voucher.Member,
                entry.Merge.Merged == patientId ? "merged" : "surviving", entry.SettlingFrom + MergeEntry.Waiting);
        if (entry is { ObjectedAt: { } at, ObjectedBy: { } by })
            yield return new Notification("mergeObjected", at, entry.Merge.MergeId, by);
    }

    /// <summary>The words for and against a signer.</summary>
    public static IEnumerable<Notification> Of(VouchedEntry entry)
    {
        var (id, code) = (entry.Attested.SignerId, CodeOf($"{entry.Attested.Kind}"));
        foreach (var voucher in entry.Vouchers)
            yield return new Notification("signerVouched", voucher.At, id, voucher.Member, code, entry.CompleteAt + VouchedEntry.Waiting);
        if (entry is { ObjectedAt: { } at, ObjectedBy: { } by })
            yield return new Notification("signerObjected", at, id, by, code);
    }

    private static string CodeOf(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
