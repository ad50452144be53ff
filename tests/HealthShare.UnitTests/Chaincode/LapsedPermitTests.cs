using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>Permits that stand on the channel and do not count: which ones, why, and from when on.</summary>
public sealed class LapsedPermitTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task A_permit_whose_credential_was_revoked_is_named_with_that_cause_and_a_deny_is_not()
    {
        using var scene = await WithRecordsAsync();
        using var second = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, scene.Sign(scene.Addition(second)), Types.SignedStatement);
        var permit = await scene.GrantAsync(scene.SignWith(second, StoryGrant));
        var deny = await scene.GrantAsync(scene.SignWith(second, StoryGrant with { Effect = Effect.Deny, Scope = [new Provision { Category = [Image] }] }));
        Assert.Null((await PolicyAsync(scene)).LapseOf(permit.StatementId, Effect.Permit, Start));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody(second.CredentialId)), Types.SignedStatement);

        var policy = await PolicyAsync(scene);
        Assert.Equal(LapseCause.CredentialRevoked, policy.LapseOf(permit.StatementId, Effect.Permit, Start));
        Assert.Null(policy.LapseOf(deny.StatementId, Effect.Deny, Start));
        var explained = await ExplainAsync(scene);
        Assert.Equal("deny.default", explained.Decision.Reason);
        Assert.Equal([new LapsedName(permit.StatementId, "credentialRevoked")], explained.Lapsed);
        // Only where it would have decided.
        Assert.Empty((await ExplainAsync(scene, "nurse")).Lapsed);
        await scene.GrantAsync(StoryGrant);
        Assert.Empty((await ExplainAsync(scene)).Lapsed);
    }

    [Fact]
    public async Task A_delegates_permit_lapses_with_the_power_for_each_cause_its_own()
    {
        using var scene = await WithRecordsAsync();
        using var appointer = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, scene.Sign(scene.Addition(appointer)), Types.SignedStatement);
        using DelegateScene revoked = new(scene), narrowed = new(scene), ended = new(scene), orphan = new(scene);
        await revoked.AppointAsync();
        await narrowed.AppointAsync();
        await ended.AppointAsync(end: new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
        await scene.SubmitAsync(South, LedgerTransactions.AppointDelegate, scene.SignWith(appointer, orphan.Appointment()), Types.SignedStatement);
        var permits = new Dictionary<DelegateScene, string>();
        foreach (var person in (DelegateScene[])[revoked, narrowed, ended, orphan])
            permits[person] = (await scene.GrantAsync(person.Sign(StoryGrant with { Period = new Period(Start, Start.AddDays(60)) }))).StatementId;
        var before = await PolicyAsync(scene);
        Assert.All(permits.Values, id => Assert.Null(before.LapseOf(id, Effect.Permit, Start)));

        await scene.SubmitAsync(South, LedgerTransactions.RevokeDelegate, scene.Sign(new RevokeDelegateBody(revoked.Id)), Types.SignedStatement);
        await narrowed.AppointAsync(new DelegateScope(DelegateActs.Deny));
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody(appointer.CredentialId)), Types.SignedStatement);
        var policy = await PolicyAsync(scene);
        Assert.Equal(LapseCause.DelegateRevoked, policy.LapseOf(permits[revoked], Effect.Permit, Start));
        Assert.Equal(LapseCause.DelegateNarrowed, policy.LapseOf(permits[narrowed], Effect.Permit, Start));
        Assert.Equal(LapseCause.AppointerRevoked, policy.LapseOf(permits[orphan], Effect.Permit, Start));
        Assert.Null(policy.LapseOf(permits[ended], Effect.Permit, Start)); // not yet
        Assert.Equal(LapseCause.DelegateEnded, policy.LapseOf(permits[ended], Effect.Permit, new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero)));

        // The patient's own word takes the power's place.
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, scene.Sign(new ConfirmBody([permits[revoked]])), Types.SignedStatement);
        Assert.Null((await PolicyAsync(scene)).LapseOf(permits[revoked], Effect.Permit, Start));
    }

    [Fact]
    public async Task After_the_erasure_nothing_counts_and_what_a_custodian_does_not_accept_lapses_there_alone()
    {
        using var scene = await WithRecordsAsync();
        var permit = await scene.GrantAsync(StoryGrant);
        var deny = await scene.GrantAsync(StoryGrant with { Effect = Effect.Deny });
        var custodian = await PatientPolicy.LoadVerifiedAsync(State(scene), scene.PatientId, Custodian(_ => false), default);
        Assert.Equal(LapseCause.NotAccepted, custodian.LapseOf(permit.StatementId, Effect.Permit, Start));
        Assert.Null((await PolicyAsync(scene)).LapseOf(permit.StatementId, Effect.Permit, Start));
        await scene.SubmitAsync(South, LedgerTransactions.ErasePatient, scene.Sign(new EraseBody()), Types.SignedStatement);
        var erased = await PolicyAsync(scene);
        Assert.Equal(LapseCause.Erased, erased.LapseOf(permit.StatementId, Effect.Permit, Start));
        Assert.Equal(LapseCause.Erased, erased.LapseOf(deny.StatementId, Effect.Deny, Start));
    }

    private static LedgerTests.Replica State(LedgerScene scene) => new(scene.Ledger.State);

    private static Task<PatientPolicy> PolicyAsync(LedgerScene scene) => PatientPolicy.LoadAsync(State(scene), scene.PatientId, default);

    private static Task<Explanation> ExplainAsync(LedgerScene scene, string role = "physician") => scene.QueryAsync(East, LedgerTransactions.ExplainConsent,
        new ExplainAccess(scene.PatientId, new RecordRef(North, RecordId(1)), South, "TREAT", role), Types.ExplainAccess, Types.Explanation);
}
