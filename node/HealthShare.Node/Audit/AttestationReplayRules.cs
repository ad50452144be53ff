using HealthShare.Chaincode.Ledger;
using HealthShare.Policy;
using HealthShare.Policy.Statements;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>
/// What hospitals may vouch for, judged by the state before the transaction. Null means that all is right.
/// </summary>
internal sealed class AttestationReplayRules(ReplayReader reader)
{
    /// <summary>An attested consent is its hospital's own, within what may be attested, and changes only by being withdrawn.</summary>
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckConsentAsync(
        ReplayedTransaction transaction, AttestationEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var (patient, id) = (entry.Attestation.PatientId, entry.Attestation.AttestationId);
        if (!parts.SequenceEqual([patient, entry.Member, id]) || entry.Member != transaction.Creator
            || await reader.HospitalAsync(entry.Member, ct) is null)
            return (AttestationForged, $"Consent {id} was attested in another member's name.");
        if (await reader.FindAsync(LedgerKey.Attestation(patient, entry.Member, id), LedgerJson.Default.AttestationEntry, ct) is { } known)
        {
            return known.WithdrawnAt is null && transaction.Time is not null && entry == known with { WithdrawnAt = transaction.Time }
                ? null
                : (AttestationForged, $"Attested consent {id} was changed otherwise than by withdrawing it once.");
        }
        return entry.WithdrawnAt is null && entry.AttestedAt == transaction.Time && AllowedIn(entry) is { } grant
            && await reader.ExistsAsync(LedgerKey.Affiliation(patient, entry.Member), ct)
            && !await reader.ExistsAsync(LedgerKey.EndedStatement(patient, id), ct)
            && !await reader.ExistsAsync(LedgerKey.Statement(patient, id), ct)
            && await AttestedConsents.RefusalAsync(reader.State, patient, entry.Member, grant, ct) is null
            ? null
            : (AttestationForged, $"Consent {id} was attested by a hospital that may not, or for what it may not.");
    }

    private static GrantBody? AllowedIn(AttestationEntry entry)
    {
        try
        {
            return AttestedConsents.Read(entry.Attestation, entry.Member);
        }
        catch (PolicyException)
        {
            return null; // the caller names the fault
        }
    }
}
