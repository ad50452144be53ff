namespace HealthShare.Policy.WebAuthn;

/// <summary>A WebAuthn assertion as a browser returns it (WebAuthn level 3, section 5.2.2).</summary>
/// <param name="Credential">Credential id in base64url.</param>
/// <param name="AuthenticatorData">Authenticator data, section 6.1.</param>
/// <param name="ClientDataJson">Client data as serialized by the browser, section 5.8.1.</param>
/// <param name="Signature">ECDSA signature in DER, section 6.5.5.</param>
public sealed record Assertion(
    string Credential, ReadOnlyMemory<byte> AuthenticatorData, ReadOnlyMemory<byte> ClientDataJson, ReadOnlyMemory<byte> Signature);

/// <summary>A credential with what was pinned when it was enrolled.</summary>
/// <param name="Id">Credential id in base64url.</param>
/// <param name="PublicKey">Its public key.</param>
/// <param name="RpId">Relying party id, such as <c>north.example</c>.</param>
/// <param name="Origins">Origins that may ask for its signature, such as <c>https://north.example</c>; compared exactly.</param>
public sealed record PinnedCredential(string Id, Es256PublicKey PublicKey, string RpId, IReadOnlyList<string> Origins);
