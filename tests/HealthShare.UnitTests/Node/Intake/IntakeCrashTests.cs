using System.Text;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The process may end anywhere: each acknowledged message becomes one record, and none becomes two.</summary>
public sealed class IntakeCrashTests
{
    private const int MostPoints = 200;

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_crash_before_or_after_any_commit_loses_nothing_and_doubles_nothing(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var point = 1;
        while (await CrashAtAsync(scene, point))
            Assert.True(++point < MostPoints, "The intake never got through.");
        // Journal, directory, enrolment, its note, meaning, store, registration, its note: each with a before and an after.
        Assert.True(point > 16, $"Only {point - 1} points were tried.");
    }

    /// <returns>False when the intake was through before it came to that point.</returns>
    private static async Task<bool> CrashAtAsync(IntakeScene scene, int point)
    {
        byte[][] messages = [IntakeScene.Message($"{point}-1", number: $"{point}-1"), IntakeScene.Message($"{point}-2", number: $"{point}-2")];
        var expected = point * messages.Length; // with those of the points before
        scene.Crashes.At = point;
        var acknowledged = new List<string>();
        try
        {
            foreach (var message in messages)
                acknowledged.Add((await scene.ReceiveAsync(message)).Id);
            await scene.DrainAsync();
        }
        catch (SimulatedCrashException)
        {
            // As a process that is gone: what follows starts from what was durable.
        }
        var crashed = scene.Crashes.HasCrashed;
        scene.Crashes.Clear();
        await scene.RestartAsync();

        // Whoever got no acknowledgement sends again; who got one does not.
        foreach (var message in messages.Skip(acknowledged.Count))
            acknowledged.Add((await scene.ReceiveAsync(message)).Id);
        await scene.DrainAsync();

        foreach (var id in acknowledged)
            Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Equal(expected, scene.Ledger.Records.Count);
        Assert.Equal(expected, scene.Ledger.Enrolled.Count);
        Assert.All(scene.Ledger.Records.Values, record => Assert.Contains(record.PatientId, scene.Ledger.Enrolled.Keys));
        Assert.Equal(expected, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Equal(expected, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
        Assert.Equal(expected, await scene.ScalarAsync<long>("SELECT count(*) FROM patient_directory"));
        return crashed;
    }

    [Fact]
    public async Task A_crash_around_what_is_put_aside_let_go_or_sent_through_again_loses_nothing_and_doubles_nothing()
    {
        var point = 1;
        while (await CrashAsideAtAsync(point))
            Assert.True(++point < MostPoints, "The intake never got through.");
        Assert.True(point > 30, $"Only {point - 1} points were tried.");
    }

    // Of two persons; one without a patient; one that names both persons; one to let go, one to send through again, and one that is well.
    private static async Task<bool> CrashAsideAtAsync(int point)
    {
        static byte[] Nobody(string controlId) => Encoding.ASCII.GetBytes($"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{controlId}|P|2.5\rOBX|1|NM|2345-7||182\r");
        byte[][] messages = [IntakeScene.Message("1"), IntakeScene.Message("2", number: "4712"), Nobody("3"), Nobody("4"), IntakeScene.Message("5", number: "4711^^^NORTH^MR~4712")];
        await using var scene = await IntakeScene.StartAsync(DatabaseProvider.Sqlite);
        scene.Crashes.At = point;
        var acknowledged = new List<string>();
        try
        {
            await WorkAsync();
        }
        catch (SimulatedCrashException)
        {
            // As a process that is gone: what follows starts from what was durable.
        }
        var crashed = scene.Crashes.HasCrashed;
        scene.Crashes.Clear();
        await scene.RestartAsync();
        await WorkAsync(); // senders send what they got no acknowledgement for, and staff do what they saw no end of

        foreach (var (id, state, code) in acknowledged.Zip(
            (string[])["registered", "registered", "discarded", "quarantined", "quarantined"], (string?[])[null, null, null, "message.segment_missing", "patient.conflict"]))
            Assert.Equal((state, code), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        Assert.Equal(2, scene.Ledger.Records.Count);
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
        Assert.Equal(5, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload")); // of what is in quarantine, and of nothing else
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_history WHERE step = 'discarded'"));
        Assert.Equal(messages[3], await scene.Desk.ReadContentAsync(acknowledged[3], "Rosa", default));
        Assert.Equal(messages[4], await scene.Desk.ReadContentAsync(acknowledged[4], "Rosa", default));
        return crashed;

        async Task WorkAsync()
        {
            foreach (var message in messages.Skip(acknowledged.Count))
                acknowledged.Add((await scene.ReceiveAsync(message)).Id);
            await scene.DrainAsync();
            if ((await scene.FindAsync(acknowledged[2])).State == "quarantined")
                await scene.Desk.DiscardAsync(acknowledged[2], "Ida", "of nobody", default);
            foreach (var again in acknowledged[3..])
            {
                if ((await scene.FindAsync(again)).State == "quarantined")
                    await scene.Desk.ReplayAsync(again, "Ida", default);
            }
            await scene.DrainAsync();
        }
    }
}
