using System.Runtime.CompilerServices;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Content.Keeping.Findings;
using HealthShare.Node.Content.Keeping.Passes;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class RepairTests
{
    [Fact]
    public async Task The_first_good_replica_repairs_where_others_are_missing_lying_hung_and_down()
    {
        MemoryReplica[] others = [new("empty"), new("lying"), new("hung"), new("down"), new("good")];
        await using var scene = await KeepingScene.CreateAsync(others);
        var record = await scene.AddAsync();
        File.Delete(scene.FileOf(record.Cid));
        others[0].Blocks.Clear();
        (others[1].Behaviour, others[2].Behaviour, others[3].Behaviour) = (MemoryReplica.Lying, MemoryReplica.Hung, others[3].Down);
        scene.Options.Keeping.ChallengeTimeout = TimeSpan.FromSeconds(5); // for what hangs, and enough for what does not
        var pass = await scene.PassAsync();
        Assert.Equal((1, 1), (pass.Held, pass.Repaired));
        Assert.True(await scene.IsWholeAsync(record.Cid));
        var findings = await scene.FindingsAsync();
        Assert.Equal([("empty", "missing"), ("lying", "corrupt")], findings.Select(finding => (finding.Replica, finding.State)).Order());
    }

    [Fact]
    public async Task A_source_that_breaks_off_leaves_the_store_as_it_was_and_the_next_one_serves()
    {
        MemoryReplica[] others = [new("breaking"), new("good")];
        await using var scene = await KeepingScene.CreateAsync(others);
        var record = await scene.AddAsync(30 * 1024);
        File.Delete(scene.FileOf(record.Cid));
        var leaves = 0;
        others[0].Behaviour = (cid, block, _) => cid.Codec is CidCodec.Raw && ++leaves > 10
            ? throw new ReplicaUnavailableException("breaking", "cut.")
            : Task.FromResult(block);
        Assert.Equal(1, (await scene.PassAsync()).Repaired);
        Assert.True(await scene.IsWholeAsync(record.Cid));
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_a_repair_loses_nothing_and_the_repair_is_done_later()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var record = await scene.AddAsync(30 * 1024);
        scene.Damage(record.Cid, at: 29 * 1024);
        using var power = new CancellationTokenSource();
        var content = record with { };
        await scene.Keeper.KeepAsync(content, Depth.Own, repair: false, null, default);
        Assert.Single(await scene.FindingsAsync());
        south.Behaviour = async (cid, block, ct) =>
        {
            if (cid.Codec is CidCodec.Raw && south.Asked > 12)
                await power.CancelAsync();
            ct.ThrowIfCancellationRequested();
            return block;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scene.Keeper.KeepAsync(content, Depth.Full, repair: true, null, power.Token));
        Assert.True(File.Exists(scene.FileOf(record.Cid)));
        Assert.Single(await scene.FindingsAsync());

        south.Behaviour = (_, block, _) => Task.FromResult(block);
        scene.Start();
        // The claim of the repair that died is still there; nothing is repaired under it, and nothing is forgotten.
        scene.Clock.Now += scene.Options.Keeping.RepairTimeout;
        Assert.Equal(0, await scene.Retries.StepAsync(10, default));
        Assert.Single(await scene.FindingsAsync());
        scene.Clock.Now += scene.Options.Keeping.RepairTimeout;
        Assert.Equal(1, await scene.Retries.StepAsync(10, default));
        Assert.Empty(await scene.FindingsAsync());
        Assert.True(await scene.IsWholeAsync(record.Cid));
    }

    [Fact]
    public async Task A_cluster_peer_that_says_pinned_and_cannot_show_it_is_named_and_failed_pins_are_recovered()
    {
        var (south, east) = (new MemoryReplica("south"), new MemoryReplica("east"));
        await using var scene = await KeepingScene.CreateAsync(south, east);
        var claims = new FakeClaims(new PinClaims(new HashSet<string> { "own", "south" }, NeedsRecovery: true));
        scene.Claims = claims;
        scene.Start();
        var record = await scene.AddAsync(100);
        await scene.PassAsync();
        Assert.Empty(claims.Recovered);

        south.Blocks.Clear();
        east.Blocks.Clear();
        scene.Options.Keeping.MinimumReplicas = 2;
        Assert.Equal(1, (await scene.PassAsync()).BelowMinimum);
        var findings = (await scene.FindingsAsync()).ToDictionary(finding => finding.Replica, finding => finding.Detail);
        Assert.StartsWith("its cluster peer says pinned, but", findings["south"], StringComparison.Ordinal);
        Assert.StartsWith("it does not hold", findings["east"], StringComparison.Ordinal);
        Assert.Equal([record.Cid], claims.Recovered);

        claims.IsAway = true;
        await scene.PassAsync();
        Assert.Equal(2, (await scene.FindingsAsync()).Count);
    }

    [Fact]
    public async Task Two_keepers_at_once_repair_a_content_once()
    {
        await using var scene = await KeepingScene.CreateAsync(new MemoryReplica("south"));
        var own = new CountingReplica(new StoreReplica(Replicas.OwnName, scene.Store));
        scene.Own = _ => own;
        scene.Start();
        var record = await scene.AddAsync(30 * 1024);
        scene.Damage(record.Cid, at: 5);
        await using var second = scene.Build();
        var keepers = new[] { scene.Keeper, second.GetRequiredService<Keeper>() };
        var kept = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => keepers[i % 2].KeepAsync(record, Depth.Full, repair: true, null, default))));
        Assert.Equal(1, own.MostAtOnce);
        Assert.InRange(kept.Sum(one => one.Repaired), 1, 8);
        Assert.True(await scene.IsWholeAsync(record.Cid));
        await scene.PassAsync();
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task What_cannot_be_repaired_is_tried_later_and_later()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var record = await scene.AddAsync(100);
        File.Delete(scene.FileOf(record.Cid));
        south.Blocks.Clear();
        await scene.PassAsync();
        var tries = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            scene.Clock.Now += TimeSpan.FromMinutes(1);
            tries += await scene.Retries.StepAsync(10, default);
        }
        Assert.InRange(tries, 2, 12); // two findings, at about 2, 4, 8, 16 and 32 minutes
        Assert.Equal(2, (await scene.FindingsAsync()).Count);
    }

    [Fact]
    public async Task The_same_reason_is_told_once_also_over_a_restart()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var record = await scene.AddAsync(100);
        var findings = scene.Services.GetRequiredService<FindingTable>();
        await findings.ReportAsync(record, "own", ReplicaState.Missing, "gone", default);
        Assert.True(await findings.PostponeAsync(record.Cid, "own", "nobody has it", default));
        Assert.False(await findings.PostponeAsync(record.Cid, "own", "nobody has it", default));
        scene.Start();
        findings = scene.Services.GetRequiredService<FindingTable>();
        await findings.ReportAsync(record, "own", ReplicaState.Missing, "gone", default); // seen again at the start
        Assert.False(await findings.PostponeAsync(record.Cid, "own", "nobody has it", default));
        Assert.True(await findings.PostponeAsync(record.Cid, "own", "it took too long", default));

        // Whole in between: it is news again.
        await findings.ResolveAsync(record.Cid, "own", default);
        await findings.ReportAsync(record, "own", ReplicaState.Missing, "gone", default);
        Assert.True(await findings.PostponeAsync(record.Cid, "own", "it took too long", default));
    }

    [Fact]
    public async Task Findings_about_replicas_that_the_settings_no_longer_name_are_closed()
    {
        await using var scene = await KeepingScene.CreateAsync();
        var record = await scene.AddAsync(100);
        await scene.Services.GetRequiredService<HealthShare.Node.Content.Keeping.Findings.FindingTable>()
            .ReportAsync(record, "former", ReplicaState.Missing, "gone", default);
        Assert.Single(await scene.FindingsAsync());
        await scene.PassAsync();
        Assert.Empty(await scene.FindingsAsync());
    }

    [Fact]
    public async Task The_scrub_finds_and_repairs_what_no_record_of_the_ledger_leads_to_and_comes_round_in_time()
    {
        var south = new MemoryReplica("south");
        await using var scene = await KeepingScene.CreateAsync(south);
        var records = new List<KeptContent>();
        for (var i = 0; i < 6; i++)
            records.Add(await scene.AddAsync(3000, custodian: "SouthMSP"));
        scene.Damage(records[4].Cid, at: 2500);
        Assert.Equal(TimeSpan.Zero, await scene.Scrub.StepAsync(4, default));
        await scene.Scrub.StepAsync(4, default);
        Assert.True(await scene.IsWholeAsync(records[4].Cid));
        var table = scene.Services.GetRequiredService<ScrubTable>();
        var state = await table.StateAsync(scene.Options.Keeping.ScrubWithin, default);
        Assert.Equal((6, 0, false), (state.Contents, state.NeverRead, state.Overdue));
        var wait = await scene.Scrub.StepAsync(4, default);
        Assert.InRange(wait, TimeSpan.FromDays(5), scene.Options.Keeping.ScrubWithin);

        scene.Clock.Now += scene.Options.Keeping.ScrubWithin + TimeSpan.FromHours(1);
        Assert.True((await table.StateAsync(scene.Options.Keeping.ScrubWithin, default)).Overdue);
        await scene.Store.UnpinAsync(records[0].Cid, default);
        await scene.Scrub.StepAsync(10, default);
        state = await table.StateAsync(scene.Options.Keeping.ScrubWithin, default);
        Assert.Equal((5, false), (state.Contents, state.Overdue));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_pass_ends_with_every_record_held_and_verified_or_reported(int seed)
    {
        var random = new Random(seed);
        MemoryReplica[] others = [new("south"), new("east")];
        await using var scene = await KeepingScene.CreateAsync(others);
        var records = new List<KeptContent>();
        for (var i = 0; i < 8; i++)
            records.Add(await scene.AddAsync(random.Next(1, 900), random: random)); // one leaf: any range shows a fault
        foreach (var record in records)
        {
            if (random.Next(3) == 0)
                File.Delete(scene.FileOf(record.Cid));
            else if (random.Next(3) == 0)
                scene.Damage(record.Cid, at: 0);
            foreach (var other in others)
            {
                if (random.Next(3) == 0)
                    other.Blocks.TryRemove(record.Cid, out _);
                else if (random.Next(3) == 0)
                    other.Blocks[record.Cid] = [0];
            }
        }
        var pass = await scene.PassAsync();
        var reported = (await scene.FindingsAsync()).Where(finding => finding.Replica == Replicas.OwnName).Select(finding => finding.Cid).ToHashSet();
        foreach (var record in records)
        {
            var lost = reported.Contains(record.Cid.ToString());
            Assert.NotEqual(lost, await scene.IsWholeAsync(record.Cid));
            Assert.False(lost && others.Any(other => other.Blocks.TryGetValue(record.Cid, out var block) && record.Cid.Matches(block)));
        }
        Assert.Equal((records.Count, records.Count - reported.Count), (pass.Records, pass.Held));
    }

    private sealed class FakeClaims(PinClaims said) : IPinClaims
    {
        public bool IsAway { get; set; }

        public List<Cid> Recovered { get; } = [];

        public Task<PinClaims> AskAsync(Cid cid, CancellationToken ct) => IsAway ? throw new IOException("away") : Task.FromResult(said);

        public Task RecoverAsync(Cid cid, CancellationToken ct)
        {
            Recovered.Add(cid);
            return Task.CompletedTask;
        }
    }

    /// <summary>Counts restores that run at the same time.</summary>
    private sealed class CountingReplica(IWritableReplica inner) : IWritableReplica
    {
        private int now;

        public string Name => inner.Name;

        public int MostAtOnce { get; private set; }

        public async Task RestoreAsync(Cid cid, IContentReplica source, CancellationToken ct)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref now));
            await Task.Delay(30, ct);
            await inner.RestoreAsync(cid, source, ct);
            Interlocked.Decrement(ref now);
        }

        public Task ChallengeAsync(Cid cid, long? size, long position, CancellationToken ct) => inner.ChallengeAsync(cid, size, position, ct);

        public async IAsyncEnumerable<ContentBlock> ReadBlocksAsync(Cid cid, [EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var block in inner.ReadBlocksAsync(cid, ct))
                yield return block;
        }

        public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => inner.IsPinnedAsync(cid, ct);

        public Task<bool> IsPinnedHereAsync(Cid cid, CancellationToken ct) => inner.IsPinnedHereAsync(cid, ct);

        public IAsyncEnumerable<Cid> ListPinsHereAsync(CancellationToken ct) => inner.ListPinsHereAsync(ct);

        public Task<bool> PinAsync(Cid cid, CancellationToken ct) => inner.PinAsync(cid, ct);

        public Task UnpinAsync(Cid cid, CancellationToken ct) => inner.UnpinAsync(cid, ct);
    }
}
