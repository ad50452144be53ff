namespace HealthShare.Chaincode.Ledger;

/// <summary>How a patient consented where nothing was signed with a credential.</summary>
public enum AttestationForm
{
    /// <summary>On paper, which the attesting hospital keeps.</summary>
    Paper,

    /// <summary>By word of mouth, noted by the attesting hospital.</summary>
    Word,
}

/// <summary>Argument of <c>Consents:Attest</c>: a consent that the calling hospital vouches for.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="AttestationId">Id chosen by the caller, <c>st-…</c>.</param>
/// <param name="Form">How the patient consented.</param>
/// <param name="Body">The exact canonical bytes of a grant's body, base64url, at most 16 KiB.</param>
public sealed record AttestConsent(string PatientId, string AttestationId, AttestationForm Form, string Body);

/// <summary>Argument of <c>Consents:Withdraw</c>.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="AttestationId">The caller's own attestation.</param>
public sealed record WithdrawAttestation(string PatientId, string AttestationId);

/// <summary>
/// A consent that a hospital vouches for. It counts until the hospital withdraws it or the patient revokes its id.
/// </summary>
/// <param name="Attestation">What was attested.</param>
/// <param name="Member">MSP id of the hospital that vouches.</param>
/// <param name="AttestedAt">Proposal time.</param>
/// <param name="WithdrawnAt">Proposal time of the withdrawal; null while it stands.</param>
public sealed record AttestationEntry(
    AttestConsent Attestation, string Member, DateTimeOffset AttestedAt, DateTimeOffset? WithdrawnAt = null);
