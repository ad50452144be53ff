using HealthShare.Hl7;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.UnitTests.Hl7.Mllp;
using HealthShare.UnitTests.Node.Support;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Parts that are away, full, slow or at fault.</summary>
public sealed class IntakeFailureTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Fact]
    public async Task A_fault_that_one_message_brings_out_puts_that_one_aside_after_a_few_tries_and_its_words_nowhere()
    {
        await using var scene = await IntakeScene.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
            ids.Add((await scene.ReceiveAsync(IntakeScene.Message($"{i}", value: $"{i}"))).Id);
        var faulty = (await scene.FindAsync(ids[2])).RecordId!;
        scene.Ledger.OnRegister = records => records.Any(record => record.RecordId == faulty)
            ? throw new InvalidCastException("Quastenflosser")
            : Task.CompletedTask;
        for (var i = 0; i < 6; i++)
        {
            await scene.DrainAsync();
            scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        }
        Assert.Equal(3, scene.Ledger.Records.Count);
        var aside = await scene.FindAsync(ids[2]);
        Assert.Equal(("quarantined", "intake.fault"), (aside.State, aside.ReasonCode));
        Assert.Contains("InvalidCastException", aside.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("Quastenflosser", aside.Reason, StringComparison.Ordinal);
        Assert.Equal("received", (await scene.Desk.FindAsync(ids[2], default))!.Steps![0].Step);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_fails_after_the_ledger_took_a_record_is_tried_until_it_is_noted_and_holds_up_no_other(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var faulty = (await scene.ReceiveAsync(IntakeScene.Message("1", number: "4711"))).Id;
        var others = new List<string>();
        for (var i = 2; i < 6; i++)
            others.Add((await scene.ReceiveAsync(IntakeScene.Message($"{i}", number: i == 5 ? "4711" : $"{i}", value: $"{i}"))).Id);
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        var meaning = await scene.MeaningAsync(faulty);
        Assert.DoesNotContain("lineage\":{", meaning, StringComparison.Ordinal);
        // Its meaning can be read, and what is noted of its lineage cannot be worked out.
        const string unheardOf = """{"sent":{"earliest":"2026-03-01T08:00:00+00:00","latest":"2026-03-01T08:00:00+00:00"},"items":[null]}""";
        await scene.SetMeaningAsync(faulty, meaning.Replace("\"lineage\":null", $"\"lineage\":{unheardOf}", StringComparison.Ordinal));

        for (var i = 0; i < 6; i++)
        {
            await scene.DrainAsync();
            var message = await scene.FindAsync(faulty);
            Assert.Equal(("stored", "intake.fault", i + 1L), (message.State, message.ReasonCode, message.Attempts));
            scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        }
        foreach (var id in others)
            Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal([5, 1, 1, 1, 1, 1], scene.Ledger.Batches);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_wait"));

        await scene.SetMeaningAsync(faulty, meaning);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(faulty)).State);
        Assert.Equal(5, scene.Ledger.Records.Count);
        Assert.Equal(5, await scene.ScalarAsync<long>("SELECT count(*) FROM record_provenance"));
    }

    [Fact]
    public async Task With_the_content_store_away_messages_wait_and_are_sealed_when_it_is_back()
    {
        await using var scene = await IntakeScene.StartAsync();
        var store = new AwayStore();
        scene.Content = store;
        await scene.RestartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 70; i++)
            ids.Add((await scene.ReceiveAsync(IntakeScene.Message($"{i}", value: $"{i}"))).Id);
        await scene.DrainAsync();
        var waiting = await scene.FindAsync(ids[0]);
        Assert.Equal(("parsed", "content.unavailable", 1L), (waiting.State, waiting.ReasonCode, waiting.Attempts));
        Assert.Empty(scene.Ledger.Records);
        scene.Content = null;
        await scene.RestartAsync();
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        await scene.DrainAsync();
        Assert.Equal(70, scene.Ledger.Records.Count);
    }

    [Fact]
    public async Task With_little_room_on_the_disk_senders_are_told_to_come_back_and_nothing_is_kept()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Disk.FreeBytes = scene.Options.MinimumFreeBytes - 1;
        var answer = Er7Message.Parse(await scene.Mllp.HandleAsync(IntakeScene.Message("1"), null, default));
        Assert.Equal("AR", answer.Segment("MSA"u8).Field(1).Text);
        Assert.Contains("disk", string.Join(' ', Enumerable.Range(1, 12).Select(field => answer.Segment("ERR"u8).Field(field).Text)), StringComparison.Ordinal);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        scene.Disk.FreeBytes = long.MaxValue;
        await scene.RestartAsync();
        Assert.False((await scene.ReceiveAsync(IntakeScene.Message("1"))).Duplicate);
    }

    [Fact]
    public async Task While_the_journals_disk_cannot_be_looked_at_senders_are_told_to_come_back()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Disk.Fault = new DriveNotFoundException();
        Assert.Equal(IntakeBusyException.DiskFull, (await Assert.ThrowsAsync<IntakeBusyException>(() => scene.ReceiveAsync(IntakeScene.Message("1")))).Code);
        scene.Disk.Fault = null;
        await scene.ReceiveAsync(IntakeScene.Message("1"));
    }

    [Fact]
    public async Task With_too_many_messages_on_their_way_senders_are_told_to_come_back()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.QueuedMessages = 3;
        for (var i = 0; i < 3; i++)
            await scene.ReceiveAsync(IntakeScene.Message($"{i}"));
        await scene.RestartAsync(); // looks again
        Assert.Equal(IntakeBusyException.QueueFull,
            (await Assert.ThrowsAsync<IntakeBusyException>(() => scene.ReceiveAsync(IntakeScene.Message("4")))).Code);
        await scene.DrainAsync();
        await scene.RestartAsync();
        await scene.ReceiveAsync(IntakeScene.Message("4"));
    }

    [Fact]
    public async Task While_the_disk_hangs_the_bytes_in_memory_are_bounded_and_whoever_waits_too_long_is_refused()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.WaitingBytes = 64 * 1024;
        scene.Options.Patience = TimeSpan.FromSeconds(2);
        await scene.RestartAsync();
        var hang = new TaskCompletionSource();
        scene.Database.Gate = hang.Task;
        var big = new string('x', 40_000);
        var first = scene.ReceiveAsync(IntakeScene.Message("1", value: big)); // fits
        await MllpScene.EventuallyAsync(() => scene.Database.Begun == 1);
        var second = scene.ReceiveAsync(IntakeScene.Message("2", value: big)); // does not fit beside it
        Assert.Equal(IntakeBusyException.Overloaded, (await Assert.ThrowsAsync<IntakeBusyException>(() => second)).Code);
        Assert.False(first.IsCompleted);
        hang.SetResult();
        Assert.False((await first).Duplicate);
        Assert.False((await scene.ReceiveAsync(IntakeScene.Message("2", value: big))).Duplicate);
        Assert.False((await scene.ReceiveAsync(IntakeScene.Message("3", value: big + big))).Duplicate); // larger than all of it: alone
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task The_budget_lets_nobody_overtake_and_forgets_whoever_gives_up()
    {
        var budget = new ByteBudget(100);
        await budget.TakeAsync(60, default);
        using var impatient = new CancellationTokenSource();
        var large = budget.TakeAsync(80, impatient.Token);
        var small = budget.TakeAsync(10, default); // would fit, but came later
        Assert.False(small.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        budget.Return(60);
        budget.Return(10);
        await budget.TakeAsync(1000, default); // all of it is free again
        Assert.False(budget.TakeAsync(1, default).IsCompleted);
    }

    /// <summary>A store that nobody answers at.</summary>
    private sealed class AwayStore : IContentStore
    {
        public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task<Stream> OpenAsync(Cid cid, CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task<bool> HasAsync(Cid cid, CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task PinAsync(Cid cid, CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task UnpinAsync(Cid cid, CancellationToken ct) => throw new IOException("Nobody answers.");
        public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken ct) => throw new IOException("Nobody answers.");
        public Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct) => throw new IOException("Nobody answers.");
    }
}
