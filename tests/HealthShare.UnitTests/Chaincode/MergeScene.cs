using System.Buffers.Text;
using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>Two ids of one person: the scene's patient, and another one that some hospital enrolled.</summary>
public abstract class MergeScene
{
    private protected const string Merge = LedgerTransactions.MergePatients, Object = LedgerTransactions.ObjectToMerge;
    private protected static readonly LedgerJson Types = LedgerJson.Default;
    private protected static readonly GrantBody DenySouth = new(Effect.Deny, [new Provision { Who = [new WhoOrg(South)] }], new Period(Start));
    private protected readonly string other = LedgerId.New(IdKind.Patient);

    private protected async Task<LedgerScene> WithOtherAsync(string member, bool credential)
    {
        var scene = await WithRecordsAsync();
        await EnrolAsync(scene, member, credential ? scene.Passkey : null);
        return scene;
    }

    private protected Task<byte[]> EnrolAsync(LedgerScene scene, string member, SoftwareAuthenticator? passkey) => scene.SubmitAsync(member,
        LedgerTransactions.EnrollPatient, new EnrollPatient(other, passkey is null ? null : [scene.Credential(passkey)]), Types.EnrollPatient);

    private protected static async Task<string> EnrolNewAsync(LedgerScene scene, string member)
    {
        var id = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(member, LedgerTransactions.EnrollPatient, new EnrollPatient(id), Types.EnrollPatient);
        return id;
    }

    // Both hospitals know both ids, and say so.
    private protected async Task CompleteAsync(LedgerScene scene, SoftwareAuthenticator second)
    {
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South)), Types.SignedStatement);
        await scene.SubmitAsync(East, LedgerTransactions.LinkPatient, SignAs(scene, second, new LinkBody(North)), Types.SignedStatement);
        await MergeAsync(scene, South, other, scene.PatientId);
        Assert.NotNull((await MergeAsync(scene, North, other, scene.PatientId)).CompleteAt);
    }

    private protected static async Task<MergeEntry> MergeAsync(LedgerScene scene, string member, string merged, string surviving) => Read(
        await scene.SubmitAsync(member, Merge, new MergePatients(IdOf(merged, surviving), merged, surviving), Types.MergePatients), Types.MergeEntry);

    private protected Task RefusedAsync(LedgerScene scene, string code, string member, string? id = null, string? merged = null, string? surviving = null)
    {
        var (from, to) = (merged ?? other, surviving ?? scene.PatientId);
        return scene.RefusedAsync(code, member, Merge, new MergePatients(id ?? IdOf(from, to), from, to), Types.MergePatients);
    }

    private protected static string IdOf(string merged, string surviving) =>
        LedgerId.From(IdKind.Statement, SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(merged + surviving)).AsSpan(0, 16));

    private protected SignedStatement SignAs(LedgerScene scene, SoftwareAuthenticator passkey, StatementBody body, string? patient = null)
    {
        var bytes = StatementWriter.Write(scene.Statement(body) with { Patient = patient ?? other, Signer = new StatementSigner(passkey.CredentialId) });
        return Signed(bytes, passkey.Sign(bytes));
    }

    private protected async Task<string> GrantAsync(LedgerScene scene, SoftwareAuthenticator passkey, GrantBody grant) =>
        (await scene.GrantAsync(SignAs(scene, passkey, grant))).StatementId;

    private protected static async Task<string> AttestDenyAsync(LedgerScene scene, string patient, GrantBody deny)
    {
        var id = LedgerId.New(IdKind.Statement);
        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, new AttestConsent(patient, id, AttestationForm.Paper,
            Base64Url.EncodeToString(StatementWriter.WriteGrant(deny))), Types.AttestConsent);
        return id;
    }

    private protected static async Task<string> ReasonAsync(LedgerScene scene) => (await DecisionAsync(scene, South)).Reason;

    private protected static async Task<(string Reason, string? Statement)> DecisionAsync(LedgerScene scene, string member)
    {
        var decision = (await scene.AskAsync(scene.Request(1), member)).Decisions[0];
        return (decision.Reason, decision.StatementId);
    }
}
