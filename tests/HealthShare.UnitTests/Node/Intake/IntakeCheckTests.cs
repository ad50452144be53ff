using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Patients;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What the readiness says of the intake.</summary>
public sealed class IntakeCheckTests
{
    [Fact]
    public async Task It_tells_what_waits_and_for_how_long_what_is_put_aside_and_the_room_on_the_disk()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Disk.FreeBytes = 1024L * 1024 * 1024;
        Assert.Equal((HealthStatus.Healthy, "0 messages wait, the oldest for 0 s; 0 in quarantine; 1024 MiB free"), await LookAsync(scene));
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        scene.Node.Clock.Now += TimeSpan.FromSeconds(7);
        await scene.ReceiveAsync(IntakeScene.Message("2", value: "2"));
        Assert.Equal((HealthStatus.Healthy, "2 messages wait, the oldest for 7 s; 0 in quarantine; 1024 MiB free"), await LookAsync(scene));
        scene.Node.Clock.Now += TimeSpan.FromMinutes(5);
        Assert.Equal(HealthStatus.Degraded, (await LookAsync(scene)).Status);
        await scene.DrainAsync();
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(scene)).Status);
        await scene.ReceiveAsync("MSH|^~\\&|A|B|||2026||ADT^A01|9|P|2.5\r"u8.ToArray()); // of nobody
        Assert.Equal((HealthStatus.Degraded, "0 messages wait, the oldest for 0 s; 1 in quarantine; 1024 MiB free"), await LookAsync(scene));
    }

    [Fact]
    public async Task The_metrics_tell_how_many_are_in_quarantine_and_nothing_while_nobody_knows()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var counter = new QuarantineCounter(scene.Table, scene.Metrics, scene.Node.Clock);
        for (var i = 0; i < 137; i++)
            await scene.ReceiveAsync(System.Text.Encoding.ASCII.GetBytes($"MSH|^~\\&|A|B|||2026||ADT^A01|{i}|P|2.5\r")); // of nobody
        Assert.DoesNotContain(137, Seen());
        await counter.CountAsync(default);
        Assert.Contains(137, Seen());
        scene.Database.IsAway = true;
        await counter.CountAsync(default);
        Assert.DoesNotContain(137, Seen());

        // Of all nodes in this process.
        static List<long> Seen()
        {
            var seen = new List<long>();
            using var listener = new System.Diagnostics.Metrics.MeterListener
            {
                InstrumentPublished = (instrument, listener) =>
                {
                    if (instrument.Name == "intake.messages.quarantined")
                        listener.EnableMeasurementEvents(instrument);
                },
            };
            listener.SetMeasurementEventCallback<long>((_, count, _, _) => seen.Add(count));
            listener.Start();
            listener.RecordObservableInstruments();
            return seen;
        }
    }

    [Fact]
    public async Task A_disk_or_a_queue_without_room_is_told()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Disk.FreeBytes = scene.Options.MinimumFreeBytes - 1;
        Assert.Equal(HealthStatus.Degraded, (await LookAsync(scene)).Status);
        scene.Disk.FreeBytes = long.MaxValue;
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(scene)).Status);
        scene.Options.QueuedMessages = 1;
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        Assert.Equal(HealthStatus.Degraded, (await LookAsync(scene)).Status);
    }

    [Fact]
    public async Task What_the_folder_cannot_take_and_a_folder_that_is_away_are_told()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Folder.Left = 2;
        var (status, detail) = await LookAsync(scene);
        Assert.Equal(HealthStatus.Degraded, status);
        Assert.EndsWith("; 2 entries of the folder cannot be taken", detail, StringComparison.Ordinal);
        (scene.Folder.Left, scene.Folder.IsUnusable) = (0, true);
        (status, detail) = await LookAsync(scene);
        Assert.Equal(HealthStatus.Degraded, status);
        Assert.EndsWith("; the folder cannot be used", detail, StringComparison.Ordinal);
        scene.Folder.IsUnusable = false;
        Assert.Equal(HealthStatus.Healthy, (await LookAsync(scene)).Status);
    }

    [Fact]
    public async Task However_often_it_is_asked_the_journal_is_looked_at_once_a_second()
    {
        await using var scene = await IntakeScene.StartAsync();
        var clock = new StillClock();
        var options = Microsoft.Extensions.Options.Options.Create(scene.Options);
        using var room = new JournalRoom(scene.Table, scene.Disk, options, clock);
        using var check = new IntakeCheck(scene.Table, room, scene.Folder, options, clock);
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        var before = scene.Database.Opened;
        var first = (await check.CheckHealthAsync(new HealthCheckContext())).Description;
        var looks = scene.Database.Opened - before;
        await scene.ReceiveAsync(IntakeScene.Message("2"));
        before = scene.Database.Opened;
        var again = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => check.CheckHealthAsync(new HealthCheckContext())));
        Assert.All(again, result => Assert.Equal(first, result.Description));
        Assert.Equal((true, before), (looks > 0, scene.Database.Opened));
        clock.Ticks += TimeSpan.TicksPerSecond;
        Assert.StartsWith("2 messages wait", (await check.CheckHealthAsync(new HealthCheckContext())).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_oldest_message_is_found_whether_it_failed_before_or_not()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Ledger.IsAway = true;
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        await scene.DrainAsync(); // waits for its next attempt
        scene.Node.Clock.Now += TimeSpan.FromSeconds(30);
        await scene.ReceiveAsync(IntakeScene.Message("2", number: "4712"));
        scene.Node.Clock.Now += TimeSpan.FromSeconds(5);
        Assert.Contains("the oldest for 35 s", (await LookAsync(scene)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_enrols_a_patient_waits_for_the_one_who_does_so_already_and_not_for_other_patients()
    {
        var turns = new EnrollmentTurns();
        var first = await turns.TakeAsync("pt-1", default);
        using var impatient = new CancellationTokenSource();
        var givesUp = turns.TakeAsync("pt-1", impatient.Token);
        var second = turns.TakeAsync("pt-1", default);
        (await turns.TakeAsync("pt-2", default)).Dispose();
        Assert.False(second.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givesUp);
        first.Dispose();
        (await second).Dispose();
        (await turns.TakeAsync("pt-1", default)).Dispose();
    }

    [Fact]
    public async Task A_patient_whom_staff_enrol_at_this_moment_is_not_enrolled_a_second_time_by_a_message()
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        var started = new TaskCompletionSource<string>();
        var goOn = new TaskCompletionSource();
        scene.Ledger.OnEnroll = async patientId =>
        {
            started.TrySetResult(patientId);
            await goOn.Task;
        };
        var parsing = scene.Parse.RunOnceAsync(default);
        var patient = await started.Task;
        var staff = scene.Turns.TakeAsync(patient, default);
        Assert.False(staff.IsCompleted);
        goOn.SetResult();
        (await staff).Dispose();
        await parsing;
        Assert.Equal("parsed", (await scene.FindAsync(id)).State);
        Assert.Equal(1, scene.Ledger.Enrolled[patient]);
    }

    private sealed class StillClock : TimeProvider
    {
        public long Ticks { get; set; } = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }

    private static async Task<(HealthStatus Status, string? Detail)> LookAsync(IntakeScene scene)
    {
        using var check = scene.Check();
        var result = await check.CheckHealthAsync(new HealthCheckContext());
        return (result.Status, result.Description);
    }
}
