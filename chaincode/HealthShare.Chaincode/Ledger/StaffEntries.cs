namespace HealthShare.Chaincode.Ledger;

/// <summary>Argument of <c>Staff:Register</c>. The caller is the hospital that the person works for.</summary>
/// <param name="Staff">Staff id of the person; random, never a name. Keys of one person have one staff id.</param>
/// <param name="Role">The person's role, such as <c>physician</c>.</param>
/// <param name="Credential">The key, with its relying party and origins.</param>
public sealed record RegisterStaffKey(string Staff, string Role, Credential Credential);

/// <summary>Argument of <c>Staff:Revoke</c>. The caller is the hospital that registered the key.</summary>
/// <param name="CredentialId">WebAuthn credential id, base64url.</param>
public sealed record RevokeStaffKey(string CredentialId);

/// <summary>A key of a member of staff. A revoked one stays, so that its id is never used again.</summary>
/// <param name="Member">MSP id of the hospital that vouches for it.</param>
/// <param name="Staff">Staff id.</param>
/// <param name="Role">Role.</param>
/// <param name="Credential">The key.</param>
/// <param name="RegisteredAt">Proposal time.</param>
/// <param name="RevokedAt">Proposal time of the revocation; null while in force.</param>
public sealed record StaffKeyEntry(
    string Member, string Staff, string Role, Credential Credential, DateTimeOffset RegisteredAt, DateTimeOffset? RevokedAt = null);

/// <summary>Staff keys of a member, ordered by credential id.</summary>
/// <param name="Keys">The keys, revoked ones included.</param>
public sealed record StaffKeyList(IReadOnlyList<StaffKeyEntry> Keys);
