using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Vault.Content.Replicas;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class SilenceTests
{
    [Fact]
    public async Task A_replica_that_fails_for_one_content_and_answers_for_others_is_a_finding_after_some_passes_and_none_once_it_answers()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var bad = await scene.AddAsync(100);
        south.Behaviour = (cid, block, _) => cid.Equals(bad.Cid)
            ? throw new ReplicaUnavailableException("south", "it answers with status 500.")
            : Task.FromResult(block);
        for (var pass = 1; pass < Silences.Most; pass++)
        {
            await OthersAsync(scene);
            await scene.PassAsync();
            scene.Start(); // counted over a restart, too
            Assert.Empty(await scene.FindingsAsync());
        }
        await OthersAsync(scene);
        await scene.PassAsync();
        var finding = Assert.Single(await scene.FindingsAsync());
        Assert.Equal((bad.Cid.ToString(), "south", "unanswered"), (finding.Cid, finding.Replica, finding.State));
        Assert.Contains("status 500", finding.Detail, StringComparison.Ordinal);

        south.Behaviour = (_, block, _) => Task.FromResult(block);
        await scene.PassAsync();
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task A_replica_that_is_away_is_away_and_none_of_its_contents_a_finding()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        await scene.AddAsync(100);
        await scene.PassAsync();
        south.Behaviour = south.Down;
        for (var pass = 0; pass < 3 * Silences.Most; pass++)
            await scene.PassAsync();
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task An_answer_between_ends_the_count()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var bad = await scene.AddAsync(100);
        for (var pass = 0; pass < 2 * Silences.Most; pass++)
        {
            var fails = pass % Silences.Most != 0;
            south.Behaviour = (cid, block, _) => fails && cid.Equals(bad.Cid) ? throw new ReplicaUnavailableException("south", "no.") : Task.FromResult(block);
            await OthersAsync(scene);
            await scene.PassAsync();
        }
        Assert.Empty(await scene.FindingsAsync());
    }

    // Asked one by one, so that the board lets the bad one rest and not these.
    private static async Task OthersAsync(KeepingScene scene)
    {
        scene.Clock.Now += TimeSpan.FromMinutes(10);
        await scene.Keeper.KeepAsync(await scene.AddAsync(100), HealthShare.Node.Content.Keeping.Depth.Sample, repair: false, null, default);
    }
}
