using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Policy.WebAuthn;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Reads statements from their form on the ledger and verifies who signed them.</summary>
public static class SignedStatementReader
{
    private const int MaxAssertionPartBytes = 4096;

    /// <summary>Reads the statement without looking at its assertion.</summary>
    /// <exception cref="PolicyException">The bytes are not exactly a statement.</exception>
    public static Statement Read(SignedStatement signed) => StatementReader.Read(BytesOf(signed));

    /// <summary>Verifies the assertion over the statement's bytes against the credential as it was enrolled.</summary>
    /// <exception cref="PolicyException">Some check failed; the code begins with <c>assertion.</c>.</exception>
    public static void Verify(SignedStatement signed, Credential credential) =>
        Verify(signed.Assertion, credential, BytesOf(signed), SignedKind.Statement);

    /// <summary>Verifies an assertion over given bytes.</summary>
    /// <exception cref="PolicyException">Some check failed; the code begins with <c>assertion.</c>.</exception>
    internal static void Verify(SignedAssertion given, Credential credential, byte[] bytes, SignedKind kind)
    {
        var pinned = new PinnedCredential(credential.CredentialId, KeyOf(credential), credential.RpId, credential.Origins);
        var assertion = new Assertion(given.Credential, Decode(given.AuthenticatorData, "authenticatorData"),
            Decode(given.ClientDataJSON, "clientDataJSON"), Decode(given.Signature, "signature"));
        AssertionVerifier.Verify(assertion, pinned, bytes, kind);
    }

    /// <summary>The credential's public key.</summary>
    /// <exception cref="PolicyException"><c>credential.key_malformed</c> or <c>credential.key_unsupported</c>.</exception>
    public static Es256PublicKey KeyOf(Credential credential) =>
        StrictBase64Url.TryDecode(credential.PublicKey, Es256PublicKey.MaxCoseBytes, out var cose)
            ? Es256PublicKey.FromCose(cose)
            : throw new PolicyException("credential.key_malformed", "The key is not base64url, or too long.");

    private static byte[] BytesOf(SignedStatement signed) =>
        StatementReader.Decode(signed.Statement, Statement.MaxBytes, "The statement");

    private static byte[] Decode(string text, string member) =>
        StrictBase64Url.TryDecode(text, MaxAssertionPartBytes, out var bytes)
            ? bytes
            : throw new PolicyException("assertion.encoding_invalid", $"The assertion's {member} is not base64url, or too long.");
}
