using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>
/// Who may register and revoke staff keys, break the glass and review it, judged by the state before the transaction. Null means
/// that all is right.
/// </summary>
internal sealed class EmergencyReplayRules(ReplayReader reader)
{
    /// <summary>A key is its own hospital's, no other person's there, begins in force, and changes once: when it is revoked.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckStaffKeyAsync(
        ReplayedTransaction transaction, StaffKeyEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var known = await reader.FindAsync(
            LedgerKey.StaffKey(parts[0], parts[1]), LedgerJson.Default.StaffKeyEntry, ct);
        var right = known is null
            ? entry with { RegisteredAt = transaction.Time ?? default, RevokedAt = null }
            : known with { RevokedAt = transaction.Time };
        return parts.SequenceEqual([entry.Member, entry.Credential.CredentialId])
            && entry.Member == transaction.Creator && await reader.HospitalAsync(entry.Member, ct) is not null
            && known is not { RevokedAt: not null } && transaction.Time is not null && JsonOf(entry) == JsonOf(right)
            && (known is not null || (!await StaffKeys.HasKeyAsync(reader.State, entry, ct)
                && transaction.FindAll(LedgerKind.StaffKey, LedgerJson.Default.StaffKeyEntry).Count() == 1))
            ? null
            : (StaffKeyForged, $"A staff key of '{parts[0]}' was registered, changed or revoked otherwise than by that hospital.");
    }

    public async Task<(ReplayFaultKind Kind, string Text)?> CheckEmergencyAsync(
        ReplayedTransaction transaction, EmergencyEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var name = entry.Emergency;
        if (!parts.SequenceEqual([name.PatientId, name.Member, name.EmergencyId]) || name.Member != transaction.Creator
            || transaction.Time is not { } time || await reader.HospitalAsync(name.Member, ct) is null
            || !await reader.ExistsAsync(LedgerKey.Patient(name.PatientId), ct)
            || await reader.ExistsAsync(LedgerKey.Emergency(name), ct)
            || transaction.Find(LedgerKey.OpenReview(name), LedgerJson.Default.OpenReviewEntry)
                != new OpenReviewEntry(name, entry.ReviewDue))
            return (EmergencyForged, $"Emergency {parts[2]} was not declared as it says, or without its review.");
        try
        {
            var settings = await reader.SettingsAsync(ct);
            var statement = await EmergencySession.VerifyAsync(reader.State, reader.Channel, name.Member, entry.Signed, ct);
            EmergencySession.CheckTimes(statement, time, settings);
            return entry == EmergencySession.EntryOf(statement, entry.Signed, time, settings)
                && !await EmergencySession.HasOverdueAsync(reader.State, name.Member, time, ct)
                ? null
                : (EmergencyForged, $"Emergency {parts[2]} is not what was signed, or earlier ones wait for their review.");
        }
        catch (PolicyException e)
        {
            return (EmergencyForged, $"Emergency {parts[2]} was not signed by two members of its hospital's staff ({e.Code}).");
        }
    }

    /// <summary>A review opens together with its session; that they agree is checked with the session.</summary>
    public (ReplayFaultKind Kind, string Text)? CheckOpenReview(
        ReplayedTransaction transaction, OpenReviewEntry entry, IReadOnlyList<string> parts) =>
        parts.SequenceEqual([entry.Emergency.Member, entry.Emergency.PatientId, entry.Emergency.EmergencyId])
            && transaction.Find(LedgerKey.Emergency(entry.Emergency), LedgerJson.Default.EmergencyEntry) is not null
            ? null
            : (EmergencyForged, $"The review of emergency {parts[2]} was opened without the emergency.");

    public async Task<(ReplayFaultKind Kind, string Text)?> CheckReviewAsync(
        ReplayedTransaction transaction, ReviewEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var name = entry.Review.Emergency;
        return parts.SequenceEqual([name.PatientId, name.Member, name.EmergencyId])
            && entry.Reviewer == transaction.Creator && entry.ReviewedAt == transaction.Time
            && await reader.MemberAsync(entry.Reviewer, ct) is { } reviewer
            && await EmergencySession.MayReviewAsync(reader.State, reviewer, name, ct)
            && await reader.ExistsAsync(LedgerKey.Emergency(name), ct)
            && !await reader.ExistsAsync(LedgerKey.EmergencyReview(name), ct)
            && transaction.Removes(LedgerKey.OpenReview(name))
            ? null
            : (ReviewForged, $"Emergency {parts[2]} was reviewed twice, or by a member that may not.");
    }

    /// <summary>What waits for a review is removed by the review, which is checked by itself.</summary>
    public (ReplayFaultKind Kind, string Text)? CheckRemoval(ReplayedTransaction transaction, IReadOnlyList<string> parts) =>
        transaction.Find(LedgerKey.EmergencyReview(new EmergencyRef(parts[1], parts[0], parts[2])), LedgerJson.Default.ReviewEntry) is not null
            ? null
            : (EntryRemoved, $"Emergency {parts[2]} stopped waiting for its review without one.");

    private static string JsonOf(StaffKeyEntry entry) => JsonSerializer.Serialize(entry, LedgerJson.Default.StaffKeyEntry);
}
