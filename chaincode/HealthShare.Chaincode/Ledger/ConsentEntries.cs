namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// A statement and the proof that its signer made it. Argument of every transaction that takes a
/// signed statement.
/// </summary>
/// <param name="Statement">The statement's exact canonical bytes, base64url, at most 16 KiB.</param>
/// <param name="Assertion">The assertion over them.</param>
public sealed record SignedStatement(string Statement, SignedAssertion Assertion);

/// <summary>A WebAuthn assertion; every member in base64url.</summary>
/// <param name="Credential">Credential id.</param>
/// <param name="AuthenticatorData">Authenticator data.</param>
/// <param name="ClientDataJSON">Client data, its bytes as the browser made them.</param>
/// <param name="Signature">Signature in DER.</param>
public sealed record SignedAssertion(string Credential, string AuthenticatorData, string ClientDataJSON, string Signature);

/// <summary>A grant that was not revoked; its period may lie ahead, or be over for a while.</summary>
/// <param name="StatementId">Id from the statement.</param>
/// <param name="Signed">The statement and its assertion.</param>
/// <param name="RelayedBy">MSP id of the member whose node submitted it.</param>
/// <param name="AcceptedAt">Proposal time.</param>
/// <param name="CoSigned">The second signature under a broad permit; null where there is none.</param>
public sealed record StatementEntry(
    string StatementId, SignedStatement Signed, string RelayedBy, DateTimeOffset AcceptedAt, CoSignature? CoSigned = null);

/// <summary>A second signature over the same bytes, by a credential of an independent origin.</summary>
/// <param name="Assertion">The assertion.</param>
/// <param name="RelayedBy">MSP id of the member that submitted it; another than the grant's.</param>
/// <param name="AcceptedAt">Proposal time.</param>
public sealed record CoSignature(SignedAssertion Assertion, string RelayedBy, DateTimeOffset AcceptedAt);

/// <summary>Argument of <c>Consents:CoSign</c>.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="StatementId">The broad permit.</param>
/// <param name="Assertion">The second assertion over the permit's exact bytes.</param>
public sealed record CoSignConsent(string PatientId, string StatementId, SignedAssertion Assertion);

/// <summary>One use of a counted permit.</summary>
/// <param name="StatementId">The permit.</param>
/// <param name="Slot">Which of its uses, from 0.</param>
/// <param name="Requester">MSP id of the member that asked.</param>
/// <param name="AccessId">The request that was permitted something by it.</param>
public sealed record UseEntry(string StatementId, int Slot, string Requester, string AccessId);

/// <summary>Why a statement is not among those that decide.</summary>
public enum EndedStatementKind
{
    /// <summary>A grant that was revoked; <see cref="EndedStatementEntry.Signed"/> is the grant.</summary>
    RevokedGrant,

    /// <summary>
    /// A grant that another one replaced; <see cref="EndedStatementEntry.Signed"/> is the grant and
    /// <see cref="EndedStatementEntry.RevokedBy"/> the one that took its place.
    /// </summary>
    ReplacedGrant,

    /// <summary>An id that was revoked before any statement with it was seen; nobody can use it any more.</summary>
    RevokedUnseen,

    /// <summary>A revocation.</summary>
    Revocation,

    /// <summary>A link.</summary>
    Link,

    /// <summary>The addition of a credential.</summary>
    CredentialAdded,

    /// <summary>The revocation of a credential.</summary>
    CredentialRevoked,

    /// <summary>The appointment of a delegate, or its renewal.</summary>
    DelegateAppointed,

    /// <summary>The revocation of a delegate.</summary>
    DelegateRevoked,

    /// <summary>The confirmation of what a delegate permitted.</summary>
    Confirmation,

    /// <summary>
    /// A grant whose period was over when a later grant took it out of the range that decisions read;
    /// <see cref="EndedStatementEntry.Signed"/> is the grant. It was not revoked.
    /// </summary>
    ExpiredGrant,

    /// <summary>The erasure of the patient.</summary>
    Erasure,
}

/// <summary>A statement that decides nothing (any more).</summary>
/// <param name="StatementId">Its id.</param>
/// <param name="Kind">What it is.</param>
/// <param name="RelayedBy">MSP id of the member that submitted it, or its revocation when it was never seen.</param>
/// <param name="AcceptedAt">Proposal time of that.</param>
/// <param name="Signed">The statement and its assertion; null when it was revoked before it was seen.</param>
/// <param name="RevokedBy">Id of the revocation, or of the grant that replaced it; null for what did not end.</param>
/// <param name="RevokedAt">Proposal time of the revocation.</param>
public sealed record EndedStatementEntry(
    string StatementId, EndedStatementKind Kind, string RelayedBy, DateTimeOffset AcceptedAt, SignedStatement? Signed = null,
    string? RevokedBy = null, DateTimeOffset? RevokedAt = null);

/// <summary>Argument of <c>Consents:Get</c>.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="StatementId">Statement id.</param>
public sealed record GetConsent(string PatientId, string StatementId);

/// <summary>Statements of a patient, each list ordered by id. <c>Consents:Get</c> answers with the one in either list.</summary>
/// <param name="Grants">Grants that were not revoked.</param>
/// <param name="Ended">All others.</param>
public sealed record ConsentList(IReadOnlyList<StatementEntry> Grants, IReadOnlyList<EndedStatementEntry> Ended);
