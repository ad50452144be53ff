using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class BroadPermitTests : IDisposable
{
    private const string CoSign = LedgerTransactions.CoSignConsent;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody Broad = new(Effect.Permit, [new Provision { Who = [WhoAnyHospital.Instance] }], new Period(Start, Start.AddDays(30)));
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");

    [Fact]
    public void What_goes_to_any_hospital_names_labels_or_lasts_long_is_broad_and_no_deny_is()
    {
        var ninety = TimeSpan.FromDays(90);
        var to = new Provision { Who = [new WhoOrg(South)] };
        GrantBody Of(Provision provision, double? days = 90) =>
            new(Effect.Permit, [to, provision], new Period(Start, days is { } length ? Start.AddDays(length) : null));
        Assert.False(BroadPermit.IsBroad(Of(to), ninety));
        Assert.False(BroadPermit.IsBroad(Of(to with { Except = [new Provision { Labels = [Hiv] }] }), ninety));
        foreach (var broad in (GrantBody[])
        [
            Of(new Provision()), Of(to with { Who = [new WhoOrg(South), WhoAnyHospital.Instance] }), Of(to with { Labels = [Hiv] }),
            Of(to, 90.1), Of(to, null),
        ])
        {
            Assert.True(BroadPermit.IsBroad(broad, ninety));
            Assert.False(BroadPermit.IsBroad(broad with { Effect = Effect.Deny }, ninety));
        }
    }

    [Theory]
    [InlineData("north.example", "authority.example", true)]
    [InlineData("north.localhost", "regulator.localhost", true)]
    [InlineData("north.example", "north.example", false)]
    [InlineData("portal.north.example", "staff.north.example", false)]
    [InlineData("portal.north.example", "north.example", false)]
    [InlineData("north.nhs.uk", "south.nhs.uk", false)] // taken for one: the waiting time runs
    [InlineData("localhost", "north.localhost", false)]
    public void Two_sites_are_independent_where_their_names_part_early(string one, string other, bool independent)
    {
        Assert.Equal(independent, BroadPermit.AreIndependent(one, other));
        Assert.Equal(independent, BroadPermit.AreIndependent(other, one));
    }

    [Fact]
    public async Task A_broad_permit_counts_after_the_waiting_time()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(Broad);
        Assert.Equal("deny.default", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);
        scene.Ledger.Now = Start.AddHours(24).AddSeconds(-1);
        Assert.Equal("deny.default", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);
        scene.Ledger.Now = Start.AddHours(24);
        Assert.Equal("permit.signed", (await scene.AskAsync(scene.Request(1))).Decisions[0].Reason);
    }

    [Fact]
    public async Task A_second_signature_of_an_independent_site_ends_the_waiting()
    {
        using var scene = await WithTwoCredentialsAsync();
        var entry = await scene.GrantAsync(Broad);
        Assert.False((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);
        var argument = By(scene, entry, second);
        var signed = Read(await scene.SubmitAsync(Regulator, CoSign, argument, Types.CoSignConsent), Types.StatementEntry);
        Assert.Equal(Regulator, signed.CoSigned?.RelayedBy);
        Assert.True((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);
        var (again, stub) = await scene.RunAsync(Regulator, CoSign, argument, Types.CoSignConsent);
        Assert.True(again.IsSuccess, again.Message);
        Assert.Empty(stub.Writes);
        await scene.RefusedAsync("consent.already_cosigned", East, CoSign, argument, Types.CoSignConsent);

        // The second credential falls: so does what it brought forward.
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential, scene.Sign(new RevokeCredentialBody(second.CredentialId)), Types.SignedStatement);
        Assert.False((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);
    }

    [Fact]
    public async Task A_second_signature_that_breaks_a_rule_is_refused()
    {
        using var scene = await WithTwoCredentialsAsync();
        using var third = SoftwareAuthenticator.Create("portal.north.example", "https://portal.north.example");
        using var late = SoftwareAuthenticator.Create("late.example", "https://late.example");
        using var stranger = SoftwareAuthenticator.Create("stranger.example", "https://stranger.example");
        await scene.SubmitAsync(Regulator, LedgerTransactions.AddCredential, scene.Sign(scene.Addition(third)), Types.SignedStatement);
        scene.Ledger.Now = scene.Ledger.Now.AddHours(25);
        await scene.SubmitAsync(Regulator, LedgerTransactions.AddCredential, scene.Sign(scene.Addition(late)), Types.SignedStatement);
        var entry = await scene.GrantAsync(Broad); // relayed by South
        var narrow = await scene.GrantAsync(StoryGrant);
        await RefusedAsync(scene, "credential.unknown", Regulator, By(scene, entry, stranger));
        await RefusedAsync(scene, "consent.cosigner_not_independent", Regulator, By(scene, entry, scene.Passkey));
        await RefusedAsync(scene, "consent.cosigner_not_independent", Regulator, By(scene, entry, third));
        await RefusedAsync(scene, "consent.cosigner_too_new", Regulator, By(scene, entry, late));
        await RefusedAsync(scene, "consent.cosigner_same_member", South, By(scene, entry, second));
        await RefusedAsync(scene, "assertion.challenge", Regulator, By(scene, entry, second) with { Assertion = By(scene, narrow, second).Assertion });
        await RefusedAsync(scene, "consent.not_broad", Regulator, By(scene, narrow, second));
        await RefusedAsync(scene, "consent.not_found", Regulator, By(scene, entry, second) with { StatementId = LedgerId.New(IdKind.Statement) });
        await scene.RefusedAsync("caller.not_member", Stranger, CoSign, By(scene, entry, second), Types.CoSignConsent);
    }

    [Theory]
    [InlineData(North, South)] // whoever enrolled the first credential had the patient sign for the second
    [InlineData(South, South)] // or whoever brings the permit
    [InlineData(East, East)]
    public async Task A_site_that_came_through_the_member_of_the_permit_or_of_the_first_credential_is_no_second_origin(string adds, string relays)
    {
        using var scene = await WithRecordsAsync();
        await scene.SubmitAsync(adds, LedgerTransactions.AddCredential, scene.Sign(scene.Addition(second)), Types.SignedStatement);
        scene.Ledger.Now = Start.AddHours(24);
        var entry = Read(await scene.SubmitAsync(relays, LedgerTransactions.GrantConsent, scene.Sign(Broad), Types.SignedStatement), Types.StatementEntry);
        await RefusedAsync(scene, "consent.cosigner_same_origin", Regulator, By(scene, entry, second));
        // As colluding members may have written it: a custodian waits.
        var state = scene.Ledger.State.ToDictionary(StringComparer.Ordinal);
        state[LedgerKey.Statement(scene.PatientId, entry.StatementId)] = System.Text.Encoding.UTF8.GetBytes(Json(entry with
        {
            CoSigned = new CoSignature(By(scene, entry, second).Assertion, Regulator, scene.Ledger.Now),
        }, Types.StatementEntry));
        var seen = scene.Ledger.Now;
        var policy = await PatientPolicy.LoadVerifiedAsync(new LedgerTests.Replica(state), scene.PatientId,
            Custodian(seenAt: key => key.Contains(second.CredentialId, StringComparison.Ordinal) ? Start : seen), default);
        Assert.Equal(seen.AddHours(24), Assert.Single(policy.Statements).EffectiveFrom);
    }

    [Fact]
    public async Task A_custodian_waits_by_its_own_clock_however_old_the_proposal_says_it_is()
    {
        using var scene = await WithTwoCredentialsAsync();
        var entry = await scene.GrantAsync(Broad);
        var asked = scene.Ledger.Now.AddDays(2); // the proposal is two days old by then: it was held back
        Decision At(PatientPolicy policy) => policy.Decide(PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(1))),
            PatientPolicy.FactsOf(scene.Request(1), Founders.Organizations.Single(member => member.MspId == South), asked));
        Task<PatientPolicy> CustodianAsync(DateTimeOffset? seen) => PatientPolicy.LoadVerifiedAsync(
            new LedgerTests.Replica(scene.Ledger.State), scene.PatientId, Custodian(seenAt: _ => seen), default);
        Assert.True(At(await PatientPolicy.LoadAsync(new LedgerTests.Replica(scene.Ledger.State), scene.PatientId, default)).Permitted);
        Assert.Equal(Dimensions.Waiting, At(await CustodianAsync(asked.AddHours(-23))).NearMisses);
        Assert.Equal(Dimensions.Waiting, At(await CustodianAsync(null)).NearMisses);
        Assert.True(At(await CustodianAsync(asked.AddHours(-24))).Permitted);

        await scene.SubmitAsync(Regulator, CoSign, By(scene, entry, second), Types.CoSignConsent);
        // Seen a moment ago, the credential too: by its own clock the custodian cannot tell that it is old enough.
        Assert.False(At(await CustodianAsync(asked.AddHours(-1))).Permitted);
        var fresh = await PatientPolicy.LoadVerifiedAsync(new LedgerTests.Replica(scene.Ledger.State), scene.PatientId,
            Custodian(seenAt: key => key.Contains(second.CredentialId, StringComparison.Ordinal) ? asked.AddDays(-2) : asked), default);
        Assert.True(At(fresh).Permitted);
        var untrusted = await PatientPolicy.LoadVerifiedAsync(new LedgerTests.Replica(scene.Ledger.State), scene.PatientId,
            Custodian(credential => credential.Credential.CredentialId != second.CredentialId, _ => asked.AddHours(-1)), default);
        Assert.False(At(untrusted).Permitted);
    }

    [Fact]
    public async Task A_majority_that_shortens_the_channels_times_shortens_no_custodians_own()
    {
        using var scene = await WithTwoCredentialsAsync();
        var lax = new ChannelSettings(BroadPermitWaitHours: 0, BroadPermitDays: 3660);
        var now = scene.Ledger.Now;
        await scene.GrantAsync(Broad with { Scope = [new Provision { Who = [WhoAnyHospital.Instance], Records = [RecordId(1)] }] });
        await scene.GrantAsync(StoryGrant with { Scope = [.. StoryGrant.Scope.Select(part => part with { Category = default, Records = [RecordId(3)] })], Period = new Period(now) }); // without an end
        Decision At(PatientPolicy policy, int record, DateTimeOffset time) => policy.Decide(PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(record))),
            PatientPolicy.FactsOf(scene.Request(record), Founders.Organizations.Single(member => member.MspId == South), time));
        var state = new LedgerTests.Replica(new Dictionary<string, byte[]>(scene.Ledger.State, StringComparer.Ordinal)
        {
            [LedgerKey.Settings] = System.Text.Encoding.UTF8.GetBytes(Json(lax, Types.ChannelSettings)),
        });
        var channel = await PatientPolicy.LoadAsync(state, scene.PatientId, default);
        var own = await PatientPolicy.LoadVerifiedAsync(state, scene.PatientId, Custodian(seenAt: _ => now), default);
        var longer = await PatientPolicy.LoadVerifiedAsync(state, scene.PatientId,
            Custodian(seenAt: _ => now) with { BroadPermitWait = TimeSpan.FromDays(3) }, default);
        foreach (var record in (int[])[1, 3])
        {
            Assert.True(At(channel, record, now).Permitted);
            Assert.Equal(Dimensions.Waiting, At(own, record, now.AddHours(24).AddSeconds(-1)).NearMisses);
            Assert.True(At(own, record, now.AddHours(24)).Permitted);
            Assert.False(At(longer, record, now.AddHours(24)).Permitted);
            Assert.True(At(own.AfterWaiting(), record, now).Permitted);
        }
        Assert.Equal(now.AddHours(24), own.NextEffective(now));
        Assert.Null(own.NextEffective(now.AddHours(24)));
    }

    [Fact]
    public async Task A_delegates_permit_takes_no_second_signature_also_where_the_key_is_the_patients_own()
    {
        using var scene = await WithTwoCredentialsAsync();
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, scene.Sign(DelegateScene.Own(friend.Passkey)), Types.SignedStatement);
        var period = new Period(scene.Ledger.Now, scene.Ledger.Now.AddDays(30));
        var entry = Read(await scene.SubmitAsync(South, LedgerTransactions.GrantConsent, friend.Sign(Broad with { Period = period }), Types.SignedStatement), Types.StatementEntry);
        await RefusedAsync(scene, "consent.not_own", Regulator, By(scene, entry, second));
    }

    public void Dispose() => second.Dispose();

    /// <summary>The patient with a second credential of another site and another member's, which has been there for a day.</summary>
    private async Task<LedgerScene> WithTwoCredentialsAsync()
    {
        var scene = await WithRecordsAsync();
        await scene.SubmitAsync(Regulator, LedgerTransactions.AddCredential, scene.Sign(scene.Addition(second)), Types.SignedStatement);
        scene.Ledger.Now = Start.AddHours(24);
        return scene;
    }

    private static CoSignConsent By(LedgerScene scene, StatementEntry entry, SoftwareAuthenticator passkey)
    {
        var bytes = Base64Url.DecodeFromChars(entry.Signed.Statement);
        return new CoSignConsent(scene.PatientId, entry.StatementId, Signed(bytes, passkey.Sign(bytes)).Assertion);
    }

    private static Task RefusedAsync(LedgerScene scene, string code, string caller, CoSignConsent argument) =>
        scene.RefusedAsync(code, caller, CoSign, argument, Types.CoSignConsent);
}
