namespace HealthShare.Chaincode.Ledger;

/// <summary>A person who signs for a patient, as the patient's signed appointment says. Kept for ever.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="DelegateId">Id, <c>dg-…</c>.</param>
/// <param name="Appointment">The latest appointment and its assertion: credentials, scope and end stand there.</param>
/// <param name="RelayedBy">MSP id of the member that submitted it.</param>
/// <param name="AppointedAt">Proposal time of that.</param>
/// <param name="RevokedBy">Id of the signed revocation; null while there is none.</param>
/// <param name="RevokedAt">Proposal time of the revocation.</param>
public sealed record DelegateEntry(
    string PatientId, string DelegateId, SignedStatement Appointment, string RelayedBy, DateTimeOffset AppointedAt,
    string? RevokedBy = null, DateTimeOffset? RevokedAt = null);

/// <summary>That the patient confirmed a permit which a delegate signed, or one guardian a permit of another.</summary>
/// <param name="StatementId">The permit.</param>
/// <param name="Confirmer">Id of the patient, <c>pt-…</c>, or of the guardian, <c>dg-…</c>.</param>
/// <param name="ConfirmedBy">Id of the signed confirmation.</param>
public sealed record ConfirmationEntry(string StatementId, string Confirmer, string ConfirmedBy);
