using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class CredentialReplayTests : IDisposable
{
    private const string Add = LedgerTransactions.AddCredential, Revoke = LedgerTransactions.RevokeCredential;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");

    [Fact]
    public async Task Credentials_that_patients_add_and_revoke_replay()
    {
        using var scene = await CreateAsync();
        await scene.GrantAsync(StoryGrant);
        await scene.SubmitAsync(South, Add, scene.Ledger.Sign(scene.Ledger.Addition(second)), Types.SignedStatement);
        await scene.AskAsync(1);
        await scene.SubmitAsync(Regulator, Revoke, scene.Ledger.Sign(new RevokeCredentialBody(scene.Ledger.Passkey.CredentialId)), Types.SignedStatement);
        Assert.Equal("deny.default", (await scene.AskAsync(1)).Decisions[0].Reason);
        await scene.SubmitAsync(South, LedgerTransactions.GrantConsent, scene.Ledger.SignWith(second, StoryGrant), Types.SignedStatement);
        Assert.Equal("permit.signed", (await scene.AskAsync(1)).Decisions[0].Reason);
    }

    [Fact]
    public async Task A_credential_that_nobody_signed_for_is_forged()
    {
        using var scene = await CreateAsync();
        var (patient, credential) = (scene.Ledger.PatientId, scene.Ledger.Credential(second));
        var statement = scene.Ledger.Statement(scene.Ledger.Addition(second));
        var entry = new CredentialEntry(patient, credential, South, scene.Now, statement.Id);
        var ended = new EndedStatementEntry(statement.Id, EndedStatementKind.CredentialAdded, South, scene.Now, scene.Ledger.Sign(statement));
        var endedWrite = Put(LedgerKey.EndedStatement(patient, statement.Id), ended, Types.EndedStatementEntry);
        (string, string?) PutEntry(CredentialEntry written) =>
            Put(LedgerKey.Credential(patient, written.Credential.CredentialId), written, Types.CredentialEntry);
        await ForgedAsync(scene, PutEntry(entry)); // no statement
        await ForgedAsync(scene, PutEntry(entry with { StatementId = null }), endedWrite); // as if the hospital vouched for it
        await ForgedAsync(scene, PutEntry(entry with { Credential = credential with { RpId = "example" } }), endedWrite); // not what was signed
        await ForgedAsync(scene, PutEntry(entry with { Credential = credential with { Origins = ["https://evil.authority.example"] } }), endedWrite);
        await ForgedAsync(scene, PutEntry(entry with { AddedBy = North }), endedWrite);
        await ForgedAsync(scene, PutEntry(entry with { RevokedBy = statement.Id, RevokedAt = scene.Now }), endedWrite);
        var stranger = scene.Ledger.SignWith(second, scene.Ledger.Addition(second));
        await ForgedAsync(scene, PutEntry(entry), Put(LedgerKey.EndedStatement(patient, statement.Id), ended with { Signed = stranger }, Types.EndedStatementEntry));
        Assert.NotNull(await scene.ForgeAsync(South, endedWrite)); // a statement without what it says
        Assert.Null(await scene.ForgeAsync(South, PutEntry(entry), endedWrite));
    }

    [Fact]
    public async Task A_revoked_credential_stays_revoked_and_none_is_revoked_without_a_signature()
    {
        using var scene = await CreateAsync();
        var patient = scene.Ledger.PatientId;
        var key = LedgerKey.Credential(patient, scene.Ledger.Passkey.CredentialId);
        await scene.SubmitAsync(South, Add, scene.Ledger.Sign(scene.Ledger.Addition(second)), Types.SignedStatement);
        var before = scene.Read(key, Types.CredentialEntry);
        var statement = scene.Ledger.Statement(new RevokeCredentialBody(scene.Ledger.Passkey.CredentialId));
        var revoked = before with { RevokedBy = statement.Id, RevokedAt = scene.Now };
        var ended = Put(LedgerKey.EndedStatement(patient, statement.Id), new EndedStatementEntry(
            statement.Id, EndedStatementKind.CredentialRevoked, South, scene.Now, scene.Ledger.Sign(statement)), Types.EndedStatementEntry);
        await ForgedAsync(scene, Put(key, revoked, Types.CredentialEntry));
        await ForgedAsync(scene, Put(key, revoked with { AddedBy = East }, Types.CredentialEntry), ended);
        await ForgedAsync(scene, Put(key, before, Types.CredentialEntry));
        Assert.NotNull(await scene.ForgeAsync(South, ended));
        Assert.Null(await scene.ForgeAsync(South, Put(key, revoked, Types.CredentialEntry), ended));
        await ForgedAsync(scene, Put(key, before, Types.CredentialEntry));
        Assert.Equal(ReplayFaultKind.EntryRemoved, (await scene.ForgeAsync(South, (key, null)))?.Kind);
        // It signs nothing any more, however many endorse it.
        var grant = scene.Ledger.Statement(StoryGrant);
        Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(South, Put(LedgerKey.Statement(patient, grant.Id),
            new StatementEntry(grant.Id, scene.Ledger.Sign(grant), South, scene.Now), Types.StatementEntry)))?.Kind);
    }

    public void Dispose() => second.Dispose();

    private static async Task ForgedAsync(ReplayScene scene, params (string Key, string? Json)[] writes) =>
        Assert.Equal(ReplayFaultKind.CredentialForged, (await scene.ForgeAsync(South, writes))?.Kind);
}
