using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Intake.IdentityMessages;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The process may end anywhere while a message changes identities: the change takes effect once.</summary>
public sealed class IdentityCrashTests
{
    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public Task A_crash_at_any_commit_of_a_merge_says_it_once(DatabaseProvider database) => CrashEverywhereAsync(
        database,
        scene => PatientAsync(scene, "1", "OLD"),
        Adt("2", "A40", "NEW", "MRG|OLD^^^NORTH^MR"),
        async (scene, _) =>
        {
            Assert.Single(scene.Ledger.Merged);
            Assert.Equal(2, scene.Ledger.Records.Count);
            Assert.Equal(2, scene.Ledger.Enrolled.Count);
            Assert.NotEqual(await PatientAsync(scene, "3", "OLD"), await PatientAsync(scene, "4", "NEW")); // until the waiting time is over
        });

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public Task A_crash_at_any_commit_of_a_replacement_leaves_the_patient_under_the_new_number_alone(DatabaseProvider database) => CrashEverywhereAsync(
        database,
        scene => PatientAsync(scene, "1", "OLD"),
        Adt("2", "A47", "NEW", "MRG|OLD^^^NORTH^MR"),
        async (scene, patient) =>
        {
            Assert.Equal(patient, await PatientAsync(scene, "3", "NEW"));
            Assert.Equal("patient.number_replaced", (await SendAsync(scene, IntakeScene.Message("4", number: "OLD"))).ReasonCode);
            Assert.Single(scene.Ledger.Enrolled);
            Assert.Equal((1L, 1L), (await scene.ScalarAsync<long>("SELECT count(*) FROM patient_identifier"), await scene.ScalarAsync<long>("SELECT count(*) FROM retired_identifier")));
        });

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public Task A_crash_at_any_commit_of_a_moved_visit_takes_its_records_back_once(DatabaseProvider database) => CrashEverywhereAsync(
        database,
        async scene =>
        {
            await PatientAsync(scene, "0", "RIGHT");
            return (await SendAsync(scene, Adt("1", "A01", "WRONG", "PV1|1|I|||||||||||||||||V1^^^NORTH", "0700"))).PatientId!;
        },
        Adt("2", "A45", "RIGHT", "MRG|WRONG^^^NORTH^MR||||V1^^^NORTH"),
        async (scene, patient) =>
        {
            var taken = Assert.Single(scene.Ledger.Superseded.Values);
            Assert.Equal((Relation.Withdraws, patient), (taken.Relation, taken.PatientId));
            Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM moved_visit"));
            await SendAsync(scene, Adt("3", "A02", "WRONG", "PV1|1|I|||||||||||||||||V1^^^NORTH", "0730"));
            Assert.Equal(2, scene.Ledger.Superseded.Count);
            Assert.Empty(scene.Ledger.Merged);
        });

    /// <param name="database">What the node keeps its journal in.</param>
    /// <param name="prepareAsync">What happened before; returns a patient.</param>
    /// <param name="message">What the process ends over.</param>
    /// <param name="checkAsync">Looks at the outcome, with that patient.</param>
    private static async Task CrashEverywhereAsync(
        DatabaseProvider database, Func<IntakeScene, Task<string>> prepareAsync, byte[] message, Func<IntakeScene, string, Task> checkAsync)
    {
        // Each takes a database of its own, which PostgreSQL is slow to make: there some of the points.
        var step = database is DatabaseProvider.Postgresql ? 4 : 1;
        for (var point = 1; ; point += step)
        {
            await using var scene = await IntakeScene.StartAsync(database);
            var patient = await prepareAsync(scene);
            var crashed = false;
            scene.Crashes.At = point;
            try
            {
                await SendAsync(scene, message);
            }
            catch (SimulatedCrashException)
            {
                crashed = true;
            }
            scene.Crashes.Clear();
            await scene.RestartAsync();
            Assert.Equal("registered", (await SendAsync(scene, message)).State);
            Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_history WHERE step = 'identity'"));
            await checkAsync(scene, patient);
            if (!crashed)
            {
                Assert.True(point > 10, $"Only {point - 1} points were tried.");
                return;
            }
        }
    }
}
