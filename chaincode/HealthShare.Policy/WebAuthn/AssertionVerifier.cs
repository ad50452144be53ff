using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Policy.WebAuthn;

/// <summary>
/// Verifies that a passkey signed a statement (WebAuthn level 3, section 7.2, with a statement's hash as the challenge).
/// </summary>
public static class AssertionVerifier
{
    private const int MaxSignatureBytes = 72; // two 33-byte integers and three headers

    /// <summary>The challenge: SHA-256 over a fixed line of the kind of what is signed, and its bytes.</summary>
    public static byte[] ChallengeFor(ReadOnlySpan<byte> statement, SignedKind kind = SignedKind.Statement)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(kind switch
        {
            SignedKind.Emergency => "healthshare-emergency-v1\n"u8,
            SignedKind.Handle => "healthshare-handle-v1\n"u8,
            _ => "healthshare-statement-v1\n"u8,
        });
        hash.AppendData(statement);
        return hash.GetHashAndReset();
    }

    /// <summary>Checks one assertion over one statement against the credential as it was pinned.</summary>
    /// <exception cref="PolicyException">
    /// Some check failed: <c>assertion.credential</c>, <c>assertion.client_data_malformed</c>, <c>assertion.type</c>,
    /// <c>assertion.challenge</c>, <c>assertion.origin</c>, <c>assertion.cross_origin</c>,
    /// <c>assertion.authenticator_data_malformed</c>, <c>assertion.rp_id</c>, <c>assertion.user_not_present</c>,
    /// <c>assertion.user_not_verified</c>, <c>assertion.signature_malformed</c> or <c>assertion.signature_invalid</c>.
    /// </exception>
    public static void Verify(
        Assertion assertion, PinnedCredential credential, ReadOnlySpan<byte> statement, SignedKind kind = SignedKind.Statement)
    {
        if (!string.Equals(assertion.Credential, credential.Id, StringComparison.Ordinal))
            throw Refused("assertion.credential", "Another credential made the assertion.");
        CheckClientData(ClientData.Read(assertion.ClientDataJson), credential, ChallengeFor(statement, kind));
        CheckAuthenticatorData(AuthenticatorData.Read(assertion.AuthenticatorData), credential);
        CheckSignature(assertion, credential);
    }

    private static void CheckClientData(ClientData data, PinnedCredential credential, byte[] challenge)
    {
        if (data.Type is not "webauthn.get")
            throw Refused("assertion.type", "The client data is not that of an assertion.");
        if (!CryptographicOperations.FixedTimeEquals(data.Challenge, challenge))
            throw Refused("assertion.challenge", "The assertion was made over another statement.");
        if (!credential.Origins.Contains(data.Origin, StringComparer.Ordinal))
            throw Refused("assertion.origin", "The origin is not one of the credential's.");
        if (data.CrossOrigin)
            throw Refused("assertion.cross_origin", "The assertion was made inside a page of another origin.");
    }

    private static void CheckAuthenticatorData(AuthenticatorData data, PinnedCredential credential)
    {
        if (!data.RpIdHash.SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(credential.RpId))))
            throw Refused("assertion.rp_id", "The relying party is not the credential's.");
        if (!data.Flags.HasFlag(AuthenticatorFlags.UserPresent))
            throw Refused("assertion.user_not_present", "The authenticator did not see a person.");
        if (!data.Flags.HasFlag(AuthenticatorFlags.UserVerified))
            throw Refused("assertion.user_not_verified", "The authenticator did not verify the person.");
    }

    private static void CheckSignature(Assertion assertion, PinnedCredential credential)
    {
        if (assertion.Signature.Length > MaxSignatureBytes)
            throw Refused("assertion.signature_malformed", "The signature is too long.");
        var signed = new byte[assertion.AuthenticatorData.Length + SHA256.HashSizeInBytes];
        assertion.AuthenticatorData.CopyTo(signed);
        SHA256.HashData(assertion.ClientDataJson.Span, signed.AsSpan(assertion.AuthenticatorData.Length));
        if (!credential.PublicKey.Verify(signed, assertion.Signature))
            throw Refused("assertion.signature_invalid", "The signature does not verify.");
    }

    private static PolicyException Refused(string code, string message) => new(code, message);
}
