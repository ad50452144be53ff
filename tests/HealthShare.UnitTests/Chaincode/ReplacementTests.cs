using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class ReplacementTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody Deny = new(Effect.Deny, [new Provision { Category = [Lab] }], new Period(Start));

    [Fact]
    public async Task A_grant_ends_the_one_that_it_replaces_in_the_same_transaction()
    {
        using var scene = await WithRecordsAsync();
        var old = await scene.GrantAsync(StoryGrant);
        var signed = scene.Sign(StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(East)] }], Replaces = old.StatementId });
        var next = await scene.GrantAsync(signed);
        var list = await scene.QueryAsync(South, LedgerTransactions.ListConsents, scene.PatientId, Types.ConsentList);
        Assert.Equal(next.StatementId, Assert.Single(list.Grants).StatementId);
        var ended = Assert.Single(list.Ended);
        Assert.Equal((old.StatementId, EndedStatementKind.ReplacedGrant, next.StatementId, old.Signed), (ended.StatementId, ended.Kind, ended.RevokedBy, ended.Signed));
        Assert.False((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);

        var (again, stub) = await scene.RunAsync(South, LedgerTransactions.GrantConsent, signed, Types.SignedStatement);
        Assert.True(again.IsSuccess, again.Message);
        Assert.Empty(stub.Writes);
        await RefusedAsync(scene, "consent.revoked", scene.Sign(scene.Statement(StoryGrant) with { Id = old.StatementId }));
        await scene.RefusedAsync("consent.already_revoked", South, LedgerTransactions.RevokeConsent,
            scene.Sign(new RevokeBody(old.StatementId)), Types.SignedStatement);
    }

    [Fact]
    public async Task What_is_not_in_force_cannot_be_replaced()
    {
        using var scene = await WithRecordsAsync();
        var old = await scene.GrantAsync(StoryGrant);
        await RefusedAsync(scene, "consent.replaced_unknown", scene.Sign(StoryGrant with { Replaces = LedgerId.New(IdKind.Statement) }));
        var own = scene.Statement(StoryGrant);
        await RefusedAsync(scene, "consent.replaced_unknown", scene.Sign(own with { Body = StoryGrant with { Replaces = own.Id } }));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeConsent, scene.Sign(new RevokeBody(old.StatementId)), Types.SignedStatement);
        await RefusedAsync(scene, "consent.already_revoked", scene.Sign(StoryGrant with { Replaces = old.StatementId }));
    }

    [Fact]
    public async Task A_deny_in_place_of_a_deny_must_be_fresh_and_one_in_place_of_a_permit_need_not()
    {
        using var scene = await WithRecordsAsync();
        var (deny, permit) = (await scene.GrantAsync(Deny), await scene.GrantAsync(StoryGrant));
        var narrower = scene.Sign(Deny with { Scope = [new Provision { Category = [Image] }], Replaces = deny.StatementId });
        var instead = scene.Sign(Deny with { Replaces = permit.StatementId });
        scene.Ledger.Now = Start.AddMinutes(11);
        await RefusedAsync(scene, "statement.too_old", narrower);
        await scene.GrantAsync(instead);
    }

    [Fact]
    public async Task Two_that_replace_the_same_grant_cannot_both_commit_and_no_decision_sees_both()
    {
        using var scene = await WithRecordsAsync();
        var old = await scene.GrantAsync(StoryGrant);
        var (_, one) = await scene.RunAsync(South, LedgerTransactions.GrantConsent, scene.Sign(StoryGrant with { Replaces = old.StatementId }), Types.SignedStatement);
        var (_, two) = await scene.RunAsync(South, LedgerTransactions.GrantConsent, scene.Sign(StoryGrant with { Replaces = old.StatementId }), Types.SignedStatement);
        var (_, decision) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        Assert.Equal(TxValidationCode.Valid, one.Commit());
        Assert.NotEqual(TxValidationCode.Valid, two.Commit());
        Assert.NotEqual(TxValidationCode.Valid, decision.Commit());
    }

    private static Task RefusedAsync(LedgerScene scene, string code, SignedStatement signed) =>
        scene.RefusedAsync(code, South, LedgerTransactions.GrantConsent, signed, Types.SignedStatement);
}
