using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Pipeline;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>How records share ledger transactions, and what happens where one of them is the odd one out.</summary>
public sealed class IntakeBatchTests
{
    [Fact]
    public async Task A_new_patient_is_enrolled_once_however_many_messages_come_at_once()
    {
        await using var scene = await IntakeScene.StartAsync();
        var running = 0;
        scene.Ledger.OnEnroll = async _ =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        };
        for (var i = 0; i < 40; i++)
            await scene.ReceiveAsync(IntakeScene.Message($"{i}", value: $"{i}"));
        await scene.DrainAsync();
        Assert.Equal(1, Assert.Single(scene.Ledger.Enrolled).Value);
        Assert.Equal(40, scene.Ledger.Records.Count);
    }

    [Fact]
    public async Task One_patient_whom_the_ledger_refuses_holds_up_no_other()
    {
        await using var scene = await IntakeScene.StartAsync();
        string? refused = null;
        scene.Ledger.OnEnroll = patientId => Interlocked.CompareExchange(ref refused, patientId, null) is null || refused == patientId
            ? throw Support.FakeLedger.Refusal("patient.not_yet")
            : Task.CompletedTask;
        for (var i = 0; i < 10; i++)
            await scene.ReceiveAsync(IntakeScene.Message($"{i}", number: $"{i}"));
        await scene.DrainAsync();
        Assert.Equal(9, scene.Ledger.Records.Count);
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'received' AND attempts = 1 AND reason_code = 'patient.not_yet'"));
    }

    [Fact]
    public async Task Records_share_transactions_up_to_the_limit_and_a_patient_is_in_one_of_them_only()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.RecordsPerTransaction = 10;
        var inFlight = new HashSet<string>();
        var together = 0;
        var most = 0;
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scene.Ledger.OnRegister = async records =>
        {
            var patients = records.Select(record => record.PatientId).Distinct().ToList();
            lock (inFlight)
            {
                Assert.All(patients, patient => Assert.True(inFlight.Add(patient), "A patient is in two transactions at a time."));
                most = Math.Max(most, ++together);
                if (together == 2)
                    second.TrySetResult();
            }
            await second.Task.WaitAsync(TimeSpan.FromSeconds(60)); // the first is on its way until another is beside it
            lock (inFlight)
            {
                inFlight.ExceptWith(patients);
                together--;
            }
        };
        for (var i = 0; i < 60; i++)
            await scene.ReceiveAsync(IntakeScene.Message($"{i}", number: $"{i % 30}", value: $"{i}"));
        while (await scene.Parse.RunOnceAsync(default) is Turn.Moved || await scene.Store.RunOnceAsync(default) is Turn.Moved)
        {
        }
        await scene.DrainAsync();
        Assert.Equal(60, scene.Ledger.Records.Count);
        Assert.All(scene.Ledger.Batches, size => Assert.InRange(size, 1, 10));
        Assert.InRange(scene.Ledger.Batches.Count, 6, 9);
        Assert.InRange(most, 2, scene.Options.TransactionsAtOnce);
    }

    [Fact]
    public async Task The_one_bad_record_of_a_batch_is_found_by_halves()
    {
        await using var scene = await IntakeScene.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 64; i++)
            ids.Add((await scene.ReceiveAsync(IntakeScene.Message($"{i}", value: $"{i}"))).Id);
        scene.Ledger.Taken.Add((await scene.FindAsync(ids[37])).RecordId!);
        await scene.DrainAsync();
        Assert.Equal(63, scene.Ledger.Records.Values.Count(record => record.Cid != RecordedLedger.AnotherCid));
        Assert.Equal(("quarantined", "record.id_taken"), ((await scene.FindAsync(ids[37])).State, (await scene.FindAsync(ids[37])).ReasonCode));
        Assert.InRange(scene.Ledger.Batches.Count, 7, 13);
    }

    [Fact]
    public async Task A_lone_record_goes_at_once_and_one_with_others_on_their_way_waits_for_them_no_longer_than_the_setting_says()
    {
        await using var scene = await IntakeScene.StartAsync();
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        Assert.Equal(Turn.Moved, await scene.Register.RunOnceAsync(default));
        Assert.Equal([1], scene.Ledger.Batches);

        await scene.ReceiveAsync(IntakeScene.Message("2"));
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        using (scene.Progress.Begin())
        {
            var turn = scene.Register.RunOnceAsync(default);
            await scene.ReceiveAsync(IntakeScene.Message("3"));
            await scene.Parse.RunOnceAsync(default);
            await scene.Store.RunOnceAsync(default);
            scene.Node.Clock.Now += scene.Options.LongestGathering;
            scene.Progress.Reached(HealthShare.Node.Intake.IntakeState.Stored);
            Assert.Equal(Turn.Moved, await turn);
        }
        await scene.DrainAsync();
        Assert.Equal(3, scene.Ledger.Records.Count);
    }

    [Theory]
    [InlineData(250, 1, 100, 4, new[] { 100 })] // one patient: one transaction, the rest later
    [InlineData(250, 250, 100, 4, new[] { 84, 83, 83 })]
    [InlineData(250, 250, 100, 2, new[] { 100, 100 })]
    [InlineData(7, 3, 3, 16, new[] { 3, 2, 2 })]
    public void Batches_keep_order_size_and_number(int records, int patients, int size, int transactions, int[] expected)
    {
        var messages = Enumerable.Range(0, records).Select(i => new IntakeMessage { Sequence = i, PatientId = $"pt-{i % patients}" }).ToList();
        var batches = Batches.ByPatient(messages, size, transactions);
        Assert.Equal(expected, batches.Select(batch => batch.Count));
        var places = batches.SelectMany((batch, at) => batch.Select(message => (message.PatientId, at))).Distinct().ToList();
        Assert.Equal(places.Count, places.Select(place => place.PatientId).Distinct().Count());
        foreach (var patient in batches.SelectMany(batch => batch).GroupBy(message => message.PatientId))
        {
            // The first ones of each patient, without a gap.
            var all = messages.Where(message => message.PatientId == patient.Key).Select(message => message.Sequence).ToList();
            Assert.Equal(all[..patient.Count()], patient.Select(message => message.Sequence));
        }
    }
}
