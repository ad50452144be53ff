using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.Sandbox.Stories;

/// <summary>The passkey of a member of staff.</summary>
internal sealed class StaffDevice : IDisposable
{
    private const string Reason = "Found unconscious; nobody at hand who knows of allergies or medication.";
    private const int SaltBytes = 16;
    private readonly SoftwareAuthenticator passkey;
    private readonly SandboxMember at;
    private readonly string role;

    private StaffDevice(SandboxMember at, SoftwareAuthenticator passkey, string staffId, string role) =>
        (this.at, this.passkey, StaffId, this.role) = (at, passkey, staffId, role);

    public string StaffId { get; }

    /// <summary>The key as a registrar registers it.</summary>
    public JsonObject Key => new()
    {
        ["staffId"] = StaffId,
        ["role"] = role,
        ["credential"] = new JsonObject
        {
            ["credentialId"] = passkey.CredentialId,
            ["publicKey"] = Base64Url.EncodeToString(passkey.CoseKey.Span),
            ["rpId"] = passkey.RpId,
            ["origins"] = new JsonArray(passkey.Origin),
        },
    };

    /// <summary>Makes a passkey for somebody who signs in.</summary>
    public static StaffDevice Create(SandboxMember at, SandboxPorts ports, SignIn signIn) => new(
        at, SoftwareAuthenticator.Create(at.Host, SandboxNode.OriginOf(at, ports)),
        signIn.StaffId ?? throw new SandboxException($"{signIn.Person} has no staff id."), signIn.Role);

    /// <summary>A declaration for four hours, issued now and signed by both.</summary>
    public static JsonObject Declare(string patientId, StaffDevice first, StaffDevice second)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var now = LedgerTime.Truncate(TimeProvider.System.GetUtcNow());
        var bytes = EmergencyWriter.Write(new EmergencyStatement(
            ConsortiumLedger.Channel, LedgerId.New(IdKind.Emergency), patientId, first.at.MspId, first.role,
            new EmergencyReason(EmergencyReason.CannotConsent,
                Base64Url.EncodeToString(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(Reason)]))),
            now, now + EmergencyStatement.DefaultLength));
        return new JsonObject
        {
            ["statement"] = Base64Url.EncodeToString(bytes),
            ["first"] = first.Sign(bytes),
            ["second"] = second.Sign(bytes),
            ["reason"] = Reason,
            ["salt"] = Base64Url.EncodeToString(salt),
        };
    }

    /// <summary>Keeps the passkey in the state folder, so that it can be used by hand and after a restart.</summary>
    public void Keep(DirectoryInfo state) => PasskeyFile.Write(state, StaffId, passkey);

    public void Dispose() => passkey.Dispose();

    private JsonObject Sign(byte[] statement)
    {
        var made = passkey.Sign(statement, SignedKind.Emergency);
        return new JsonObject
        {
            ["credential"] = made.Credential,
            ["authenticatorData"] = Base64Url.EncodeToString(made.AuthenticatorData.Span),
            ["clientDataJSON"] = Base64Url.EncodeToString(made.ClientDataJson.Span),
            ["signature"] = Base64Url.EncodeToString(made.Signature.Span),
        };
    }
}
