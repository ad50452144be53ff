using HealthShare.Node.Intake.Journal;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>One patient's messages reach the ledger in the order in which they came, whatever has to be tried again.</summary>
public sealed class IntakeOrderTests
{
    [Theory]
    [InlineData("received")]
    [InlineData("parsed")]
    [InlineData("stored")]
    public async Task What_comes_after_a_message_that_waits_for_its_next_attempt_waits_with_it_and_other_patients_go_on(string state)
    {
        await using var scene = await IntakeScene.StartAsync();
        var first = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        if (state != "received")
            await scene.Parse.RunOnceAsync(default);
        if (state == "stored")
            await scene.Store.RunOnceAsync(default);
        var message = await scene.FindAsync(first);
        Assert.Equal(state, message.State);
        await scene.Table.PostponeAsync([message], "patient.not_yet", scene.Node.Clock.Now.AddMinutes(1), default);
        var second = (await scene.ReceiveAsync(IntakeScene.Message("2", value: "2"))).Id;
        var other = (await scene.ReceiveAsync(IntakeScene.Message("3", number: "4712"))).Id;
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(other)).State);
        Assert.NotEqual("registered", (await scene.FindAsync(second)).State);
        Assert.Equal(state, (await scene.FindAsync(first)).State);

        var order = new List<string>();
        scene.Ledger.OnRegister = records =>
        {
            order.AddRange(records.Select(record => record.RecordId));
            return Task.CompletedTask;
        };
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        await scene.DrainAsync();
        Assert.Equal([(await scene.FindAsync(first)).RecordId!, (await scene.FindAsync(second)).RecordId!], order);
    }

    [Fact]
    public async Task A_message_in_quarantine_holds_up_nobody()
    {
        await using var scene = await IntakeScene.StartAsync();
        var first = await scene.FindAsync((await scene.ReceiveAsync(IntakeScene.Message("1"))).Id);
        await scene.Node.Database.WriteAsync<object?>(async transaction =>
        {
            await scene.Table.QuarantinedAsync(transaction, first, "patient.conflict", "Two patients.", default);
            return null;
        }, default);
        var second = (await scene.ReceiveAsync(IntakeScene.Message("2", value: "2"))).Id;
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(second)).State);
    }

    [Fact]
    public void Senders_come_first_while_they_keep_the_journal_busy_and_there_is_room_for_what_waits()
    {
        var clock = new SteppedClock();
        var door = new DoorLoad();
        Assert.False(door.ComesFirst(clock));
        Work(80, roomy: true);
        Assert.True(door.ComesFirst(clock));
        clock.Step(1000); // nobody sends any more
        Assert.False(door.ComesFirst(clock));
        Work(30, roomy: true);
        Assert.False(door.ComesFirst(clock));
        Work(80, roomy: false);
        Assert.False(door.ComesFirst(clock));

        void Work(int milliseconds, bool roomy)
        {
            clock.Step(100 - milliseconds);
            for (var i = 0; i < milliseconds; i += 10)
            {
                clock.Step(10);
                door.Worked(TimeSpan.FromMilliseconds(10), roomy, clock);
            }
            clock.Step(1);
        }
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => now;

        public void Step(int milliseconds) => now += milliseconds;
    }
}
