using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>A person whom the patient appoints, with a passkey of an origin of that person's own.</summary>
internal sealed class DelegateScene(LedgerScene scene) : IDisposable
{
    public static readonly DateTimeOffset End = new(2026, 9, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerJson Types = LedgerJson.Default;

    public string Id { get; } = LedgerId.New(IdKind.Delegate);

    public SoftwareAuthenticator Passkey { get; } = SoftwareAuthenticator.Create("south.example", "https://south.example");

    public static DelegateScope Everything => new(DelegateActs.Permit | DelegateActs.Deny | DelegateActs.Revoke | DelegateActs.Link);

    public AppointDelegateBody Appointment(DelegateScope? scope = null, DateTimeOffset? end = null) => new(
        Id, [Own(Passkey)], scope ?? Everything, end ?? End);

    public static AddCredentialBody Own(SoftwareAuthenticator passkey) => new(
        passkey.CredentialId, Base64Url.EncodeToString(passkey.CoseKey.Span), passkey.RpId, [passkey.Origin]);

    /// <summary>The patient appoints the delegate.</summary>
    public Task AppointAsync(DelegateScope? scope = null, DateTimeOffset? end = null) => scene.SubmitAsync(
        LedgerScene.South, LedgerTransactions.AppointDelegate, scene.Sign(Appointment(scope, end)), Types.SignedStatement);

    public Statement Statement(StatementBody body) =>
        scene.Statement(body) with { Signer = new StatementSigner(Passkey.CredentialId, Id) };

    /// <summary>A statement that the delegate signs.</summary>
    public SignedStatement Sign(StatementBody body) => Sign(Statement(body));

    public SignedStatement Sign(Statement statement)
    {
        var bytes = StatementWriter.Write(statement);
        return LedgerScene.Signed(bytes, Passkey.Sign(bytes));
    }

    public void Dispose() => Passkey.Dispose();
}
