using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Patients;

/// <summary>From when signers of a patient that hospitals vouch for count at this custodian, by its own clock.</summary>
/// <param name="patientId">Patient.</param>
/// <param name="from">When the waiting time of each signer that this node knows of is over.</param>
/// <param name="inForce">The patient's credentials in force on this hospital's own list.</param>
internal sealed class VouchedTimes(string patientId, IReadOnlyDictionary<string, DateTimeOffset> from, IReadOnlyList<Credential> inForce)
{
    /// <summary>True where this node knows of no signer.</summary>
    public bool IsEmpty => from.Count == 0;

    /// <summary>
    /// From when a signer counts; null for one that somebody objected to, or that has words enough neither by the ledger nor by this
    /// hospital's own list. What the ledger says of the patient's credentials is asked elsewhere, for there they may have been revoked.
    /// </summary>
    public DateTimeOffset? From(VouchedEntry entry) =>
        entry is { ObjectedBy: null, CompleteAt: not null } && entry.Attested.PatientId == patientId
        && from.TryGetValue(entry.Attested.SignerId, out var over) && entry.Suffices(inForce) ? over : null;
}
