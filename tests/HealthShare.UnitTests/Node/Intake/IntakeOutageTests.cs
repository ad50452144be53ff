using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Journal;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static HealthShare.UnitTests.Node.Intake.IdentityMessages;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What an outage of the ledger does to the queue: it changes no message's outcome and no patient's order, and what gathered goes on at a steady pace.</summary>
public sealed class IntakeOutageTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    public static TheoryData<DatabaseProvider, bool> DatabasesAndBoth => KeyedNode.ProvidersWith(false, true);

    public static TheoryData<DatabaseProvider, (string One, string Other)> Namings => KeyedNode.ProvidersWith(
        ("MRN^^^NORTH^MR~NATIONAL", "NATIONAL^^^NORTH^MR~MRN"), // another one first
        ("MRN", "NATIONAL")); // known to be one patient's

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_number_that_is_replaced_while_the_ledger_is_away_keeps_no_earlier_message_from_its_patient(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Ledger.IsAway = true;
        var first = (await scene.ReceiveAsync(IntakeScene.Message("1", number: "OLD"))).Id;
        var change = (await scene.ReceiveAsync(Adt("2", "A47", "NEW", "MRG|OLD^^^NORTH^MR"))).Id;
        var after = (await scene.ReceiveAsync(IntakeScene.Message("3", number: "NEW"))).Id;
        await RoundsAsync(scene, 3);
        foreach (var id in (string[])[first, change, after])
            Assert.Equal("received", (await scene.FindAsync(id)).State);
        scene.Ledger.IsAway = false;
        await RoundsAsync(scene, 3);
        foreach (var id in (string[])[first, change, after])
            Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Single(scene.Ledger.Enrolled);
        Assert.Single(scene.Ledger.Records.Values.Select(record => record.PatientId).Distinct());
        Assert.Equal("number.replaced", await DetailAsync(scene, change));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_wait"));
    }

    [Theory]
    [MemberData(nameof(Namings))]
    public async Task Whichever_number_a_message_names_first_its_patients_earlier_messages_come_before_it(DatabaseProvider database, (string One, string Other) numbers)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await SendAsync(scene, Adt("0", "A08", "MRN^^^NORTH^MR~NATIONAL", ""));
        await PatientAsync(scene, "9", "GONE");
        scene.Ledger.IsAway = true;
        var first = (await scene.ReceiveAsync(Adt("1", "A40", numbers.One, "MRG|GONE^^^NORTH^MR"))).Id;
        await scene.DrainAsync();
        scene.Ledger.IsAway = false;
        var second = (await scene.ReceiveAsync(Adt("2", "A08", numbers.Other, ""))).Id;
        await scene.DrainAsync();
        Assert.Equal(("received", "received"), ((await scene.FindAsync(first)).State, (await scene.FindAsync(second)).State));
        await RoundsAsync(scene, 1);
        Assert.Equal(("registered", "registered"), ((await scene.FindAsync(first)).State, (await scene.FindAsync(second)).State));
        Assert.Single(scene.Ledger.Merged);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_whose_door_noted_no_number_stays_behind_by_those_of_its_content(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Ledger.IsAway = true;
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        await scene.DrainAsync();
        scene.Ledger.IsAway = false;
        var second = (await scene.ReceiveAsync(IntakeScene.Message("2", value: "2"))).Id;
        await scene.Database.WriteAsync(async transaction =>
        {
            await using var command = transaction.Connection!.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction, $"UPDATE intake_message SET patient_hint = NULL WHERE id = '{second}'");
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }, default);
        await scene.DrainAsync();
        Assert.Equal("received", (await scene.FindAsync(second)).State);
        await RoundsAsync(scene, 1);
        Assert.Equal(2, scene.Ledger.Records.Count);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task However_many_follow_one_that_waits_the_messages_behind_them_go_on(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Ledger.IsAway = true;
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        await scene.DrainAsync();
        scene.Ledger.IsAway = false;
        await ReceiveAsync(scene, Enumerable.Range(0, 200).Select(i => IntakeScene.Message($"m{i}", value: $"{i}")));
        var other = (await scene.ReceiveAsync(IntakeScene.Message("2", number: "4712"))).Id;
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(other)).State);
        Assert.Single(scene.Ledger.Records);
        await RoundsAsync(scene, 1);
        Assert.Equal(202, scene.Ledger.Records.Count);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_at_fault_that_a_batch_was_halved_for_is_overtaken_by_none_of_its_patient(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var faulty = await scene.FindAsync((await scene.ReceiveAsync(IntakeScene.Message("1"))).Id);
        var second = (await scene.ReceiveAsync(IntakeScene.Message("2", value: "2"))).Id;
        var other = (await scene.ReceiveAsync(IntakeScene.Message("3", number: "4712"))).Id;
        scene.Ledger.OnRegister = records => records.Any(record => record.RecordId == faulty.RecordId) ? throw new InvalidCastException() : Task.CompletedTask;
        await scene.DrainAsync();
        Assert.Equal(("stored", "stored", "registered"),
            ((await scene.FindAsync(faulty.Id)).State, (await scene.FindAsync(second)).State, (await scene.FindAsync(other)).State));
        await RoundsAsync(scene, 4); // once it is aside, it holds up nobody
        Assert.Equal(("quarantined", "registered"), ((await scene.FindAsync(faulty.Id)).State, (await scene.FindAsync(second)).State));
    }

    [Theory]
    [MemberData(nameof(DatabasesAndBoth))]
    public async Task A_fault_that_several_messages_share_puts_each_of_them_aside_after_a_few_tries(DatabaseProvider database, bool merge)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        if (merge)
        {
            // The earlier patient is known here and not yet to the ledger.
            scene.Ledger.IsAway = true;
            await scene.ReceiveAsync(IntakeScene.Message("0", number: "OLD"));
            await scene.DrainAsync();
            scene.Ledger.IsAway = false;
            var waiting = Assert.Single(await DueAtAsync(scene, TimeSpan.FromMinutes(2)));
            await scene.Database.WriteAsync(async transaction => await scene.Table.QuarantinedAsync(transaction, waiting, "test", "Test.", default), default);
            await PatientAsync(scene, "9", "NEW");
        }
        scene.Ledger.OnEnroll = _ => throw new InvalidOperationException("Quastenflosser");
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
            ids.Add((await scene.ReceiveAsync(merge ? Adt($"m{i}", "A40", "NEW", "MRG|OLD^^^NORTH^MR") : IntakeScene.Message($"m{i}", value: $"{i}"))).Id);
        await RoundsAsync(scene, 8);
        foreach (var id in ids)
            Assert.Equal(("quarantined", "intake.fault"), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
    }

    [Fact]
    public async Task What_gathered_in_an_outage_goes_on_with_work_that_grows_with_the_number_of_messages_and_no_faster()
    {
        const int few = 250;
        var (small, large) = (await DrainAsync(few), await DrainAsync(4 * few));
        // A look for what is due costs the same, however many wait; so does a turn, which also bounds what is in memory.
        Assert.True(large.Look < 2 * small.Look, $"{small} {large}");
        Assert.True(large.LargestTurn < 2 * small.LargestTurn, $"{small} {large}");
        Assert.True(large.Total < 5 * small.Total, $"{small} {large}");
        Assert.True(large.Turns <= 5 * small.Turns, $"{small} {large}");
    }

    private static async Task<Work> DrainAsync(int count)
    {
        await using var scene = await IntakeScene.StartAsync();
        await ReceiveAsync(scene, Enumerable.Range(0, count).Select(i => IntakeScene.Message($"m{i}", number: $"{i / 2}", value: $"{i}")));
        while (await scene.Table.DueAsync(IntakeState.Received, 300, default) is { Count: > 0 } due)
            await scene.Table.PostponeAsync(due, "peer.unavailable", scene.Node.Clock.Now.AddMinutes(1), default);
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        var steps = 0L;
        scene.Database.OnUse = connection => raw.sqlite3_progress_handler(((SqliteConnection)connection).Handle, 20, _ => { steps += 20; return 0; }, null);
        await scene.Table.DueAsync(IntakeState.Received, 64, default);
        var (look, largest, turns) = (steps, 0L, 0);
        for (var moved = true; moved; turns++)
        {
            var before = steps;
            moved = await scene.Worker.RunOnceAsync(default);
            largest = Math.Max(largest, steps - before);
        }
        Assert.Equal(count, scene.Ledger.Records.Count);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_wait"));
        return new Work(look, largest, steps - look, turns);
    }

    private static Task<IReadOnlyList<HealthShare.Node.Intake.Receiving.Receipt>> ReceiveAsync(IntakeScene scene, IEnumerable<byte[]> messages) =>
        scene.Receiver.ReceiveAsync([.. messages.Select(message => (ReadOnlyMemory<byte>)message)], "mllp", null, default);

    private static async Task<List<IntakeMessage>> DueAtAsync(IntakeScene scene, TimeSpan later)
    {
        scene.Node.Clock.Now += later;
        return await scene.Table.DueAsync(IntakeState.Received, 10, default);
    }

    private static async Task RoundsAsync(IntakeScene scene, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
            await scene.DrainAsync();
        }
    }

    /// <summary>Steps of the database's machine: for one look, in the largest turn, in all; and the number of turns.</summary>
    private sealed record Work(long Look, long LargestTurn, long Total, int Turns);
}
