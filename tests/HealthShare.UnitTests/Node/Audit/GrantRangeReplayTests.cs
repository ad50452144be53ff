using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>Which grants leave the range that decisions read, and for which there is room: what replays, and what is named.</summary>
public sealed class GrantRangeReplayTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody Short = StoryGrant with { Period = new Period(Start, Start.AddHours(1)) };

    [Fact]
    public async Task Grants_that_are_over_leave_with_a_new_one_and_others_taken_out_or_left_are_named()
    {
        using var scene = await CreateAsync();
        var (old, older) = (await scene.GrantAsync(Short), await scene.GrantAsync(Short));
        var deny = await scene.GrantAsync(StoryGrant with { Effect = Effect.Deny, Period = new Period(Start) });
        scene.Ledger.Ledger.Now = Start.AddHours(2).AddSeconds(-1);
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, old), .. Out(scene, older)]); // too early
        scene.Ledger.Ledger.Now = Start.AddHours(2);
        await NamedAsync(scene, South, Grant(scene)); // leaves both
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, old)]); // leaves one
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, old), .. Out(scene, older), .. Out(scene, deny)]); // takes a deny along
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, old), Out(scene, older)[0]]); // keeps one twice
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, old), Out(scene, older)[1]]); // forgets one
        await NamedAsync(scene, South, Out(scene, old)); // without a new one
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, older),
            .. Out(scene, old, GrantRange.TakenOut(old) with { RevokedBy = deny.StatementId, RevokedAt = scene.Now })]);
        await NamedAsync(scene, South, [.. Grant(scene), .. Out(scene, older), .. Out(scene, old, GrantRange.TakenOut(old) with { Signed = deny.Signed })]);
        Assert.Null(await scene.ForgeAsync(South, [.. Grant(scene), .. Out(scene, old), .. Out(scene, older)]));
        Assert.NotNull(await scene.ForgeAsync(South, Put(LedgerKey.Statement(scene.Ledger.PatientId, old.StatementId), old, Types.StatementEntry)));
    }

    [Fact]
    public async Task What_the_contracts_take_out_is_found_right_and_replaced_ones_among_them()
    {
        using var scene = await CreateAsync();
        var old = new List<StatementEntry>();
        for (var i = 0; i < GrantRange.MaxTakenOut + 2; i++)
            old.Add(await scene.GrantAsync(Short));
        scene.Ledger.Ledger.Now = Start.AddHours(5);
        await scene.GrantAsync(StoryGrant with { Replaces = old[0].StatementId });
        await scene.GrantAsync(StoryGrant);
        Assert.True((await scene.AskAsync(1)).Decisions[0].Permitted);
    }

    [Fact]
    public async Task A_second_signature_takes_nothing_out()
    {
        using var scene = await CreateAsync();
        using var second = HealthShare.Sandbox.Authenticator.SoftwareAuthenticator.Create("authority.example", "https://authority.example");
        await scene.SubmitAsync(Regulator, LedgerTransactions.AddCredential, scene.Ledger.Sign(scene.Ledger.Addition(second)), Types.SignedStatement);
        var deny = await scene.GrantAsync(StoryGrant with { Effect = Effect.Deny, Period = new Period(Start, Start.AddHours(25)) });
        scene.Ledger.Ledger.Now = Start.AddHours(24);
        var broad = await scene.GrantAsync(StoryGrant with { Scope = [new Provision { Who = [WhoAnyHospital.Instance] }] });
        scene.Ledger.Ledger.Now = Start.AddHours(27);
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(broad.Signed.Statement);
        var signed = Put(LedgerKey.Statement(scene.Ledger.PatientId, broad.StatementId), broad with
        {
            CoSigned = new CoSignature(Signed(bytes, second.Sign(bytes)).Assertion, Regulator, scene.Now),
        }, Types.StatementEntry);
        await NamedAsync(scene, Regulator, [signed, .. Out(scene, deny)]);
        Assert.Null(await scene.ForgeAsync(Regulator, signed));
    }

    [Fact]
    public async Task More_counted_grants_than_may_be_in_force_are_named()
    {
        using var scene = await CreateAsync();
        for (var i = 0; i < GrantRange.MaxCounted; i++)
            Assert.Null(await scene.ForgeAsync(South, Grant(scene, StoryGrant with { Uses = 1 })));
        await NamedAsync(scene, South, Grant(scene, StoryGrant with { Uses = 1 }));
        Assert.Null(await scene.ForgeAsync(South, Grant(scene)));
    }

    [Fact]
    public async Task A_grant_that_no_contract_takes_is_named()
    {
        using var scene = await CreateAsync();
        await scene.SubmitAsync(North, LedgerTransactions.ProposeChange, new ProposeChange("pp-gezdgnbvgy3tqojqgezdgnbvgy", new(Settings: new ChannelSettings(600, 2))), Types.ProposeChange);
        foreach (var voter in (string[])[South, East])
            await scene.SubmitAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange("pp-gezdgnbvgy3tqojqgezdgnbvgy"), Types.ApproveChange);
        scene.Ledger.Ledger.Now = Start.AddHours(1);
        await NamedAsync(scene, South, Grant(scene, Short)); // its period is over
        await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(StoryGrant with { Uses = 1 });
        await NamedAsync(scene, South, Grant(scene)); // no room
        await scene.GrantAsync(StoryGrant with { Effect = Effect.Deny }); // but for this
        using var friend = new DelegateScene(scene.Ledger);
        await scene.SubmitAsync(South, LedgerTransactions.AppointDelegate, scene.Ledger.Sign(friend.Appointment()), Types.SignedStatement);
        var deny = friend.Statement(StoryGrant with { Effect = Effect.Deny });
        await NamedAsync(scene, South, [Put(LedgerKey.Statement(deny.Patient, deny.Id), new StatementEntry(deny.Id, friend.Sign(deny), South, scene.Now), Types.StatementEntry)]);
    }

    private static (string Key, string? Json)[] Grant(ReplayScene scene, GrantBody? body = null)
    {
        var statement = scene.Ledger.Statement(body ?? StoryGrant);
        return [Put(LedgerKey.Statement(statement.Patient, statement.Id),
            new StatementEntry(statement.Id, scene.Ledger.Sign(statement), South, scene.Now), Types.StatementEntry)];
    }

    private static (string Key, string? Json)[] Out(ReplayScene scene, StatementEntry grant, EndedStatementEntry? ended = null) =>
    [
        Put(LedgerKey.EndedStatement(scene.Ledger.PatientId, grant.StatementId), ended ?? GrantRange.TakenOut(grant), Types.EndedStatementEntry),
        (LedgerKey.Statement(scene.Ledger.PatientId, grant.StatementId), null),
    ];

    private static async Task NamedAsync(ReplayScene scene, string creator, (string Key, string? Json)[] writes) => Assert.Contains(
        (await scene.ForgeAsync(creator, writes))?.Kind, (ReplayFaultKind?[])[ReplayFaultKind.StatementForged, ReplayFaultKind.EntryRemoved]);
}
