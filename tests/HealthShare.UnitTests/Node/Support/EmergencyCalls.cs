using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>A physician and a nurse of a hospital who declare emergencies over its node's API.</summary>
internal sealed class EmergencyCalls(string mspId, string patientId) : IAsyncDisposable
{
    public const string Path = "/api/v1/emergency-access", Keys = "/api/v1/staff-keys";
    public const string Reason = "Unconscious after a fall, no relatives reached.";
    private static readonly byte[] Salt = RandomNumberGenerator.GetBytes(16);

    public SoftwareAuthenticator Physician { get; } = SoftwareAuthenticator.Create("south.example", "https://south.example");

    public SoftwareAuthenticator Nurse { get; } = SoftwareAuthenticator.Create("south.example", "https://south.example");

    /// <summary>Two people whose keys are registered.</summary>
    /// <param name="registrar">The hospital's registrar.</param>
    /// <param name="mspId">The hospital.</param>
    /// <param name="patientId">The patient.</param>
    /// <param name="physician">Staff id of the caller who declares.</param>
    public static async Task<EmergencyCalls> RegisterAsync(HttpClient registrar, string mspId, string patientId, string physician)
    {
        var calls = new EmergencyCalls(mspId, patientId);
        foreach (var (staff, role, key) in new[] { (physician, "physician", calls.Physician), ("staff-of-nurse", "nurse", calls.Nurse) })
        {
            await registrar.PostAsync(Keys, new JsonObject { ["staffId"] = staff, ["role"] = role, ["credential"] = key.Credential() },
                HttpStatusCode.Created);
        }
        return calls;
    }

    /// <summary>A declaration for physicians and four hours, issued now.</summary>
    public EmergencyStatement Statement() => new("health", LedgerId.New(IdKind.Emergency), patientId, mspId, "physician",
        new EmergencyReason(EmergencyReason.CannotConsent,
            Base64Url.EncodeToString(SHA256.HashData([.. Salt, .. Encoding.UTF8.GetBytes(Reason)]))),
        LedgerTime.Truncate(DateTimeOffset.UtcNow), LedgerTime.Truncate(DateTimeOffset.UtcNow).AddHours(4));

    public JsonObject Body(EmergencyStatement? statement = null, SoftwareAuthenticator? second = null, SignedKind kind = SignedKind.Emergency)
    {
        var bytes = EmergencyWriter.Write(statement ?? Statement());
        return new JsonObject
        {
            ["statement"] = Base64Url.EncodeToString(bytes), ["first"] = Json(Physician.Sign(bytes, kind)),
            ["second"] = Json((second ?? Nurse).Sign(bytes, kind)), ["reason"] = Reason, ["salt"] = Base64Url.EncodeToString(Salt),
        };
    }

    /// <summary>Breaks the glass.</summary>
    public Task<JsonElement> DeclareAsync(HttpClient physician) => physician.PostAsync(Path, Body(), HttpStatusCode.Created);

    public ValueTask DisposeAsync()
    {
        Physician.Dispose();
        Nurse.Dispose();
        return ValueTask.CompletedTask;
    }

    private static JsonObject Json(Assertion assertion) => new()
    {
        ["credential"] = assertion.Credential,
        ["authenticatorData"] = Base64Url.EncodeToString(assertion.AuthenticatorData.Span),
        ["clientDataJSON"] = Base64Url.EncodeToString(assertion.ClientDataJson.Span),
        ["signature"] = Base64Url.EncodeToString(assertion.Signature.Span),
    };
}
