using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Patients;

/// <summary>From when signers of a patient that hospitals vouch for count at this custodian, by its own clock.</summary>
/// <param name="patientId">Patient.</param>
/// <param name="from">When the waiting time of each signer that this node knows of is over.</param>
/// <param name="held">The patient's credentials that are or were on this hospital's own list, and whether they were revoked.</param>
/// <param name="members">The members as they are: the words of those that are suspended, or were since, do not count.</param>
internal sealed class VouchedTimes(
    string patientId, IReadOnlyDictionary<string, DateTimeOffset> from, IReadOnlyList<(Credential Credential, bool IsRevoked)> held,
    IReadOnlyList<OrganizationEntry> members)
{
    /// <summary>True where this node knows of no signer.</summary>
    public bool IsEmpty => from.Count == 0;

    /// <summary>
    /// From when a signer counts; null for one that somebody objected to, that has not words enough by this hospital's own list, or
    /// that came on the list as the patient's own and was taken off. What the ledger says of the patient's credentials is asked elsewhere.
    /// </summary>
    public DateTimeOffset? From(VouchedEntry entry) =>
        entry is { ObjectedBy: null, CompleteAt: not null } && entry.Attested.PatientId == patientId
        && from.TryGetValue(entry.Attested.SignerId, out var over)
        && entry.Suffices(entry.WordsOf(members), held.Select(own => own.Credential))
        && !held.Any(own => own.IsRevoked && entry.IsVouchedFor(own.Credential)) ? over : null;
}
