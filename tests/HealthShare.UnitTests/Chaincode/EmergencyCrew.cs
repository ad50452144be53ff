using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.Policy.WebAuthn;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>A physician and a nurse with keys of their own, who can declare emergencies.</summary>
internal sealed class EmergencyCrew(string member) : IDisposable
{
    public const string PhysicianId = "s-e1", NurseId = "s-e2";

    public SoftwareAuthenticator Physician { get; } = SoftwareAuthenticator.Create("east.example", "https://east.example");

    public SoftwareAuthenticator Nurse { get; } = SoftwareAuthenticator.Create("east.example", "https://east.example");

    public string Member => member;

    public RegisterStaffKey PhysicianKey => new(PhysicianId, "physician", CredentialOf(Physician));

    public RegisterStaffKey NurseKey => new(NurseId, "nurse", CredentialOf(Nurse));

    /// <summary>A crew whose keys the channel knows.</summary>
    public static async Task<EmergencyCrew> RegisteredAsync(LedgerScene scene, string member = LedgerScene.East)
    {
        var crew = new EmergencyCrew(member);
        foreach (var key in (RegisterStaffKey[])[crew.PhysicianKey, crew.NurseKey])
            await scene.SubmitAsync(member, LedgerTransactions.RegisterStaffKey, key, LedgerJson.Default.RegisterStaffKey);
        return crew;
    }

    public static Credential CredentialOf(SoftwareAuthenticator key) =>
        new(key.CredentialId, Base64Url.EncodeToString(key.CoseKey.Span), key.RpId, [key.Origin]);

    /// <summary>A declaration for physicians and four hours.</summary>
    public EmergencyStatement Statement(LedgerScene scene) => new(
        "health", LedgerId.New(IdKind.Emergency), scene.PatientId, member, "physician",
        new EmergencyReason(EmergencyReason.CannotConsent, Base64Url.EncodeToString(SHA256.HashData("salt and words"u8))),
        LedgerTime.Truncate(scene.Ledger.Now), LedgerTime.Truncate(scene.Ledger.Now) + EmergencyStatement.DefaultLength);

    public SignedEmergency Sign(EmergencyStatement statement) => Sign(EmergencyWriter.Write(statement), Physician, Nurse);

    public static SignedEmergency Sign(
        byte[] statement, SoftwareAuthenticator first, SoftwareAuthenticator second, SignedKind kind = SignedKind.Emergency) =>
        new(Base64Url.EncodeToString(statement), Signed(first.Sign(statement, kind)), Signed(second.Sign(statement, kind)));

    public static EmergencyRef RefOf(EmergencyStatement statement) => new(statement.Patient, statement.Member, statement.Id);

    /// <summary>Breaks the glass.</summary>
    public async Task<EmergencyEntry> BreakGlassAsync(LedgerScene scene) => LedgerScene.Read(await scene.SubmitAsync(
        member, LedgerTransactions.BreakGlass, Sign(Statement(scene)), LedgerJson.Default.SignedEmergency), LedgerJson.Default.EmergencyEntry);

    /// <summary>What a physician asks for in a session.</summary>
    public static RequestAccess Request(LedgerScene scene, string emergencyId, params int[] records) =>
        scene.Request(records) with { Purpose = "ETREAT", EmergencyId = emergencyId, Staff = PhysicianId };

    public void Dispose()
    {
        Physician.Dispose();
        Nurse.Dispose();
    }

    private static SignedAssertion Signed(Assertion assertion) => new(assertion.Credential,
        Base64Url.EncodeToString(assertion.AuthenticatorData.Span), Base64Url.EncodeToString(assertion.ClientDataJson.Span),
        Base64Url.EncodeToString(assertion.Signature.Span));
}
