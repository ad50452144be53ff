using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Content.Keeping.Passes;
using HealthShare.Node.Incidents;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class RecordPassTests
{
    [Fact]
    public async Task A_pass_over_whole_records_finds_nothing_and_asks_every_replica_for_each()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        for (var i = 0; i < 7; i++)
            await scene.AddAsync();
        await scene.AddAsync(custodian: "SouthMSP"); // another member's, which keeps it itself
        var pass = await scene.PassAsync(page: 3);
        Assert.Equal((7, 7, 0), (pass.Records, pass.Held, pass.BelowMinimum));
        Assert.NotNull(pass.FinishedAt);
        Assert.Empty(await scene.FindingsAsync());
        Assert.True(south.Asked >= 14, "a node and a leaf of each");
    }

    [Fact]
    public async Task Between_passes_there_is_nothing_to_do_and_the_next_one_begins_in_time()
    {
        await using var scene = await KeepingScene.CreateAsync();
        await scene.AddAsync();
        await scene.PassAsync();
        Assert.Null(await scene.Records.StepAsync(10, default));
        scene.Clock.Now += scene.Options.Keeping.PassEvery;
        Assert.Equal(1, await scene.Records.StepAsync(10, default));
    }

    [Fact]
    public async Task A_restart_goes_on_where_the_last_page_ended()
    {
        await using var scene = await KeepingScene.CreateAsync();
        for (var i = 0; i < 10; i++)
            await scene.AddAsync(100);
        Assert.Equal(4, await scene.Records.StepAsync(4, default));
        scene.Start();
        Assert.Equal(4, await scene.Records.StepAsync(4, default));
        scene.Start();
        Assert.Equal(2, await scene.Records.StepAsync(4, default));
        Assert.Null(await scene.Records.StepAsync(4, default));
        var pass = await scene.Services.GetRequiredService<PassTable>().FindLastAsync(default);
        Assert.Equal((10, 10), (pass!.Records, pass.Held));
    }

    [Fact]
    public async Task What_is_held_and_not_pinned_is_pinned_again()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var record = await scene.AddAsync();
        await scene.Store.UnpinAsync(record.Cid, default);
        Assert.Equal(1, (await scene.PassAsync()).PinnedAgain);
        Assert.True(await scene.Store.IsPinnedAsync(record.Cid, default));
        Assert.Equal(0, (await scene.PassAsync()).PinnedAgain);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1024)]
    [InlineData(20 * 1024 + 7)]
    public async Task What_is_missing_here_comes_back_from_another_replica_under_the_same_id(int length)
    {
        await using var scene = await KeepingScene.CreateAsync(new MemoryReplica("south"));
        var record = await scene.AddAsync(length);
        File.Delete(scene.FileOf(record.Cid));
        var pass = await scene.PassAsync();
        Assert.Equal((1, 1, 1), (pass.Records, pass.Held, pass.Repaired));
        Assert.True(await scene.IsWholeAsync(record.Cid));
        Assert.True(await scene.Store.IsPinnedAsync(record.Cid, default));
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task What_is_corrupt_here_is_replaced_and_the_bad_copy_stays_where_nobody_has_a_good_one()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var record = await scene.AddAsync(900);
        scene.Damage(record.Cid);
        south.Behaviour = MemoryReplica.Lying;
        var pass = await scene.PassAsync();
        Assert.Equal((1, 1, 1), (pass.Corrupt, pass.BelowMinimum, pass.Records));
        Assert.True(File.Exists(scene.FileOf(record.Cid)));
        Assert.Equal(["own", "south"], (await scene.FindingsAsync()).Select(finding => finding.Replica).Order());
        var incident = Assert.Single((await scene.Services.GetRequiredService<IncidentLog>().ListAsync(null, null, 10, default)).Incidents);
        Assert.Equal(("content.no_good_copy", record.Cid.ToString()), (incident.Code, incident.Subject));

        south.Behaviour = (_, block, _) => Task.FromResult(block);
        Assert.Equal(1, (await scene.PassAsync()).Repaired);
        Assert.True(await scene.IsWholeAsync(record.Cid));
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task A_bad_part_stays_a_finding_until_the_whole_copy_is_right()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var record = await scene.AddAsync(40 * 1024);
        var (cid, good) = south.Blocks.First(block => block.Key.Codec is CidCodec.Raw);
        south.Blocks[cid] = [1, 2, 3];
        for (var i = 0; i < 400 && (await scene.FindingsAsync()).Count == 0; i++)
            await scene.PassAsync(); // random ranges: sooner or later the bad one
        // Nearly every range is good; only a look at all of them may close it.
        for (var i = 0; i < 5; i++)
            await scene.PassAsync();
        Assert.Equal(("south", "corrupt"), (await scene.FindingsAsync()).Select(finding => (finding.Replica, finding.State)).Single());
        south.Blocks[cid] = good;
        await scene.PassAsync();
        Assert.Empty(await scene.FindingsAsync());
        Assert.True(await scene.IsWholeAsync(record.Cid));
    }

    [Fact]
    public async Task A_record_whose_length_is_not_the_ledgers_is_corrupt_everywhere()
    {
        await using var scene = await KeepingScene.CreateAsync(new MemoryReplica("south"));
        var record = await scene.AddAsync();
        await scene.WithdrawAsync(record);
        await scene.RegisterAsync(record.Cid.ToString(), record.Size!.Value + 1);
        Assert.Equal(1, (await scene.PassAsync()).Corrupt);
        Assert.Equal(["own", "south"], (await scene.FindingsAsync()).Select(finding => finding.Replica).Order());
    }

    [Fact]
    public async Task An_entry_that_names_no_content_is_reported()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var record = await scene.RegisterAsync("Qm-not-a-cid", 5);
        Assert.Equal((1, 1), ((await scene.PassAsync()) is var pass ? pass.Records : 0, pass.Missing));
        var incident = Assert.Single((await scene.Services.GetRequiredService<IncidentLog>().ListAsync(null, null, 10, default)).Incidents);
        Assert.Equal(("content.record_unreadable", record.RecordId), (incident.Code, incident.Subject));
    }

    [Fact]
    public async Task A_replica_that_hangs_or_is_away_holds_up_one_record_and_not_all()
    {
        var (hung, down) = (new MemoryReplica("hung"), new MemoryReplica("down"));
        await using var scene = await KeepingScene.CreateAsync(hung, down);
        for (var i = 0; i < 12; i++)
            await scene.AddAsync(100);
        (hung.Behaviour, down.Behaviour) = (MemoryReplica.Hung, down.Down);
        scene.Options.Keeping.ChallengeTimeout = TimeSpan.FromSeconds(5); // for what hangs, and enough for what does not
        scene.Options.Keeping.MinimumReplicas = 2;
        var pass = await scene.PassAsync();
        Assert.Equal((12, 12, 12), (pass.Records, pass.Held, pass.BelowMinimum));
        Assert.InRange(hung.Asked, 1, 4); // those that were on their way when the first came back
        Assert.InRange(down.Asked, 1, 4);
        Assert.Empty(await scene.FindingsAsync()); // nothing is known of them, which is said of the replica and not of each record
        var board = scene.Services.GetRequiredService<ReplicaBoard>().List();
        Assert.All(board.Skip(1), replica => Assert.NotNull(replica.UnavailableSince));
        Assert.Null(board[0].UnavailableSince);

        scene.Options.Keeping.ChallengeTimeout = TimeSpan.FromMinutes(1);
        (hung.Behaviour, down.Behaviour) = ((_, block, _) => Task.FromResult(block), (_, block, _) => Task.FromResult(block));
        Assert.Equal(0, (await scene.PassAsync()).BelowMinimum);
        Assert.All(scene.Services.GetRequiredService<ReplicaBoard>().List(), replica => Assert.Null(replica.UnavailableSince));
    }

    [Fact]
    public async Task A_cluster_with_too_few_peers_does_not_hold_up_the_pass()
    {
        var own = Substitute.For<IWritableReplica>();
        own.Name.Returns(Replicas.OwnName);
        own.IsPinnedAsync(default!, default).ReturnsForAnyArgs(false);
        own.PinAsync(default!, default).ReturnsForAnyArgs(false); // told, and not done yet
        await using var scene = await KeepingScene.CreateAsync();
        for (var i = 0; i < 12; i++)
            await scene.AddAsync(100);
        scene.Own = _ => own;
        scene.Start();
        var pass = await scene.PassAsync();
        Assert.Equal((12, 12, 0), (pass.Records, pass.Held, pass.PinnedAgain));
        await own.ReceivedWithAnyArgs(12).PinAsync(default!, default);
    }

    [Fact]
    public async Task A_record_withdrawn_while_it_is_looked_at_is_neither_reported_nor_kept()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var record = await scene.AddAsync(100);
        File.Delete(scene.FileOf(record.Cid));
        var asked = 0;
        south.Behaviour = async (_, block, _) =>
        {
            if (Interlocked.Increment(ref asked) == 2) // the first is the challenge, the second the repair
                await scene.WithdrawAsync(record);
            return block;
        };
        var pass = await scene.PassAsync();
        Assert.Equal(0, pass.Records);
        Assert.False(await scene.Store.IsPinnedAsync(record.Cid, default));
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task Thousands_of_records_are_done_page_by_page()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var stored = await scene.AddAsync(50);
        await scene.RegisterAsync(stored.Cid.ToString(), 50, [.. Enumerable.Range(0, 2200).Select(i => i % 11 == 0 ? "SouthMSP" : "NorthMSP")]);
        var records = scene.Services.GetRequiredService<LedgerRecords>();
        var seen = 0;
        byte[]? position = null;
        for (var more = true; more;)
        {
            var page = await records.PageAsync(position, 100, default);
            Assert.InRange(page.Records.Count, 0, 100);
            (seen, position, more) = (seen + page.Records.Count, page.Last, !page.IsLast);
        }
        Assert.Equal(2001, seen);
        Assert.Equal(2001, await records.CountAsync(default));
        Assert.Equal(2001, (await scene.PassAsync(page: 200)).Held);
    }
}
