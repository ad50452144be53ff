using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class DelegateTests
{
    private const string Grant = LedgerTransactions.GrantConsent, Revoke = LedgerTransactions.RevokeConsent,
        Appoint = LedgerTransactions.AppointDelegate, Dismiss = LedgerTransactions.RevokeDelegate, Confirm = LedgerTransactions.Confirm;

    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task What_a_delegate_permits_is_permitted_until_the_patient_revokes_the_delegate()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await RefusedAsync(scene, "delegate.unknown", Grant, friend.Sign(StoryGrant));
        await friend.AppointAsync();
        var permit = await scene.GrantAsync(friend.Sign(StoryGrant));
        Assert.Equal(("permit.signed", permit.StatementId), await DecisionAsync(scene));

        var (_, held) = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var dismissal = scene.Sign(new RevokeDelegateBody(friend.Id));
        await scene.SubmitAsync(East, Dismiss, dismissal, Types.SignedStatement);
        Assert.Equal(TxValidationCode.PhantomReadConflict, held.Commit());
        Assert.Equal("deny.default", (await DecisionAsync(scene)).Reason);
        await RefusedAsync(scene, "delegate.revoked", Grant, friend.Sign(StoryGrant));
        await RefusedAsync(scene, "delegate.revoked", Appoint, scene.Sign(friend.Appointment()));
        await RefusedAsync(scene, "delegate.revoked", Dismiss, scene.Sign(new RevokeDelegateBody(friend.Id)));
        await scene.SubmitAsync(East, Dismiss, dismissal, Types.SignedStatement); // again: no second effect
    }

    [Fact]
    public async Task A_permit_ends_with_the_power_and_goes_on_when_that_is_renewed()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync(end: new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
        await scene.GrantAsync(friend.Sign(StoryGrant with { Period = new Period(Start) }));
        scene.Ledger.Now = new(2026, 3, 31, 23, 0, 0, TimeSpan.Zero);
        Assert.Equal(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), (await scene.AskAsync(scene.Request(1))).Decisions[0].NotAfter);
        scene.Ledger.Now = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal("deny.default", (await DecisionAsync(scene)).Reason);
        await RefusedAsync(scene, "delegate.ended", Grant, friend.Sign(StoryGrant));
        await friend.AppointAsync();
        Assert.Equal("permit.signed", (await DecisionAsync(scene)).Reason);
    }

    [Fact]
    public async Task A_narrower_appointment_takes_away_what_lies_outside_it()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await scene.GrantAsync(friend.Sign(StoryGrant));
        await friend.AppointAsync(new DelegateScope(DelegateActs.Permit, [new Provision { Category = [Image] }]));
        Assert.Equal("deny.default", (await DecisionAsync(scene)).Reason);
    }

    [Fact]
    public async Task Denies_of_a_delegate_stay_whatever_becomes_of_the_delegate()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(friend.Sign(StoryGrant with { Effect = Effect.Deny }));
        await scene.SubmitAsync(South, Dismiss, scene.Sign(new RevokeDelegateBody(friend.Id)), Types.SignedStatement);
        Assert.Equal("deny.signed", (await DecisionAsync(scene)).Reason);
    }

    [Fact]
    public async Task What_the_patient_confirms_stands_without_the_delegate()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        var permit = await scene.GrantAsync(friend.Sign(StoryGrant));
        var own = await scene.GrantAsync(StoryGrant with { Scope = [new Provision { Who = [new WhoOrg(East)] }] });
        await RefusedAsync(scene, "consent.not_delegated", Confirm, scene.Sign(new ConfirmBody([own.StatementId])));
        await RefusedAsync(scene, "consent.not_found", Confirm, scene.Sign(new ConfirmBody([LedgerId.New(IdKind.Statement)])));
        await RefusedAsync(scene, "delegate.outside_scope", Confirm, friend.Sign(new ConfirmBody([permit.StatementId])));
        var old = scene.Statement(new ConfirmBody([permit.StatementId])) with { Issued = Start.AddMinutes(-11) };
        await RefusedAsync(scene, "statement.too_old", Confirm, scene.Sign(old));

        var word = scene.Sign(new ConfirmBody([permit.StatementId]));
        await scene.SubmitAsync(South, Confirm, word, Types.SignedStatement);
        await scene.SubmitAsync(South, Confirm, word, Types.SignedStatement); // again: no second effect
        await RefusedAsync(scene, "consent.already_confirmed", Confirm, scene.Sign(new ConfirmBody([permit.StatementId])));
        await scene.SubmitAsync(South, Dismiss, scene.Sign(new RevokeDelegateBody(friend.Id)), Types.SignedStatement);
        Assert.Equal(("permit.signed", permit.StatementId), await DecisionAsync(scene));
        await scene.SubmitAsync(South, Revoke, scene.Sign(new RevokeBody(permit.StatementId)), Types.SignedStatement);
        Assert.Equal("deny.default", (await DecisionAsync(scene)).Reason);
    }

    [Fact]
    public async Task A_delegate_adds_no_credentials_appoints_nobody_and_keeps_no_emergency_out()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        using var another = SoftwareAuthenticator.Create("south.example", "https://south.example");
        await friend.AppointAsync();
        const string code = "delegate.outside_scope";
        await RefusedAsync(scene, code, LedgerTransactions.AddCredential, friend.Sign(DelegateScene.Own(another)));
        await RefusedAsync(scene, code, LedgerTransactions.RevokeCredential, friend.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)));
        await RefusedAsync(scene, code, Appoint, friend.Sign(friend.Appointment(end: DelegateScene.End.AddMonths(1))));
        await RefusedAsync(scene, code, Dismiss, friend.Sign(new RevokeDelegateBody(friend.Id)));
        await RefusedAsync(scene, code, Grant, friend.Sign(StoryGrant with { Effect = Effect.Deny, EmergencyNever = true }));
        // Nor does the credential serve as the patient's own, or the patient's as the delegate's.
        await RefusedAsync(scene, "credential.unknown", Grant,
            friend.Sign(friend.Statement(StoryGrant) with { Signer = new StatementSigner(friend.Passkey.CredentialId) }));
        await RefusedAsync(scene, "credential.unknown", Grant,
            scene.Sign(scene.Statement(StoryGrant) with { Signer = new StatementSigner(scene.Passkey.CredentialId, friend.Id) }));
        var forged = StatementWriter.Write(friend.Statement(StoryGrant));
        await RefusedAsync(scene, "assertion.credential", Grant, Signed(forged, scene.Passkey.Sign(forged)));
    }

    [Fact]
    public async Task A_delegate_takes_no_deny_of_the_patients_away_seen_or_not()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        var permit = await scene.GrantAsync(StoryGrant);
        var deny = await scene.GrantAsync(StoryGrant with { Effect = Effect.Deny });
        var own = await scene.GrantAsync(friend.Sign(StoryGrant with { Effect = Effect.Deny }));
        await RefusedAsync(scene, "delegate.outside_scope", Revoke, friend.Sign(new RevokeBody(deny.StatementId)));
        await RefusedAsync(scene, "delegate.outside_scope", Revoke, friend.Sign(new RevokeBody(LedgerId.New(IdKind.Statement))));
        await scene.SubmitAsync(South, Revoke, friend.Sign(new RevokeBody(own.StatementId)), Types.SignedStatement);
        var revocation = friend.Sign(new RevokeBody(permit.StatementId));
        await scene.SubmitAsync(South, Revoke, revocation, Types.SignedStatement);
        await scene.SubmitAsync(South, Revoke, revocation, Types.SignedStatement); // again: no second effect
        await RefusedAsync(scene, "consent.already_revoked", Revoke, friend.Sign(new RevokeBody(permit.StatementId)));
    }

    [Fact]
    public async Task A_permit_lies_within_the_limit_or_is_refused()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync(new DelegateScope(DelegateActs.Permit | DelegateActs.Revoke,
            [new Provision { Who = [new WhoOrg(South)], Category = [Lab], Purpose = ["TREAT", "HPAYMT"] }]));
        await scene.GrantAsync(friend.Sign(StoryGrant));
        var within = StoryGrant.Scope[0];
        foreach (var provision in (Provision[])
        [
            within with { Who = [new WhoOrg(East)] }, within with { Who = [new WhoOrg(South), WhoAnyHospital.Instance] }, within with { Who = default },
            within with { Category = [Lab, Image] }, within with { Category = default }, within with { Purpose = ["ETREAT"] },
            within with { Labels = [Hiv] },
        ])
            await RefusedAsync(scene, "delegate.outside_scope", Grant, friend.Sign(StoryGrant with { Scope = [within, provision] }));
        await RefusedAsync(scene, "delegate.outside_scope", Grant, friend.Sign(StoryGrant with { Effect = Effect.Deny }));
        await RefusedAsync(scene, "delegate.outside_scope", LedgerTransactions.LinkPatient, friend.Sign(new LinkBody(South)));
    }

    [Fact]
    public async Task An_appointment_ends_at_a_months_beginning_at_most_a_year_ahead()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await RefusedAsync(scene, "statement.period_invalid", Appoint, scene.Sign(friend.Appointment(end: DelegateScene.End.AddDays(1))));
        await RefusedAsync(scene, "statement.period_invalid", Appoint, scene.Sign(friend.Appointment(end: DelegateScene.End.AddHours(1))));
        await RefusedAsync(scene, "delegate.end_out_of_range", Appoint, scene.Sign(friend.Appointment(end: new(2027, 4, 1, 0, 0, 0, TimeSpan.Zero))));
        await RefusedAsync(scene, "delegate.end_out_of_range", Appoint, scene.Sign(friend.Appointment(end: new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))));
        await RefusedAsync(scene, "statement.empty_list", Appoint, scene.Sign(friend.Appointment(new DelegateScope(DelegateActs.None))));
        await friend.AppointAsync(end: new(2027, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await RefusedAsync(scene, "delegate.not_found", Dismiss, scene.Sign(new RevokeDelegateBody(LedgerId.New(IdKind.Delegate))));
        await RefusedAsync(scene, "statement.wrong_type", Appoint, scene.Sign(new LinkBody(South)));
        var old = scene.Statement(friend.Appointment()) with { Issued = Start.AddMinutes(-11) };
        await RefusedAsync(scene, "statement.too_old", Appoint, scene.Sign(old));
    }

    [Fact]
    public async Task A_delegate_whose_appointer_was_revoked_signs_nothing_and_permits_nothing()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await friend.AppointAsync();
        await scene.GrantAsync(friend.Sign(StoryGrant));
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, scene.Sign(DelegateScene.Own(second)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            scene.Sign(new RevokeCredentialBody(scene.Passkey.CredentialId)), Types.SignedStatement);
        Assert.Equal("deny.default", (await DecisionAsync(scene)).Reason);
        await RefusedAsync(scene, "delegate.appointer_revoked", Grant, friend.Sign(StoryGrant));
    }

    private static async Task<(string Reason, string? StatementId)> DecisionAsync(LedgerScene scene)
    {
        var decision = (await scene.AskAsync(scene.Request(1))).Decisions[0];
        return (decision.Reason, decision.StatementId);
    }

    [Fact]
    public async Task No_credential_that_the_patient_has_or_had_is_a_delegates()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, scene.Sign(DelegateScene.Own(second)), Types.SignedStatement);
        var (own, other) = (DelegateScene.Own(scene.Passkey), DelegateScene.Own(second));
        await TakenAsync(other);
        await TakenAsync(other with { Credential = "AAAA" });
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody(second.CredentialId)), Types.SignedStatement);
        await TakenAsync(other);
        await TakenAsync(other with { Credential = "AAAA" });
        await TakenAsync(own);
        await friend.AppointAsync();
        await TakenAsync(DelegateScene.Own(friend.Passkey), other); // nor beside another one, when a power is renewed

        Task TakenAsync(params AddCredentialBody[] credentials) => RefusedAsync(
            scene, "credential.id_taken", Appoint, scene.Sign(friend.Appointment() with { Credentials = [.. credentials] }));
    }

    [Fact]
    public async Task What_was_revoked_as_the_patients_own_signs_by_no_power_that_was_there_before()
    {
        using var scene = await WithRecordsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await scene.GrantAsync(friend.Sign(StoryGrant));
        // Under another id as well: it is the key that signs.
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential,
            scene.Sign(DelegateScene.Own(friend.Passkey) with { Credential = "AAAA" }), Types.SignedStatement);
        Assert.Equal("permit.signed", (await DecisionAsync(scene)).Reason);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody("AAAA")), Types.SignedStatement);
        Assert.Equal("deny.default", (await DecisionAsync(scene)).Reason);
        foreach (var body in new StatementBody[] { StoryGrant, StoryGrant with { Effect = Effect.Deny }, new LinkBody(East) })
            await RefusedAsync(scene, "credential.revoked", body is LinkBody ? LedgerTransactions.LinkPatient : Grant, friend.Sign(body));
    }

    [Fact]
    public async Task Eight_delegates_are_in_power_at_once_and_so_many_ever_and_no_more()
    {
        using var scene = await WithRecordsAsync();
        for (var i = 0; i < DelegatePower.MaxInForce; i++)
        {
            using var friend = new DelegateScene(scene);
            await friend.AppointAsync();
        }
        using var last = new DelegateScene(scene);
        await RefusedAsync(scene, "delegate.too_many", LedgerTransactions.AppointDelegate, scene.Sign(last.Appointment()));
        // Those whose power is over count as well, and renewing one of them is another matter. Contract and replay go by this.
        var ended = Enumerable.Range(0, DelegatePower.MaxEver).Select(i => $"dg-{i}").ToDictionary(
            id => id, id => new DelegatePower(scene.PatientId, id, [], DelegateScene.Everything, Start, false), StringComparer.Ordinal);
        Assert.Equal("delegate.too_many", DelegatePower.Refusal(ended, last.Appointment(), Start)?.Code);
        Assert.Null(DelegatePower.Refusal(ended, last.Appointment() with { Delegate = "dg-7" }, Start));
        // One whose power is over is one more once it is renewed; one in power is not.
        var eight = ended.Take(DelegatePower.MaxInForce + 1).ToDictionary(one => one.Key, one => one.Value with
        {
            End = one.Key == "dg-0" ? Start : Start.AddDays(1),
        }, StringComparer.Ordinal);
        Assert.Equal("delegate.too_many", DelegatePower.Refusal(eight, last.Appointment() with { Delegate = "dg-0" }, Start)?.Code);
        Assert.Null(DelegatePower.Refusal(eight, last.Appointment() with { Delegate = "dg-1" }, Start));
        ended.Remove("dg-0");
        Assert.Null(DelegatePower.Refusal(ended, last.Appointment(), Start));
    }

    private static Task RefusedAsync(LedgerScene scene, string code, string transaction, SignedStatement signed) =>
        scene.RefusedAsync(code, South, transaction, signed, Types.SignedStatement);
}
