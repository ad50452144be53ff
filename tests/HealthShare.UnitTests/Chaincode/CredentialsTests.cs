using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class CredentialsTests : IDisposable
{
    private const string Add = LedgerTransactions.AddCredential, Revoke = LedgerTransactions.RevokeCredential;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");

    [Fact]
    public async Task A_credential_introduces_another_which_then_signs_by_itself()
    {
        using var scene = await WithRecordsAsync();
        var signed = scene.Sign(scene.Addition(second));
        var entry = Read(await scene.SubmitAsync(Regulator, Add, signed, Types.SignedStatement), Types.CredentialEntry);
        Assert.Equal((Regulator, Start, SignedStatementReader.Read(signed).Id), (entry.AddedBy, entry.AddedAt, entry.StatementId));
        var (again, stub) = await scene.RunAsync(Regulator, Add, signed, Types.SignedStatement);
        Assert.True(again.IsSuccess, again.Message);
        Assert.Empty(stub.Writes);

        await scene.GrantAsync(scene.SignWith(second, StoryGrant));
        Assert.True((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);
    }

    [Fact]
    public async Task An_addition_that_breaks_a_rule_is_refused()
    {
        using var scene = await WithPatientAsync();
        using var stranger = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await RefusedAsync(scene, "credential.unknown", Add, scene.SignWith(stranger, scene.Addition(stranger)));
        await RefusedAsync(scene, "statement.wrong_type", Add, scene.Sign(StoryGrant));
        await RefusedAsync(scene, "credential.id_taken", Add, scene.Sign(scene.Addition(scene.Passkey)));
        await RefusedAsync(scene, "credential.key_taken", Add,
            scene.Sign(scene.Addition(scene.Passkey) with { Credential = second.CredentialId }));
        foreach (var (body, code) in new[]
        {
            (scene.Addition(second) with { RpId = "Authority.example" }, "statement.malformed"),
            (scene.Addition(second) with { Origins = ["https://elsewhere.example"] }, "statement.malformed"),
            (scene.Addition(second) with { Origins = [] }, "statement.empty_list"),
            (scene.Addition(second) with { Origins = [second.Origin, second.Origin] }, "statement.malformed"),
            (scene.Addition(second) with { PublicKey = "AAAA" }, "credential.key_malformed"),
            (scene.Addition(second) with { Credential = "not base64url" }, "statement.malformed"),
        })
            await RefusedAsync(scene, code, Add, scene.Sign(body));
        var old = scene.Sign(scene.Addition(second));
        scene.Ledger.Now = Start.AddMinutes(11);
        await RefusedAsync(scene, "statement.too_old", Add, old);
    }

    [Fact]
    public async Task At_most_sixteen_credentials_are_in_force_and_the_revoked_ones_do_not_count()
    {
        using var scene = await WithPatientAsync();
        string? last = null;
        for (var i = 1; i < CredentialHistory.MaxInForce; i++)
        {
            using var more = SoftwareAuthenticator.Create("north.example", "https://north.example");
            await scene.SubmitAsync(South, Add, scene.Sign(scene.Addition(more)), Types.SignedStatement);
            last = more.CredentialId;
        }
        await RefusedAsync(scene, "credential.too_many", Add, scene.Sign(scene.Addition(second)));
        await scene.SubmitAsync(South, Revoke, scene.Sign(new RevokeCredentialBody(last!)), Types.SignedStatement);
        await scene.SubmitAsync(South, Add, scene.Sign(scene.Addition(second)), Types.SignedStatement);
    }

    [Fact]
    public void So_many_credentials_a_patient_has_ever_and_no_more()
    {
        // Contract and replay go by this; adding and revoking so many takes seconds.
        static CredentialEntry Of(int i) => new(
            "pt-x", new Credential($"id{i}", $"key{i}", "north.example", ["https://north.example"]), South, Start, $"st-{i}", i == 0 ? null : $"st-r{i}");
        var known = Enumerable.Range(0, CredentialHistory.MaxEver).Select(Of).ToList();
        Assert.Null(CredentialHistory.Refusal(known[..^1], Of(999).Credential));
        Assert.Equal("credential.too_many", CredentialHistory.Refusal(known, Of(999).Credential)?.Code);
        Assert.Equal("credential.id_taken", CredentialHistory.Refusal(known, known[7].Credential)?.Code);
    }

    [Fact]
    public async Task Permits_of_a_revoked_credential_permit_nothing_until_signed_anew_and_its_denies_stay()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Category = [Image] }], new Period(Start)));
        await scene.SubmitAsync(South, Add, scene.Sign(scene.Addition(second)), Types.SignedStatement);
        Assert.Equal(["permit.signed", "deny.signed"], (await scene.AskAsync(scene.Request(1, 3))).Decisions.Select(decision => decision.Reason));

        await scene.SubmitAsync(South, Revoke, scene.SignWith(second, new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);
        Assert.Equal(["deny.default", "deny.signed"], (await scene.AskAsync(scene.Request(1, 3))).Decisions.Select(decision => decision.Reason));
        await scene.GrantAsync(scene.SignWith(second, StoryGrant));
        Assert.Equal(["permit.signed", "deny.signed"], (await scene.AskAsync(scene.Request(1, 3))).Decisions.Select(decision => decision.Reason));
    }

    [Fact]
    public async Task A_revoked_credential_signs_nothing_and_neither_its_id_nor_its_key_comes_back()
    {
        using var scene = await WithPatientAsync();
        var kept = scene.Sign(StoryGrant);
        await scene.GrantAsync(kept);
        await scene.SubmitAsync(South, Add, scene.Sign(scene.Addition(second)), Types.SignedStatement);
        var own = scene.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId));
        var revoked = Read(await scene.SubmitAsync(South, Revoke, own, Types.SignedStatement), Types.CredentialEntry);
        Assert.True(revoked.IsRevoked);

        var (again, stub) = await scene.RunAsync(South, Revoke, own, Types.SignedStatement);
        Assert.True(again.IsSuccess, again.Message);
        Assert.Empty(stub.Writes);
        foreach (var (name, signed) in new[]
        {
            (LedgerTransactions.GrantConsent, kept), (LedgerTransactions.GrantConsent, scene.Sign(StoryGrant)),
            (LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(LedgerId.New(IdKind.Statement)))),
            (LedgerTransactions.LinkPatient, scene.Sign(new LinkBody(South))),
            (Add, scene.Sign(scene.Addition(second))), (Revoke, scene.Sign(new RevokeCredentialBody(second.CredentialId))),
        })
            await RefusedAsync(scene, "credential.revoked", name, signed);
        await RefusedAsync(scene, "credential.already_revoked", Revoke, scene.SignWith(second, new RevokeCredentialBody(scene.Passkey.CredentialId)));
        await RefusedAsync(scene, "credential.not_found", Revoke, scene.SignWith(second, new RevokeCredentialBody("AAAA")));
        await RefusedAsync(scene, "credential.id_taken", Add, scene.SignWith(second, scene.Addition(scene.Passkey)));
        await RefusedAsync(scene, "credential.key_taken", Add, scene.SignWith(second, scene.Addition(scene.Passkey) with { Credential = "AAAA" }));
        await scene.RefusedAsync("patient.has_credential", North, LedgerTransactions.PinCredential,
            new PinCredential(scene.PatientId, scene.Credential() with { CredentialId = "AAAA" }), Types.PinCredential);
    }

    [Fact]
    public async Task A_decision_and_a_statement_that_were_endorsed_before_a_revocation_do_not_commit_after_it()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var (_, decision) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var (_, grant) = await scene.RunAsync(South, LedgerTransactions.GrantConsent, scene.Sign(StoryGrant), Types.SignedStatement);
        await scene.SubmitAsync(South, Revoke, scene.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);
        Assert.NotEqual(TxValidationCode.Valid, decision.Commit());
        Assert.NotEqual(TxValidationCode.Valid, grant.Commit());
    }

    public void Dispose() => second.Dispose();

    private static Task RefusedAsync(LedgerScene scene, string code, string name, SignedStatement signed) =>
        scene.RefusedAsync(code, South, name, signed, Types.SignedStatement);
}
