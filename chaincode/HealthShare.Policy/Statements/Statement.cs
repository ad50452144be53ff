using System.Collections.Immutable;

namespace HealthShare.Policy.Statements;

/// <summary>What a patient signed, read and checked member by member.</summary>
/// <param name="Channel">Channel that the statement is for; no other accepts it.</param>
/// <param name="Id">Id of the statement, <c>st-…</c>; never used twice.</param>
/// <param name="Patient">Patient whose records it speaks about, <c>pt-…</c>.</param>
/// <param name="Signer">Who signed.</param>
/// <param name="Issued">When the signer wrote it, by the signer's clock.</param>
/// <param name="Body">What it says.</param>
public sealed record Statement(
    string Channel, string Id, string Patient, StatementSigner Signer, DateTimeOffset Issued, StatementBody Body)
{
    /// <summary>The version that this code reads and writes.</summary>
    public const int Version = 1;

    /// <summary>Largest statement in bytes of its canonical form.</summary>
    public const int MaxBytes = 16 * 1024;
}

/// <summary>Who signed a statement.</summary>
/// <param name="Credential">WebAuthn credential id in base64url.</param>
/// <param name="Delegate">Id of the delegate whose credential it is, <c>dg-…</c>; null when the patient signed.</param>
public sealed record StatementSigner(string Credential, string? Delegate = null);

/// <summary>What a statement says; one class per type.</summary>
public abstract record StatementBody;

/// <summary>Takes back an earlier statement of the same patient.</summary>
/// <param name="Statement">Id of the statement that ends.</param>
public sealed record RevokeBody(string Statement) : StatementBody;

/// <summary>Affiliates another member: it may hold the label key and register records of the patient.</summary>
/// <param name="Member">MSP id of the member.</param>
public sealed record LinkBody(string Member) : StatementBody;

/// <summary>
/// Ends the patient on the channel for good: nothing more is decided, released or registered, and each node destroys what it holds to
/// share. It says nothing more, for it is about everything.
/// </summary>
public sealed record EraseBody : StatementBody;

/// <summary>Introduces another credential of the patient.</summary>
/// <param name="Credential">WebAuthn credential id in base64url.</param>
/// <param name="PublicKey">COSE_Key for ES256 in base64url.</param>
/// <param name="RpId">Relying party that the credential is pinned to.</param>
/// <param name="Origins">Origins that may ask for its signature, 1 to 8.</param>
public sealed record AddCredentialBody(string Credential, string PublicKey, string RpId, ImmutableArray<string> Origins) : StatementBody;

/// <summary>Ends a credential of the patient for good.</summary>
/// <param name="Credential">WebAuthn credential id in base64url; the signer's own, too.</param>
public sealed record RevokeCredentialBody(string Credential) : StatementBody;
