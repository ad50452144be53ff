using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Policy.WebAuthn;

namespace HealthShare.Sandbox.Authenticator;

/// <summary>
/// A passkey in software: one ES256 credential for one relying party, always with the user present and verified. It stands
/// in for a person's device where no browser is at hand; it protects its key no better than the process does.
/// </summary>
public sealed class SoftwareAuthenticator : IDisposable
{
    private const byte UserPresentAndVerified = 0b0000_0101;
    private const int CredentialIdLength = 16;
    private readonly ECDsa key;

    private SoftwareAuthenticator(ECDsa key, string credentialId, string rpId, string origin)
    {
        this.key = key;
        (CredentialId, RpId, Origin) = (credentialId, rpId, origin);
        CoseKey = WriteCose(key.ExportParameters(includePrivateParameters: false));
    }

    /// <summary>Credential id in base64url.</summary>
    public string CredentialId { get; }

    /// <summary>Relying party id, such as <c>north.localhost</c>.</summary>
    public string RpId { get; }

    /// <summary>Origin that asks for signatures, such as <c>http://north.localhost:5101</c>.</summary>
    public string Origin { get; }

    /// <summary>Public key as COSE_Key, 77 bytes.</summary>
    public ReadOnlyMemory<byte> CoseKey { get; }

    /// <summary>User handle that the credential was registered for, base64url; null before.</summary>
    public string? UserHandle { get; private set; }

    /// <summary>Makes a new credential.</summary>
    public static SoftwareAuthenticator Create(string rpId, string origin) => new(
        ECDsa.Create(ECCurve.NamedCurves.nistP256),
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CredentialIdLength)), rpId, origin);

    /// <summary>Restores a credential from <see cref="ExportPrivateKey"/>.</summary>
    /// <exception cref="CryptographicException">The bytes are no private key.</exception>
    public static SoftwareAuthenticator Restore(ReadOnlySpan<byte> pkcs8, string credentialId, string rpId, string origin)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return new SoftwareAuthenticator(key, credentialId, rpId, origin);
    }

    /// <summary>The private key in PKCS #8, for a sandbox that is kept between starts.</summary>
    public byte[] ExportPrivateKey() => key.ExportPkcs8PrivateKey();

    /// <summary>Signs a statement's canonical bytes, as a browser would at this credential's origin.</summary>
    public Assertion Sign(ReadOnlySpan<byte> statement, SignedKind kind = SignedKind.Statement) =>
        Sign(AuthenticatorData(), ClientData(AssertionVerifier.ChallengeFor(statement, kind)));

    /// <summary>Signs the given parts as they are.</summary>
    public Assertion Sign(ReadOnlyMemory<byte> authenticatorData, ReadOnlyMemory<byte> clientDataJson)
    {
        byte[] signed = [.. authenticatorData.Span, .. SHA256.HashData(clientDataJson.Span)];
        var signature = key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new Assertion(CredentialId, authenticatorData, clientDataJson, signature);
    }

    /// <summary>Authenticator data without extensions and with a signature counter of zero, as passkeys have it.</summary>
    public byte[] AuthenticatorData() => [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), UserPresentAndVerified, 0, 0, 0, 0];

    /// <summary>Client data for a challenge.</summary>
    public byte[] ClientData(ReadOnlySpan<byte> challenge, string type = "webauthn.get") => Encoding.UTF8.GetBytes(
        $$"""{"type":"{{type}}","challenge":"{{Base64Url.EncodeToString(challenge)}}","origin":"{{Origin}}","crossOrigin":false}""");

    /// <summary>
    /// Registers as a browser does: answers creation options with <c>PublicKeyCredential.toJSON()</c>, attestation <c>none</c>. The user
    /// handle of the options is kept for signing in.
    /// </summary>
    public JsonObject Register(JsonElement creationOptions)
    {
        UserHandle = creationOptions.GetProperty("user").GetProperty("id").GetString();
        var challenge = Base64Url.DecodeFromChars(creationOptions.GetProperty("challenge").GetString());
        return Registration(ClientData(challenge, "webauthn.create"), AttestationObject(UserPresentAndVerified));
    }

    /// <summary>A registration of the given parts as they are.</summary>
    public JsonObject Registration(ReadOnlySpan<byte> clientDataJson, ReadOnlySpan<byte> attestationObject) => new()
    {
        ["id"] = CredentialId,
        ["rawId"] = CredentialId,
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["authenticatorAttachment"] = "platform",
        ["response"] = new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(clientDataJson),
            ["attestationObject"] = Base64Url.EncodeToString(attestationObject),
            ["transports"] = new JsonArray("internal"),
        },
    };

    /// <summary>Signs in as a browser does: answers request options with <c>PublicKeyCredential.toJSON()</c>.</summary>
    public JsonObject SignIn(JsonElement requestOptions) => SignIn(
        AuthenticatorData(), ClientData(Base64Url.DecodeFromChars(requestOptions.GetProperty("challenge").GetString())));

    /// <summary>An answer over the given parts as they are.</summary>
    public JsonObject SignIn(ReadOnlyMemory<byte> authenticatorData, ReadOnlyMemory<byte> clientDataJson)
    {
        var made = Sign(authenticatorData, clientDataJson);
        return new JsonObject
        {
            ["id"] = CredentialId,
            ["rawId"] = CredentialId,
            ["type"] = "public-key",
            ["clientExtensionResults"] = new JsonObject(),
            ["authenticatorAttachment"] = "platform",
            ["response"] = new JsonObject
            {
                ["clientDataJSON"] = Base64Url.EncodeToString(made.ClientDataJson.Span),
                ["authenticatorData"] = Base64Url.EncodeToString(made.AuthenticatorData.Span),
                ["signature"] = Base64Url.EncodeToString(made.Signature.Span),
                ["userHandle"] = UserHandle,
            },
        };
    }

    /// <summary>An attestation object (WebAuthn level 3, section 6.5) of format <c>none</c>.</summary>
    /// <param name="flags">Flags of the authenticator data besides the one that says that a credential follows.</param>
    /// <param name="coseKey">Another public key to state; empty for the own one.</param>
    public byte[] AttestationObject(byte flags, ReadOnlySpan<byte> coseKey = default)
    {
        const byte CredentialFollows = 0b0100_0000;
        var id = Base64Url.DecodeFromChars(CredentialId);
        byte[] data =
        [
            .. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), (byte)(flags | CredentialFollows), 0, 0, 0, 0, .. new byte[16],
            (byte)(id.Length >> 8), (byte)id.Length, .. id, .. coseKey.IsEmpty ? CoseKey.Span : coseKey,
        ];
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(3);
        writer.WriteTextString("fmt");
        writer.WriteTextString("none");
        writer.WriteTextString("attStmt");
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteTextString("authData");
        writer.WriteByteString(data);
        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    private static byte[] WriteCose(ECParameters parameters)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(5);
        writer.WriteInt32(1); // key type: elliptic curve with two coordinates
        writer.WriteInt32(2);
        writer.WriteInt32(3); // algorithm: ES256
        writer.WriteInt32(-7);
        writer.WriteInt32(-1); // curve: P-256
        writer.WriteInt32(1);
        writer.WriteInt32(-2);
        writer.WriteByteString(parameters.Q.X!);
        writer.WriteInt32(-3);
        writer.WriteByteString(parameters.Q.Y!);
        writer.WriteEndMap();
        return writer.Encode();
    }
}
