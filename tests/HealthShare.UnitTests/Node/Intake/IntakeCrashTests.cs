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
}
