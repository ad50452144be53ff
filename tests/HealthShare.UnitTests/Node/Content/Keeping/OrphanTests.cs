using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Keeping.Passes;
using HealthShare.Vault.Content;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class OrphanTests
{
    [Fact]
    public async Task What_nothing_refers_to_is_told_of_and_unpinned_after_its_time_and_all_else_is_kept()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var (own, others, isSealed) = (await scene.AddAsync(), await scene.AddAsync(custodian: "SouthMSP"), await StoreAsync(scene));
        await SealAsync(scene, isSealed);
        var orphan = await StoreAsync(scene);

        await StepAsync(scene);
        Assert.Equal(1, await CountAsync(scene));
        scene.Clock.Now += scene.Options.Garbage.OrphanGrace - TimeSpan.FromMinutes(1);
        scene.Start(); // its time goes on over a restart
        await StepAsync(scene);
        Assert.True(await scene.Store.IsPinnedAsync(orphan, default));

        scene.Clock.Now += scene.Options.Keeping.PassEvery;
        await StepAsync(scene);
        Assert.False(await scene.Store.IsPinnedAsync(orphan, default));
        foreach (var kept in new[] { own.Cid, others.Cid, isSealed })
            Assert.True(await scene.Store.IsPinnedAsync(kept, default));
        Assert.Equal(0, await CountAsync(scene));
        // And then it waits like all else that was unpinned.
        Assert.Equal(0, await scene.Store.CollectGarbageAsync(TimeSpan.FromDays(1), default));
        scene.Clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(1, await scene.Store.CollectGarbageAsync(TimeSpan.FromDays(1), default));
    }

    [Fact]
    public async Task A_write_that_commits_late_is_no_orphan_any_more_and_its_time_begins_anew()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var underWay = await StoreAsync(scene);
        await StepAsync(scene);
        Assert.Equal(1, await CountAsync(scene));

        await SealAsync(scene, underWay);
        scene.Clock.Now += scene.Options.Garbage.OrphanGrace * 2;
        await StepAsync(scene);

        Assert.Equal(0, await CountAsync(scene));
        Assert.True(await scene.Store.IsPinnedAsync(underWay, default));
    }

    [Fact]
    public async Task A_write_that_commits_at_the_very_moment_has_its_pin_back()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var late = await StoreAsync(scene);
        await StepAsync(scene);
        scene.Clock.Now += scene.Options.Garbage.OrphanGrace;
        // Committed between the look and the unpinning.
        var store = Substitute.For<IContentStore>();
        store.ListPinsAsync(default).ReturnsForAnyArgs(_ => scene.Store.ListPinsAsync(default));
        store.UnpinAsync(late, default).ReturnsForAnyArgs(async _ =>
        {
            await scene.Store.UnpinAsync(late, default);
            await SealAsync(scene, late);
        });
        store.PinAsync(late, default).ReturnsForAnyArgs(_ => scene.Store.PinAsync(late, default));

        await ActivatorUtilities.CreateInstance<OrphanPass>(scene.Services, store).StepAsync(default);

        await store.Received(1).UnpinAsync(late, Arg.Any<CancellationToken>());
        Assert.True(await scene.Store.IsPinnedAsync(late, default));
    }

    [Fact]
    public async Task While_the_copy_of_the_ledger_is_behind_nothing_is_looked_for()
    {
        await using var scene = await KeepingScene.CreateAsync();
        await StoreAsync(scene);
        scene.ReadModel.IsFresh.Returns(false);
        Assert.Equal(TimeSpan.FromMinutes(1), await StepAsync(scene));
        Assert.Equal(0, await CountAsync(scene));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_may_refer_to_anything()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var orphan = await StoreAsync(scene);
        await scene.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
            "INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, 1, 'tx', 0, 0)",
            new { key = Encoding.UTF8.GetBytes(LedgerKey.Record("pt-1", "SouthMSP", "rc-1")), value = "{"u8.ToArray() }, transaction), default);
        await AssertKeptAsync(scene, orphan);
    }

    [Fact]
    public async Task A_database_that_knows_little_of_the_store_is_not_believed()
    {
        await using var scene = await KeepingScene.CreateAsync();
        for (var i = 0; i < 9; i++)
            await scene.AddAsync(100);
        var orphan = await StoreAsync(scene);
        for (var i = 0; i < 10; i++)
            await StoreAsync(scene);
        await AssertKeptAsync(scene, orphan);
    }

    [Theory]
    [InlineData(ContentProvider.Kubo, null, true)]
    [InlineData(ContentProvider.Kubo, true, false)]
    [InlineData(ContentProvider.Cluster, null, false)]
    [InlineData(ContentProvider.Embedded, false, true)]
    public async Task At_a_daemon_of_its_own_and_where_it_is_switched_off_orphans_are_only_told_of(ContentProvider provider, bool? unpins, bool kept)
    {
        await using var scene = await KeepingScene.CreateAsync();
        (scene.Options.Provider, scene.Options.Garbage.UnpinOrphans) = (provider, unpins);
        var orphan = await StoreAsync(scene);
        await StepAsync(scene);
        scene.Clock.Now += scene.Options.Garbage.OrphanGrace;
        await StepAsync(scene);
        Assert.Equal(kept, await scene.Store.IsPinnedAsync(orphan, default));
        Assert.Equal(kept ? 1 : 0, await CountAsync(scene));
    }

    private static async Task AssertKeptAsync(KeepingScene scene, Cid orphan)
    {
        await StepAsync(scene);
        scene.Clock.Now += scene.Options.Garbage.OrphanGrace;
        await StepAsync(scene);
        Assert.True(await CountAsync(scene) > 0);
        Assert.True(await scene.Store.IsPinnedAsync(orphan, default));
    }

    private static Task<TimeSpan> StepAsync(KeepingScene scene) => scene.Services.GetRequiredService<OrphanPass>().StepAsync(default);

    private static Task<long> CountAsync(KeepingScene scene) => scene.Services.GetRequiredService<OrphanTable>().CountAsync(default);

    private static async Task<Cid> StoreAsync(KeepingScene scene) =>
        (await scene.Store.PutAsync(new MemoryStream(Guid.NewGuid().ToByteArray()), default)).Cid;

    private static Task<int> SealAsync(KeepingScene scene, Cid cid) => scene.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
        "INSERT INTO sealed_record (record_id, cid, size, salt, commitment, sealed_at) VALUES (@id, @cid, 16, @none, @none, 0)",
        new { id = "rc-" + Guid.NewGuid().ToString("n"), cid = cid.ToString(), none = Array.Empty<byte>() }, transaction), default);
}
