using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using static HealthShare.Node.Audit.ReplayFaultKind;

namespace HealthShare.Node.Audit;

/// <summary>Which signers hospitals may vouch for and object to, judged by the state before the transaction. Null means that all is right.</summary>
internal sealed class VouchingReplayRules(ReplayReader reader)
{
    public async Task<(ReplayFaultKind Kind, string Text)?> CheckAsync(
        ReplayedTransaction transaction, VouchedEntry entry, IReadOnlyList<string> parts, CancellationToken ct)
    {
        var attested = entry.Attested;
        // JSON's null passes as an entry of a list, whatever the list's type says.
        var holds = transaction.Time is { } time && !attested.Credentials.Contains(null!) && !entry.Vouchers.Contains(null!)
            && parts.SequenceEqual([attested.PatientId, attested.SignerId])
            && (entry.ObjectedBy is null
                ? await IsAttestationAsync(transaction, entry, time, ct)
                : await IsObjectionAsync(transaction, entry, time, ct));
        return holds ? null : (AttestationForged, $"Signer {parts[1]} of patient {parts[0]} was vouched for, or objected to, by one that may not.");
    }

    private async Task<bool> IsAttestationAsync(ReplayedTransaction transaction, VouchedEntry entry, DateTimeOffset time, CancellationToken ct)
    {
        if (await reader.HospitalAsync(transaction.Creator, ct) is null
            || !await reader.ExistsAsync(LedgerKey.Patient(entry.Attested.PatientId), ct))
            return false;
        var (right, _, _) = await Vouching.AttestAsync(reader.State, entry.Attested, transaction.Creator, time, ct);
        return right is not null && LedgerValue.Same(entry, right, LedgerJson.Default.VouchedEntry);
    }

    private async Task<bool> IsObjectionAsync(ReplayedTransaction transaction, VouchedEntry entry, DateTimeOffset time, CancellationToken ct)
    {
        var (patientId, signerId) = (entry.Attested.PatientId, entry.Attested.SignerId);
        if (await reader.FindAsync(LedgerKey.VouchedSigner(patientId, signerId), LedgerJson.Default.VouchedEntry, ct) is not { ObjectedBy: null } known
            || !LedgerValue.Same(entry, Vouching.Object(known, transaction.Creator, entry.Objection, time), LedgerJson.Default.VouchedEntry))
            return false;
        // The patient's statement itself is checked where it is kept; here it must be about this signer.
        return entry.Objection is { } objection
            ? transaction.Find(LedgerKey.EndedStatement(patientId, objection), LedgerJson.Default.EndedStatementEntry)
                is { Kind: EndedStatementKind.DelegateRevoked } ended
                && await reader.VerifyAsync(ended.Signed, ct) is { Body: RevokeDelegateBody body } && body.Delegate == signerId
            : await reader.HospitalAsync(transaction.Creator, ct) is not null
                && await reader.ExistsAsync(LedgerKey.Affiliation(patientId, transaction.Creator), ct);
    }
}
