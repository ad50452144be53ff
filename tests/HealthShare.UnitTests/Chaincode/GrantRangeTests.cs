using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

/// <summary>What keeps the ranges short that decisions read, and that nobody is kept from saying no by it.</summary>
public sealed class GrantRangeTests
{
    private const string Grant = LedgerTransactions.GrantConsent, Revoke = LedgerTransactions.RevokeConsent;
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody Deny = StoryGrant with { Effect = Effect.Deny, Period = new Period(Start) };

    [Fact]
    public async Task Grants_whose_period_is_over_leave_with_the_next_ones_and_the_range_stays_short()
    {
        using var scene = await WithRecordsAsync();
        var old = new List<string>();
        for (var i = 0; i < GrantRange.MaxTakenOut + 4; i++)
            old.Add((await scene.GrantAsync(StoryGrant with { Period = new Period(Start, Start.AddHours(1)) })).StatementId);
        scene.Ledger.Now = Start.AddHours(2) - TimeSpan.FromSeconds(1);
        await scene.GrantAsync(StoryGrant);
        Assert.Equal(old.Count + 1, Range(scene)); // over, but not for long
        scene.Ledger.Now = Start.AddHours(2);
        await scene.GrantAsync(StoryGrant);
        Assert.Equal(6, Range(scene));
        await scene.GrantAsync(StoryGrant);
        Assert.Equal(3, Range(scene));
        Assert.True((await scene.AskAsync(scene.Request(1))).Decisions[0].Permitted);

        // They are kept, as what they were, and their ids stay in use.
        var list = await scene.QueryAsync(South, LedgerTransactions.ListConsents, scene.PatientId, Types.ConsentList);
        Assert.Equal(old.Order(StringComparer.Ordinal), list.Ended.Select(entry => entry.StatementId));
        Assert.All(list.Ended, entry => Assert.Equal((EndedStatementKind.ExpiredGrant, South, Start, null), (entry.Kind, entry.RelayedBy, entry.AcceptedAt, entry.RevokedBy)));
        Assert.All(list.Ended, entry => Assert.NotNull(entry.Signed));
        await RefusedAsync(scene, "statement.id_taken", Grant, scene.Sign(scene.Statement(StoryGrant) with { Id = old[0] }));
        await RefusedAsync(scene, "consent.already_over", Revoke, scene.Sign(new RevokeBody(old[0])));
        await RefusedAsync(scene, "consent.already_over", Grant, scene.Sign(StoryGrant with { Replaces = old[0] }));
    }

    [Fact]
    public async Task A_grant_whose_period_is_over_is_not_taken()
    {
        using var scene = await WithRecordsAsync();
        scene.Ledger.Now = Start.AddDays(1);
        foreach (var effect in (Effect[])[Effect.Permit, Effect.Deny])
            await RefusedAsync(scene, "consent.period_over", Grant, scene.Sign(StoryGrant with { Effect = effect, Period = new Period(Start, Start.AddDays(1)) }));
        var signed = scene.Sign(Deny with { Period = new Period(Start, Start.AddDays(1).AddSeconds(1)) });
        await scene.GrantAsync(signed);
        scene.Ledger.Now = Start.AddDays(2);
        await scene.GrantAsync(signed); // a repetition is no new grant
    }

    [Fact]
    public async Task Where_there_is_no_more_room_the_patient_can_still_deny_and_revoke_and_a_delegate_cannot()
    {
        using var scene = await WithRoomAsync(3);
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        var first = await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(friend.Sign(StoryGrant));
        await scene.GrantAsync(friend.Sign(Deny));
        foreach (var signed in (SignedStatement[])[scene.Sign(StoryGrant), friend.Sign(StoryGrant), friend.Sign(Deny)])
            await RefusedAsync(scene, "consent.too_many", Grant, signed);
        await scene.GrantAsync(Deny);
        await scene.GrantAsync(Deny with { Replaces = (await scene.GrantAsync(Deny)).StatementId });
        var next = await scene.GrantAsync(StoryGrant with { Replaces = first.StatementId }); // one for one
        Assert.Equal(5, Range(scene));
        await scene.SubmitAsync(South, Revoke, scene.Sign(new RevokeBody(next.StatementId)), Types.SignedStatement);
        await RefusedAsync(scene, "consent.too_many", Grant, scene.Sign(StoryGrant));
    }

    [Fact]
    public async Task The_reserve_for_denies_is_bounded_as_well()
    {
        using var scene = await WithRoomAsync(1);
        StatementEntry? last = null;
        for (var i = 0; i < 1 + GrantRange.DenyReserve; i++)
            last = await scene.GrantAsync(Deny);
        await RefusedAsync(scene, "consent.too_many", Grant, scene.Sign(Deny));
        await scene.GrantAsync(Deny with { Replaces = last!.StatementId });
    }

    [Fact]
    public async Task So_many_counted_grants_are_in_force_and_no_more()
    {
        using var scene = await WithRecordsAsync();
        var counted = StoryGrant with { Uses = 1 };
        StatementEntry? last = null;
        for (var i = 0; i < GrantRange.MaxCounted; i++)
            last = await scene.GrantAsync(counted);
        await RefusedAsync(scene, "consent.too_many_counted", Grant, scene.Sign(counted));
        await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(counted with { Replaces = last!.StatementId });
        await RefusedAsync(scene, "consent.too_many_counted", Grant, scene.Sign(counted));
    }

    [Fact]
    public async Task A_decision_endorsed_before_old_grants_left_is_made_again()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant with { Period = new Period(Start, Start.AddHours(1)) });
        scene.Ledger.Now = Start.AddHours(3);
        var asked = await scene.RunAsync(South, LedgerTransactions.RequestAccess, scene.Request(1), Types.RequestAccess);
        var one = await scene.RunAsync(South, Grant, scene.Sign(StoryGrant), Types.SignedStatement);
        var other = await scene.RunAsync(North, Grant, scene.Sign(Deny), Types.SignedStatement);
        Assert.Equal(TxValidationCode.Valid, one.Stub.Commit());
        Assert.NotEqual(TxValidationCode.Valid, other.Stub.Commit()); // both would have taken the same one out
        Assert.NotEqual(TxValidationCode.Valid, asked.Stub.Commit());
    }

    [Fact]
    public async Task A_stored_grant_that_cannot_be_read_takes_room_and_is_left_where_it_is()
    {
        using var scene = await WithRecordsAsync();
        var entry = await scene.GrantAsync(StoryGrant);
        var state = scene.Ledger.State.ToDictionary(StringComparer.Ordinal);
        state[LedgerKey.Statement(scene.PatientId, entry.StatementId)] = "{}"u8.ToArray();
        var range = await GrantRange.LoadAsync(new LedgerTests.Replica(state), scene.PatientId, null, Start.AddYears(9), default);
        Assert.Empty(range.Over);
        Assert.Equal("consent.too_many", range.Refusal(scene.Statement(StoryGrant), new ChannelSettings(MaxStatementsInForce: 1), Start)?.Code);
    }

    private static async Task<LedgerScene> WithRoomAsync(int grants)
    {
        var scene = new LedgerScene();
        await scene.SubmitAsync(North, LedgerTransactions.InitNetwork, Founders with { Settings = new ChannelSettings(600, grants) }, Types.InitNetwork);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(scene.PatientId, [scene.Credential()]), Types.EnrollPatient);
        return scene;
    }

    private static int Range(LedgerScene scene)
    {
        var prefix = LedgerKey.Prefix(LedgerKind.Statement, scene.PatientId);
        return scene.Ledger.State.Keys.Count(key => key.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static Task RefusedAsync(LedgerScene scene, string code, string transaction, SignedStatement signed) =>
        scene.RefusedAsync(code, South, transaction, signed, Types.SignedStatement);
}
