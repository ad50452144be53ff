using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>A node's copy of a channel whose members may collude.</summary>
public sealed class RuleCheckTests
{
    private static readonly GrantBody Deny = new(Effect.Deny, [new Provision { Labels = [Hiv] }], new Period(Start));

    [Fact]
    public async Task The_copy_follows_the_contracts_and_stops_before_a_deny_is_taken_away()
    {
        using var scene = await ReplayScene.CreateAsync();
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Ledger.Sign(new LinkBody(South)), LedgerJson.Default.SignedStatement);
        var deny = await scene.GrantAsync(Deny);
        var grant = await scene.GrantAsync(StoryGrant);
        await scene.AskAsync(1);
        await scene.RevokeAsync(grant.StatementId);
        var key = LedgerKey.Statement(scene.Ledger.PatientId, deny.StatementId);
        await scene.ForgeAsync(South, (key, null));

        var fault = await FollowAsync(scene, async (replica, state) =>
        {
            Assert.NotNull(await replica.GetAsync(key, default));
            Assert.Equal((ulong)scene.Blocks.Count - 1, state.Height);
            Assert.False(state.IsFresh);
        });
        Assert.Contains("EntryRemoved", fault, StringComparison.Ordinal);
        Assert.StartsWith($"block {scene.Blocks.Count - 1}, ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transactions_of_one_block_are_judged_one_after_another()
    {
        using var scene = await ReplayScene.CreateAsync();
        var statement = scene.Ledger.Statement(Deny);
        var (key, endedKey) = (LedgerKey.Statement(statement.Patient, statement.Id), LedgerKey.EndedStatement(statement.Patient, statement.Id));
        var entry = new StatementEntry(statement.Id, scene.Ledger.Sign(statement), South, scene.Now);
        var revocation = scene.Ledger.Statement(new RevokeBody(statement.Id));
        var put = new TestTransaction(ReplayScene.Put(key, entry, LedgerJson.Default.StatementEntry)) { Creator = South, ProposedAt = scene.Now };
        var revoke = new TestTransaction(
            (key, null),
            ReplayScene.Put(endedKey, new EndedStatementEntry(statement.Id, EndedStatementKind.RevokedGrant, South, scene.Now, entry.Signed,
                revocation.Id, scene.Now), LedgerJson.Default.EndedStatementEntry),
            ReplayScene.Put(LedgerKey.EndedStatement(statement.Patient, revocation.Id), new EndedStatementEntry(
                revocation.Id, EndedStatementKind.Revocation, South, scene.Now, scene.Ledger.Sign(revocation)), LedgerJson.Default.EndedStatementEntry))
        {
            Creator = South, ProposedAt = scene.Now,
        };
        Assert.Null(await scene.ReplayAsync(put, revoke));
        await scene.ReplayAsync(put); // revoked, and brought back
        var fault = await FollowAsync(scene, async (replica, _) => Assert.Null(await replica.GetAsync(key, default)));
        Assert.Contains("StatementForged", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_foresaw_stops_the_copy_and_not_the_host()
    {
        using var scene = await ReplayScene.CreateAsync();
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (ledger, state) = (new FakeLedger(), new ReadModelState(Options.Create(new ReadModelOptions()), TimeProvider.System));
        using var projector = new Projector(ledger, new ReplicaWriter(database.Instance, []), [new Surprised()], state,
            Options.Create(new FabricOptions()), TimeProvider.System, NullLogger<Projector>.Instance);
        await projector.StartAsync(default);
        ledger.Add(scene.Blocks[0]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => state.WaitForAsync(0, default).WaitAsync(TimeSpan.FromMinutes(1)));
        await projector.ExecuteTask!.WaitAsync(TimeSpan.FromMinutes(1)); // what it throws would end the host
        Assert.Equal("unforeseen KeyNotFoundException at block 0", state.Fault);
        Assert.False(state.IsFresh);
    }

    private sealed class Surprised : IBlockCheck
    {
        public Task<string?> FindFaultAsync(HealthShare.Fabric.Protocol.Ledger.BlockView block, CancellationToken ct) => throw new KeyNotFoundException();
    }

    /// <summary>Lets a copy follow the scene's blocks, the last of which must stop it; gives the reason.</summary>
    private static async Task<string> FollowAsync(ReplayScene scene, Func<Replica, ReadModelState, Task> look)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (ledger, replica, options) = (new FakeLedger(), new Replica(database.Instance), Options.Create(new FabricOptions()));
        var incidents = new IncidentLog(database.Instance, NullLogger<IncidentLog>.Instance);
        var check = new RuleCheck(replica, ledger, incidents, options, TimeProvider.System, NullLogger<RuleCheck>.Instance);
        var state = new ReadModelState(Options.Create(new ReadModelOptions()), TimeProvider.System);
        using var projector = new Projector(ledger, new ReplicaWriter(database.Instance, []), [check], state,
            options, TimeProvider.System, NullLogger<Projector>.Instance);
        await projector.StartAsync(default);
        foreach (var block in scene.Blocks)
            ledger.Add(block);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => state.WaitForAsync((ulong)scene.Blocks.Count - 1, default).WaitAsync(TimeSpan.FromMinutes(1)));
        await look(replica, state);
        await projector.StopAsync(default);
        Assert.Equal("ledger.rules_broken", Assert.Single((await incidents.ListAsync(null, null, 10, default)).Incidents).Code);
        return state.Fault!;
    }
}
