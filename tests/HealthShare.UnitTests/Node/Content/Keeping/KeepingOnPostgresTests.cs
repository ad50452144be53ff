using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Content.Keeping;

/// <summary>The keeper's statements as PostgreSQL takes them.</summary>
public sealed class KeepingOnPostgresTests
{
    [PostgresFact]
    public async Task Passes_findings_repairs_silences_orphans_checks_and_the_health_work()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(DatabaseProvider.Postgresql, south);
        var (lost, silent) = (await scene.AddAsync(), await scene.AddAsync(100));
        File.Delete(scene.FileOf(lost.Cid));
        Assert.Equal(1, (await scene.PassAsync()).Repaired);

        south.Behaviour = (cid, block, _) => cid.Equals(silent.Cid) ? throw new ReplicaUnavailableException("south", "500.") : Task.FromResult(block);
        for (var pass = 0; pass < Silences.Most; pass++)
        {
            scene.Clock.Now += TimeSpan.FromMinutes(10);
            await scene.Keeper.KeepAsync(lost, Depth.Sample, repair: false, null, default);
            await scene.PassAsync();
        }
        Assert.Equal("unanswered", Assert.Single(await scene.FindingsAsync()).State);
        south.Behaviour = (_, block, _) => Task.FromResult(block);
        scene.Clock.Now += TimeSpan.FromMinutes(10);
        await scene.Retries.StepAsync(10, default);
        Assert.Empty(await scene.FindingsAsync());

        var orphan = (await scene.Store.PutAsync(new MemoryStream([7]), default)).Cid;
        var orphans = scene.Services.GetRequiredService<OrphanPass>();
        await orphans.StepAsync(default);
        scene.Clock.Now += scene.Options.Garbage.OrphanGrace;
        Assert.Equal(1, await orphans.CountAsync(default));
        await orphans.StepAsync(default);
        Assert.False(await scene.Store.IsPinnedAsync(orphan, default));

        ContentCheckProgress? last = null;
        await foreach (var progress in scene.Services.GetRequiredService<CheckOnDemand>().RunAsync(new(Repair: true, Full: true), default))
            last = progress;
        Assert.Equal((2L, 2L, 0L, 0L), (last!.Counts.Records, last.Counts.Held, last.OpenFindings, last.Orphans));
        await scene.Scrub.StepAsync(10, default);
        var health = await scene.Services.GetRequiredService<ContentHealthReader>().ReadAsync(default);
        Assert.Equal((2L, 2L), (health.LastCheck!.Held, health.Scrub.Contents));
    }
}
