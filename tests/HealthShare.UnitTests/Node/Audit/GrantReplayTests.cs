using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>Counted, replacing and broad grants: what the contracts write replays, and what colluding members write is named.</summary>
public sealed class GrantReplayTests : IDisposable
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private static readonly GrantBody Broad = new(Effect.Permit, [new Provision { Who = [WhoAnyHospital.Instance] }], new Period(Start, Start.AddDays(30)));
    private static readonly GrantBody Deny = new(Effect.Deny, [new Provision { Labels = [Hiv] }], new Period(Start));
    private readonly SoftwareAuthenticator second = SoftwareAuthenticator.Create("authority.example", "https://authority.example");
    private readonly SoftwareAuthenticator souths = SoftwareAuthenticator.Create("south.example", "https://south.example");

    [Fact]
    public async Task Uses_replay_until_they_are_used_up()
    {
        using var scene = await CreateAsync();
        await scene.GrantAsync(StoryGrant with { Uses = 2 });
        Assert.True((await scene.AskAsync(1)).Decisions[0].Permitted);
        var last = await scene.AskAsync(1);
        Assert.True(last.Decisions[0].Permitted);
        Assert.False((await scene.AskAsync(1)).Decisions[0].Permitted);
        await scene.ReleaseAsync(new ReleaseKeys(last.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), Base64Url.EncodeToString(new byte[32])));
    }

    [Fact]
    public async Task A_permit_that_takes_no_use_or_another_one_and_a_use_of_nothing_are_forged()
    {
        using var scene = await CreateAsync();
        var grant = await scene.GrantAsync(StoryGrant with { Uses = 3 });
        var request = scene.Ledger.Request(1);
        var (response, stub) = await scene.Ledger.RunAsync(South, LedgerTransactions.RequestAccess, request, Types.RequestAccess);
        var access = Read(response.Payload.ToArray(), Types.AccessEntry);
        var use = Read([.. stub.Writes.Single(write => LedgerKey.TryParse(write.Key, out var kind, out _) && kind is LedgerKind.Use).Value!.Value.Span], Types.UseEntry);
        var put = Put(LedgerKey.Access(access.Ref), access, Types.AccessEntry);
        (string, string?) PutUse(UseEntry entry) => Put(LedgerKey.Use(scene.Ledger.PatientId, entry.StatementId, entry.Slot), entry, Types.UseEntry);
        foreach (var writes in ((string, string?)[][])
        [
            [put], // takes none
            [put, PutUse(use with { Slot = (use.Slot + 1) % 3 })],
            [put, PutUse(use), PutUse(use with { Slot = (use.Slot + 1) % 3 })],
            [put, PutUse(use with { AccessId = LedgerId.New(IdKind.Access) })],
            [PutUse(use)], // nobody asked
            [put, PutUse(use with { StatementId = LedgerId.New(IdKind.Statement) })],
        ])
            Assert.Equal(ReplayFaultKind.DecisionForged, (await scene.ForgeAsync(South, writes))?.Kind);
        Assert.Null(await scene.ForgeAsync(South, put, PutUse(use)));
        Assert.Equal(ReplayFaultKind.EntryRemoved,
            (await scene.ForgeAsync(South, (LedgerKey.Use(scene.Ledger.PatientId, grant.StatementId, use.Slot), null)))?.Kind);
    }

    [Fact]
    public async Task A_replacement_replays_and_one_that_leaves_the_old_grant_or_takes_another_is_forged()
    {
        using var scene = await CreateAsync();
        var (deny, other) = (await scene.GrantAsync(Deny), await scene.GrantAsync(StoryGrant));
        var patient = scene.Ledger.PatientId;
        var statement = scene.Ledger.Statement(StoryGrant with { Replaces = deny.StatementId });
        var grant = Put(LedgerKey.Statement(patient, statement.Id),
            new StatementEntry(statement.Id, scene.Ledger.Sign(statement), South, scene.Now), Types.StatementEntry);
        (string, string?) Ended(StatementEntry old) => Put(LedgerKey.EndedStatement(patient, old.StatementId), new EndedStatementEntry(old.StatementId,
            EndedStatementKind.ReplacedGrant, old.RelayedBy, old.AcceptedAt, old.Signed, statement.Id, scene.Now), Types.EndedStatementEntry);
        (string, string?) Removed(StatementEntry old) => (LedgerKey.Statement(patient, old.StatementId), null);
        foreach (var writes in ((string, string?)[][])
        [
            [grant], [grant, Ended(deny)], [Ended(deny), Removed(deny)], [Removed(deny), Ended(deny)],
            [Ended(other), Removed(other), grant], [grant, Ended(deny), Removed(deny), Ended(other), Removed(other)],
        ])
            Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(South, writes))?.Kind);
        Assert.Null(await scene.ForgeAsync(South, grant, Ended(deny), Removed(deny)));
        await scene.GrantAsync(StoryGrant with { Replaces = other.StatementId });
        // A deny in place of a deny, kept back.
        var last = await scene.GrantAsync(Deny);
        var old = scene.Ledger.Statement(Deny with { Replaces = last.StatementId });
        scene.Ledger.Ledger.Now = scene.Now.AddMinutes(11);
        Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(South,
            Put(LedgerKey.Statement(patient, old.Id), new StatementEntry(old.Id, scene.Ledger.Sign(old), South, scene.Now), Types.StatementEntry),
            Put(LedgerKey.EndedStatement(patient, last.StatementId), new EndedStatementEntry(last.StatementId, EndedStatementKind.ReplacedGrant,
                last.RelayedBy, last.AcceptedAt, last.Signed, old.Id, scene.Now), Types.EndedStatementEntry), Removed(last)))?.Kind);
    }

    [Fact]
    public async Task A_second_signature_replays_and_one_by_whoever_may_not_is_forged()
    {
        using var scene = await CreateAsync();
        await scene.SubmitAsync(Regulator, LedgerTransactions.AddCredential, scene.Ledger.Sign(scene.Ledger.Addition(second)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, scene.Ledger.Sign(scene.Ledger.Addition(souths)), Types.SignedStatement);
        scene.Ledger.Ledger.Now = scene.Now.AddHours(24);
        var broad = await scene.GrantAsync(Broad);
        var narrow = await scene.GrantAsync(StoryGrant);
        Assert.False((await scene.AskAsync(1)).Decisions[0].Reason is "deny.unreadable");
        var bytes = Base64Url.DecodeFromChars(broad.Signed.Statement);
        var (right, wrong) = (Signed(bytes, second.Sign(bytes)).Assertion, Signed(bytes, scene.Ledger.Passkey.Sign(bytes)).Assertion);
        (string, string?) With(StatementEntry entry, CoSignature signature, Func<StatementEntry, StatementEntry>? change = null) => Put(
            LedgerKey.Statement(scene.Ledger.PatientId, entry.StatementId),
            (change ?? (same => same))(entry with { CoSigned = signature }), Types.StatementEntry);
        var good = new CoSignature(right, Regulator, scene.Now);
        await ForgedAsync(scene, Regulator, With(broad, good with { Assertion = wrong }));
        await ForgedAsync(scene, Regulator, With(narrow, good));
        await ForgedAsync(scene, South, With(broad, good with { RelayedBy = South }));
        await ForgedAsync(scene, East, With(broad, good));
        await ForgedAsync(scene, Regulator, With(broad, good with { Assertion = Signed(bytes, souths.Sign(bytes)).Assertion })); // South's, as the permit
        await ForgedAsync(scene, Regulator, With(broad, good with { AcceptedAt = scene.Now.AddHours(-1) }));
        await ForgedAsync(scene, Regulator, With(broad, good, entry => entry with { AcceptedAt = Start }));
        var fresh = scene.Ledger.Statement(Broad);
        await ForgedAsync(scene, South, Put(LedgerKey.Statement(scene.Ledger.PatientId, fresh.Id), // both at once
            new StatementEntry(fresh.Id, scene.Ledger.Sign(fresh), South, scene.Now, good), Types.StatementEntry));
        await scene.SubmitAsync(Regulator, LedgerTransactions.CoSignConsent,
            new CoSignConsent(scene.Ledger.PatientId, broad.StatementId, right), Types.CoSignConsent);
        await scene.RevokeAsync(narrow.StatementId);
        Assert.Equal("permit.signed", (await scene.AskAsync(1)).Decisions[0].Reason);
        await ForgedAsync(scene, Regulator, With(broad, good)); // once
    }

    public void Dispose()
    {
        second.Dispose();
        souths.Dispose();
    }

    private static async Task ForgedAsync(ReplayScene scene, string creator, params (string Key, string? Json)[] writes) =>
        Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(creator, writes))?.Kind);
}
