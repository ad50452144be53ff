using System.Diagnostics;
using HealthShare.Hl7.Mllp;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Hl7.Mllp;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>A disk that takes its time, or hangs: acknowledgements wait for it, what waits is bounded, nobody starves, and nothing is lost.</summary>
public sealed class SlowDiskIntakeTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Each_acknowledgement_waits_for_its_commit_and_no_sender_for_those_of_others(DatabaseProvider database)
    {
        const int Crowd = 12, MostCommits = 40; // the one under way, its own, and what a busy machine needs
        var sync = TimeSpan.FromMilliseconds(100);
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Database.Sync = sync;
        await using var server = MllpScene.Start(scene.Mllp);
        var (sent, isOver) = (0, false);
        var crowd = Enumerable.Range(0, Crowd).Select(number => Task.Run(async () =>
        {
            await using var sender = await MllpScene.ConnectAsync(server);
            for (var i = 0; !Volatile.Read(ref isOver); i++)
            {
                Interlocked.Increment(ref sent);
                Assert.Equal("AA", (await sender.SendAsync(IntakeScene.Message($"{number}-{i}", number: $"{number}"))).Code);
            }
        })).ToList();
        await MllpScene.EventuallyAsync(() => scene.Database.Commits > 2);

        // One more, among senders that never stop: each of its messages is in one of the next commits.
        await using (var late = await MllpScene.ConnectAsync(server))
        {
            for (var i = 0; i < 5; i++)
            {
                var (commits, started) = (scene.Database.Commits, Stopwatch.GetTimestamp());
                Assert.Equal("AA", (await late.SendAsync(IntakeScene.Message($"late-{i}", number: "late"))).Code);
                Assert.True(Stopwatch.GetElapsedTime(started) >= sync, "It was acknowledged before its commit was over.");
                Assert.InRange(scene.Database.Commits - commits, 1, MostCommits);
                Interlocked.Increment(ref sent);
            }
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(crowd);
        Assert.True(scene.Database.Commits < sent / 2, $"{sent} messages took {scene.Database.Commits} commits.");
        scene.Database.Sync = TimeSpan.Zero;
        await scene.RestartAsync();
        await scene.DrainAsync();
        Assert.Equal(sent, scene.Ledger.Records.Count);
        Assert.Equal(sent, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'registered'"));
    }

    [Fact]
    public async Task While_the_disk_hangs_the_listener_answers_what_waits_is_bounded_and_afterwards_nothing_is_missing()
    {
        const int Waiting = 4, Senders = 12, LargestFrame = 10_000;
        await using var scene = await IntakeScene.StartAsync();
        (scene.Options.WaitingMessages, scene.Options.Patience) = (Waiting, TimeSpan.FromMilliseconds(500));
        await scene.RestartAsync();
        var hang = new TaskCompletionSource();
        scene.Database.Gate = hang.Task;
        await using var server = MllpScene.Start(scene.Mllp, options => options with { MaxFrameBytes = LargestFrame, MaxConnections = Senders });
        using var end = new LetGo(hang); // before the server's end, which waits for what it is at, also where this test fails
        var senders = await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => MllpScene.ConnectAsync(server)));
        await MllpScene.EventuallyAsync(() => server.ConnectionCount == Senders);

        // The first is being written; as many as may wait do so, and the others hear that there is no room.
        var answers = new List<Task<MllpAcknowledgement>> { senders[0].SendAsync(Message(0)) };
        await MllpScene.EventuallyAsync(() => scene.Database.Begun == 1);
        answers.AddRange(senders.Skip(1).Select((sender, i) => sender.SendAsync(Message(i + 1))));
        await MllpScene.EventuallyAsync(() => answers.Count(answer => answer.IsCompleted) == Senders - 1 - Waiting);
        var refused = Enumerable.Range(0, Senders).Where(i => answers[i].IsCompleted).ToList();
        foreach (var i in refused)
            Assert.Equal("AR", (await answers[i]).Code);

        // What needs no disk is answered as ever: on a connection that was refused a message, and on one too many.
        Assert.Equal("AE", (await senders[refused[0]].SendAsync(IntakeScene.Message("large", value: new string('7', LargestFrame)))).Code);
        await using (var tooMany = await MllpScene.ConnectAsync(server))
            Assert.Equal("AR", (await tooMany.SendAsync(Message(Senders))).Code);
        Assert.Equal(Waiting + 1, answers.Count(answer => !answer.IsCompleted));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));

        end.Dispose();
        foreach (var answer in answers.Where((_, i) => !refused.Contains(i)))
            Assert.Equal("AA", (await answer).Code);
        foreach (var i in refused)
            Assert.Equal("AA", (await senders[i].SendAsync(Message(i))).Code);
        foreach (var sender in senders)
            await sender.DisposeAsync();
        await scene.DrainAsync();
        Assert.Equal(Senders, scene.Ledger.Records.Count);
        Assert.Equal(Senders, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'registered'"));
    }

    private sealed record LetGo(TaskCompletionSource Hang) : IDisposable
    {
        public void Dispose() => Hang.TrySetResult();
    }

    private static byte[] Message(int number) => IntakeScene.Message($"m-{number}", number: $"{number}");
}
