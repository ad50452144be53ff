using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.Sandbox.Stories;

/// <summary>The patient's own device: it shows what is signed and signs it, and no hospital can do that in its place.</summary>
internal sealed class PatientDevice(string patientId, SoftwareAuthenticator passkey) : IDisposable
{
    public string PatientId { get; } = patientId;

    /// <summary>The credential as a registrar pins it at the desk.</summary>
    public Credential Credential { get; } =
        new(passkey.CredentialId, Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);

    /// <summary>Signs a statement of this patient that is issued now.</summary>
    public (string Id, SignedStatement Signed) Sign(StatementBody body)
    {
        var id = LedgerId.New(IdKind.Statement);
        var bytes = StatementWriter.Write(new Statement(
            ConsortiumLedger.Channel, id, PatientId, new StatementSigner(passkey.CredentialId),
            LedgerTime.Truncate(TimeProvider.System.GetUtcNow()), body));
        var made = passkey.Sign(bytes);
        return (id, new SignedStatement(Base64Url.EncodeToString(bytes), new SignedAssertion(
            made.Credential, Base64Url.EncodeToString(made.AuthenticatorData.Span),
            Base64Url.EncodeToString(made.ClientDataJson.Span), Base64Url.EncodeToString(made.Signature.Span))));
    }

    public void Dispose() => passkey.Dispose();
}
