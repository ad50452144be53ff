using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;

namespace HealthShare.Node.Patients.Handles;

/// <summary>
/// A patient's one-time code as it stands in the QR: signed by the patient's own passkey, so that any member's node can check it by what
/// the channel says of the patient, without asking anybody.
/// </summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="PatientId">The patient.</param>
/// <param name="Nonce">16 random bytes, base64url: names this code.</param>
/// <param name="Issued">When it was made, by the patient's device.</param>
/// <param name="Expires">When it is over.</param>
internal sealed record SignedHandle(string Channel, string PatientId, string Nonce, DateTimeOffset Issued, DateTimeOffset Expires)
{
    /// <summary>What the text of a code for a QR begins with.</summary>
    public const string Prefix = "hs1.";

    /// <summary>Longest text, in characters.</summary>
    public const int MaxLength = 2048;

    private const int NonceBytes = 16, MaxPartBytes = 1024;

    /// <summary>How long a code may be good at most.</summary>
    public static readonly TimeSpan LongestFor = TimeSpan.FromMinutes(15);

    /// <summary>How far the clocks of the device and the node may differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private byte[] signed = [];
    private Assertion? assertion;

    /// <summary>Id of the credential that signed it.</summary>
    public string CredentialId => assertion!.Credential;

    /// <summary>Name of this code in the database: the nonce itself is nowhere.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Channel}\n{PatientId}\n{Nonce}")));

    /// <summary>Reads the text of a code; whose it is must be checked by <see cref="IsSignedBy"/>.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out SignedHandle? handle)
    {
        handle = null;
        if (text.Length > MaxLength || text.Split('.') is not [var version, var body, var credential, var authenticator, var client, var signature]
            || version != Prefix[..^1] || !LedgerCode.IsCredentialId(credential)
            || !StrictBase64Url.TryDecode(body, MaxPartBytes, out var bytes) || !StrictBase64Url.TryDecode(authenticator, MaxPartBytes, out var data)
            || !StrictBase64Url.TryDecode(client, MaxPartBytes, out var clientData) || !StrictBase64Url.TryDecode(signature, MaxPartBytes, out var proof))
            return false;
        // What is read back must be exactly what was signed, so nothing can be said in two ways.
        if (Encoding.UTF8.GetString(bytes).Split('\n') is not [var channel, var patient, var nonce, var from, var until]
            || !LedgerId.IsValid(IdKind.Patient, patient) || !StrictBase64Url.TryDecode(nonce, NonceBytes, out var random) || random.Length != NonceBytes
            || !LedgerTime.TryParse(from, out var issued) || !LedgerTime.TryParse(until, out var expires))
            return false;
        var read = new SignedHandle(channel, patient, nonce, issued, expires)
        {
            signed = bytes, assertion = new Assertion(credential, data, clientData, proof),
        };
        if (!read.ToBytes().AsSpan().SequenceEqual(bytes))
            return false;
        handle = read;
        return true;
    }

    /// <summary>True while it is good by this clock, and was not made to be good for too long.</summary>
    public bool IsGoodAt(DateTimeOffset now) =>
        Issued <= now + ClockSkew && now < Expires && Expires > Issued && Expires - Issued <= LongestFor;

    /// <summary>True when this credential signed it, by everything that was pinned for the credential.</summary>
    public bool IsSignedBy(Credential credential)
    {
        try
        {
            AssertionVerifier.Verify(assertion!, new PinnedCredential(
                credential.CredentialId, SignedStatementReader.KeyOf(credential), credential.RpId, credential.Origins), signed, SignedKind.Handle);
            return true;
        }
        catch (PolicyException)
        {
            return false;
        }
    }

    /// <summary>The bytes that a passkey signs: lines of text.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(
        $"{Channel}\n{PatientId}\n{Nonce}\n{LedgerTime.Format(Issued)}\n{LedgerTime.Format(Expires)}");

    /// <summary>The text with an assertion over <see cref="ToBytes"/>.</summary>
    public string ToText(Assertion proof) => Prefix + string.Join('.', Base64Url.EncodeToString(ToBytes()), proof.Credential,
        Base64Url.EncodeToString(proof.AuthenticatorData.Span), Base64Url.EncodeToString(proof.ClientDataJson.Span),
        Base64Url.EncodeToString(proof.Signature.Span));
}
