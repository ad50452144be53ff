using System.Text;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Intake.IdentityMessages;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What an earlier version left on its way to the ledger.</summary>
public sealed class IntakeUpgradeTests
{
    private const long ReadAgain = 240;

    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_an_earlier_version_read_is_read_again_and_registered_once_with_its_lineage(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var (parsed, stored, waiting) = (await OldAsync(scene, "1", "parsed"), await OldAsync(scene, "2", "stored"), await OldAsync(scene, "3", "stored"));
        var received = (await scene.ReceiveAsync(Result("4", "4"))).Id;
        foreach (var id in (string[])[waiting, received])
            await scene.Table.PostponeAsync([await scene.FindAsync(id)], "peer.unavailable", scene.Node.Clock.Now.AddHours(1), default);

        await MigrateAgainAsync(scene);
        foreach (var id in (string[])[parsed, stored, waiting, received])
        {
            var message = await scene.FindAsync(id);
            Assert.Equal(("received", id != received, 0L, 0L), (message.State, message.PatientId is not null, message.NextAttemptAt, message.Attempts));
        }
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_wait"));

        await scene.DrainAsync();
        foreach (var id in (string[])[parsed, stored, waiting, received])
        {
            var message = await scene.FindAsync(id);
            Assert.Equal("registered", message.State);
            Assert.Equal(1, await scene.ScalarAsync<long>($"SELECT count(*) FROM record_lineage WHERE record_id = '{message.RecordId}'"));
        }
        Assert.Equal(4, scene.Ledger.Records.Count);
        Assert.Equal(["received", "parsed", "stored", "parsed", "stored", "registered"], (await scene.Desk.FindAsync(stored, default))!.Steps!.Select(step => step.Step));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_patient_who_was_found_stays_whoever_has_the_number_by_then(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var first = await PatientAsync(scene, "1", "OLD");
        var second = await PatientAsync(scene, "2", "OTHER");
        scene.Ledger.IsAway = true;
        var result = (await scene.ReceiveAsync(IntakeScene.Message("3", number: "OLD"))).Id;
        var renumbered = (await scene.ReceiveAsync(Adt("4", "A47", "NEW", "MRG|OLD^^^NORTH^MR"))).Id;
        var given = (await scene.ReceiveAsync(Adt("5", "A47", "OLD", "MRG|OTHER^^^NORTH^MR"))).Id;
        while (await scene.Parse.RunOnceAsync(default) is not Turn.Idle)
        {
        }
        await scene.Store.RunOnceAsync(default);
        await MigrateAgainAsync(scene);
        scene.Ledger.IsAway = false;
        await scene.DrainAsync();
        foreach (var (id, patient) in new[] { (result, first), (renumbered, first), (given, second) })
        {
            var message = await scene.FindAsync(id);
            Assert.Equal(("registered", patient), (message.State, message.PatientId));
            Assert.Equal(patient, scene.Ledger.Records[message.RecordId!].PatientId);
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_visit_that_was_moved_is_still_said_to_be_whose_number_was_replaced_since(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var from = await PatientAsync(scene, "1", "OLD");
        await PatientAsync(scene, "2", "RIGHT");
        var moved = (await scene.ReceiveAsync(Adt("3", "A45", "RIGHT", "MRG|OLD^^^NORTH^MR||||V1^^^NORTH"))).Id;
        await scene.Parse.RunOnceAsync(default);
        var replaced = (await scene.ReceiveAsync(Adt("4", "A47", "NEW", "MRG|OLD^^^NORTH^MR"))).Id;
        await scene.Parse.RunOnceAsync(default);
        Assert.Contains(from, await scene.MeaningAsync(moved), StringComparison.Ordinal);
        await MigrateAgainAsync(scene);
        await scene.Parse.RunOnceAsync(default);
        await scene.Parse.RunOnceAsync(default);
        Assert.Equal(("parsed", "parsed"), ((await scene.FindAsync(moved)).State, (await scene.FindAsync(replaced)).State));
        Assert.Contains(from, await scene.MeaningAsync(moved), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_was_sealed_before_is_destroyed_where_its_patient_erases_before_it_is_read_again(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = await OldAsync(scene, "1", "stored");
        var patient = (await scene.FindAsync(id)).PatientId!;
        await MigrateAgainAsync(scene);
        await scene.EraseAsync(patient);
        await scene.DrainAsync();
        Assert.Equal(("quarantined", "patient.erased"), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        await scene.DestroyAsync(patient);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record"));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose = 'record-key'"));
    }

    [Theory]
    [InlineData("A45")]
    [InlineData("A47")]
    [InlineData("A40")]
    public async Task What_a_later_rule_refuses_and_whose_patient_was_found_is_registered_once_though_the_ledger_has_it_already(string trigger)
    {
        await using var scene = await IntakeScene.StartAsync();
        await PatientAsync(scene, "1", "OLD");
        var (known, lost) = (await OldChangeAsync("2"), await OldChangeAsync("3"));
        scene.Ledger.LosesAnswers = true;
        await scene.Register.RunOnceAsync(default);
        scene.Ledger.LosesAnswers = false;
        Assert.Contains((await scene.FindAsync(lost)).RecordId!, scene.Ledger.Records.Keys);
        await MigrateAgainAsync(scene);
        await scene.DrainAsync();
        foreach (var id in (string[])[known, lost])
            Assert.Equal(("registered", null), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        Assert.Equal(3, scene.Ledger.Records.Count);

        async Task<string> OldChangeAsync(string controlId)
        {
            var id = (await scene.ReceiveAsync(Adt(controlId, trigger, "NEW", "MRG|OLD^^^NORTH^MR||||V1^^^NORTH"))).Id;
            await scene.Parse.RunOnceAsync(default);
            await scene.Store.RunOnceAsync(default);
            Assert.Equal("stored", (await scene.FindAsync(id)).State);
            await scene.SetContentAsync(id, Adt(controlId, trigger, "NEW", "PV1|1|I"));
            return id;
        }
    }

    [Theory]
    [InlineData("A45")]
    [InlineData("A47")]
    [InlineData("A40")]
    public async Task What_a_later_rule_refuses_and_whose_patient_was_not_found_yet_is_in_quarantine_for_that_reason_and_can_be_discarded(string trigger)
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(Adt("1", trigger, "NEW", "MRG|OLD^^^NORTH^MR"))).Id;
        await scene.SetContentAsync(id, Adt("1", trigger, "NEW", "PV1|1|I"));
        for (var i = 0; i < 2; i++)
        {
            await scene.DrainAsync();
            var aside = await scene.FindAsync(id);
            Assert.Equal(("quarantined", "message.segment_missing"), (aside.State, aside.ReasonCode));
            Assert.Contains("MRG", aside.Reason, StringComparison.Ordinal);
            if (i == 0)
                await scene.Desk.ReplayAsync(id, "Ida", default);
        }
        await scene.Desk.DiscardAsync(id, "Ida", "sent again with its MRG", default);
        await scene.DrainAsync();
        Assert.Equal("discarded", (await scene.FindAsync(id)).State);
        Assert.Empty(scene.Ledger.Records);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
    }

    [Fact]
    public async Task A_meaning_that_lacks_something_is_told_before_the_ledger_is_asked_and_a_replay_reads_it_again()
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = await OldAsync(scene, "1", "stored");
        for (var i = 0; i < 4; i++)
        {
            await scene.DrainAsync();
            scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        }
        Assert.Equal(("quarantined", "intake.fault"), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        Assert.Empty(scene.Ledger.Batches);
        await scene.Desk.ReplayAsync(id, "Ida", default);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Single(scene.Ledger.Records);
    }

    [Theory]
    [InlineData("categories")]
    [InlineData("date")]
    [InlineData("sent")]
    [InlineData("items")]
    public async Task Whatever_a_meaning_lacks_it_is_refused_when_it_is_read(string missing)
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(Result("1", "1"))).Id;
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        var whole = await scene.MeaningAsync(id);
        Assert.Contains($"\"{missing}\":", whole, StringComparison.Ordinal);
        await scene.SetMeaningAsync(id, whole.Replace($"\"{missing}\":", "\"other\":", StringComparison.Ordinal));
        await scene.Register.RunOnceAsync(default);
        Assert.Equal(("stored", "intake.fault"), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        Assert.Empty(scene.Ledger.Batches);
    }

    // As it stood there when a meaning had one moment of sending.
    private static async Task<string> OldAsync(IntakeScene scene, string controlId, string state)
    {
        var id = (await scene.ReceiveAsync(Result(controlId, controlId))).Id;
        await scene.Parse.RunOnceAsync(default);
        if (state == "stored")
            await scene.Store.RunOnceAsync(default);
        Assert.Equal(state, (await scene.FindAsync(id)).State);
        var meaning = await scene.MeaningAsync(id);
        var at = meaning.IndexOf("\"sent\":{", StringComparison.Ordinal);
        await scene.SetMeaningAsync(id, meaning[..at] + "\"sentAt\":\"2026-03-01T08:00:00+00:00\"" + meaning[(meaning.IndexOf('}', at) + 1)..]);
        return id;
    }

    private static async Task MigrateAgainAsync(IntakeScene scene)
    {
        await scene.Node.Database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync("DELETE FROM schema_version WHERE number = @ReadAgain", new { ReadAgain }, transaction), default);
        Assert.Equal(1, await new Migrator(scene.Node.Database, scene.Node.Clock).ApplyAsync(default));
    }

    private static byte[] Result(string controlId, string order) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||20260301080000||ORU^R01|{controlId}|P|2.5\rPID|1||{controlId}^^^NORTH^MR\rOBR|1||F{order}|GLU|||20260301\rOBX|1|NM|2345-7||182||||||F\r");
}
