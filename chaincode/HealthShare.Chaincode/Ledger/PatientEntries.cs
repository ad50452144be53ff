namespace HealthShare.Chaincode.Ledger;

/// <summary>A patient: a random id and nothing about the person. Kept for ever, so that no id is used twice.</summary>
/// <param name="PatientId">Id, <c>pt-…</c>.</param>
/// <param name="EnrolledBy">MSP id of the hospital that enrolled the patient.</param>
/// <param name="EnrolledAt">Proposal time of the enrolment.</param>
/// <param name="ErasedBy">Id of the signed erasure; null while there is none.</param>
/// <param name="ErasedAt">Proposal time of the erasure.</param>
public sealed record PatientEntry(
    string PatientId, string EnrolledBy, DateTimeOffset EnrolledAt, string? ErasedBy = null, DateTimeOffset? ErasedAt = null)
{
    /// <summary>True once the patient erased what is shared: nothing begins under this id any more, and nothing is permitted.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsErased => ErasedBy is not null;
}

/// <summary>A member that may hold the patient's label key and register records.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Member">MSP id.</param>
/// <param name="Since">Proposal time.</param>
/// <param name="StatementId">The signed link; null for the member that enrolled the patient.</param>
public sealed record AffiliationEntry(string PatientId, string Member, DateTimeOffset Since, string? StatementId = null);

/// <summary>A passkey as the browser made it, with what is pinned to it.</summary>
/// <param name="CredentialId">WebAuthn credential id, base64url.</param>
/// <param name="PublicKey">COSE_Key for ES256, base64url.</param>
/// <param name="RpId">Relying party id, such as <c>north.example</c>.</param>
/// <param name="Origins">Origins that may ask for its signature, 1 to 8, such as <c>https://north.example</c>.</param>
public sealed record Credential(string CredentialId, string PublicKey, string RpId, IReadOnlyList<string> Origins);

/// <summary>A credential of a patient.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Credential">The credential.</param>
/// <param name="AddedBy">MSP id of the member that vouched for it, or relayed the patient's signature.</param>
/// <param name="AddedAt">Proposal time.</param>
/// <param name="StatementId">The signed addition; null for one that the enrolling member vouched for.</param>
/// <param name="RevokedBy">Id of the signed revocation; null while the credential is in force.</param>
/// <param name="RevokedAt">Proposal time of the revocation.</param>
public sealed record CredentialEntry(
    string PatientId, Credential Credential, string AddedBy, DateTimeOffset AddedAt, string? StatementId = null,
    string? RevokedBy = null, DateTimeOffset? RevokedAt = null)
{
    /// <summary>True once it was revoked: it signs nothing any more, and the permits that it signed permit nothing.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsRevoked => RevokedBy is not null;
}

/// <summary>Argument of <c>Patients:Enroll</c>.</summary>
/// <param name="PatientId">Id chosen by the caller.</param>
/// <param name="Credentials">First credentials, at most 8; null or empty when the patient has none yet.</param>
public sealed record EnrollPatient(string PatientId, IReadOnlyList<Credential>? Credentials = null);

/// <summary>Argument of <c>Patients:PinCredential</c>: the first credential of a patient enrolled without one.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Credential">The credential.</param>
public sealed record PinCredential(string PatientId, Credential Credential);

/// <summary>Argument of <c>Patients:ShareLabelKey</c>; the envelope travels in the transient map as <c>envelope</c>.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Recipient">MSP id of the affiliated member that may open the envelope.</param>
/// <param name="KeyId">The recipient's sealing key that the envelope is sealed to.</param>
public sealed record ShareLabelKey(string PatientId, string Recipient, string KeyId);

/// <summary>Argument of <c>Patients:GetLabelKey</c>, to be evaluated at the sender's peer.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="Sender">MSP id of the member that shared the key.</param>
public sealed record GetLabelKey(string PatientId, string Sender);

/// <summary>A sealed value from a private collection.</summary>
/// <param name="KeyId">The sealing key that it is sealed to.</param>
/// <param name="Envelope">The envelope, base64url.</param>
public sealed record SealedEnvelope(string KeyId, string Envelope);

/// <summary>What <c>Patients:Get</c> answers.</summary>
/// <param name="Patient">The patient.</param>
/// <param name="Members">Affiliated members, ordered by MSP id.</param>
/// <param name="Credentials">Credentials, ordered by id.</param>
public sealed record PatientView(
    PatientEntry Patient, IReadOnlyList<AffiliationEntry> Members, IReadOnlyList<CredentialEntry> Credentials);
