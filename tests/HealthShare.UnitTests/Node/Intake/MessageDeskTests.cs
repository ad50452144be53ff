using System.Text;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Desk;
using HealthShare.Node.Problems;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>What staff see of the journal and do with what lies in quarantine.</summary>
public sealed class MessageDeskTests
{
    private static readonly MessageFilter Everything = new(null, null, null, null, null, false);

    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_replayed_after_its_cause_was_mended_becomes_one_record_and_its_history_tells_all(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var taken = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        scene.Ledger.Taken.Add((await scene.FindAsync(taken)).RecordId!);
        await scene.DrainAsync();
        Assert.Equal("quarantined", (await scene.FindAsync(taken)).State);

        scene.Ledger.Taken.Clear();
        await scene.Desk.ReplayAsync(taken, "Ida", default);
        await scene.DrainAsync();
        var done = (await scene.Desk.FindAsync(taken, default))!;
        Assert.Equal(("registered", (string?)null), (done.State, done.ReasonCode));
        Assert.Equal(["received", "parsed", "stored", "quarantined", "replayed", "parsed", "stored", "registered"], done.Steps!.Select(step => step.Step));
        Assert.Equal(("Ida", "record.id_taken"), (done.Steps![4].Actor, done.Steps[3].Detail));
        Assert.Equal(("mllp", "ORU^R01", "mllp"), (done.Door, done.Type, done.Steps[0].Actor));
        Assert.Single(scene.Ledger.Records);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_never_was_well_formed_comes_back_to_quarantine_with_its_reason_when_replayed(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rOBX|1|NM|2345-7||182\r"u8.ToArray())).Id;
        var before = await scene.FindAsync(id);
        await scene.Desk.ReplayAsync(id, "Ida", default);
        Assert.StartsWith("rc-", (await scene.FindAsync(id)).RecordId, StringComparison.Ordinal);
        await scene.DrainAsync();
        var after = await scene.FindAsync(id);
        Assert.Equal(("quarantined", before.ReasonCode, before.Reason), (after.State, after.ReasonCode, after.Reason));
        Assert.Empty(scene.Ledger.Records);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_discarded_message_loses_its_content_and_keeps_its_history_and_begins_again_when_it_is_sent_again(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var bad = Encoding.UTF8.GetBytes("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rPID|1||||Quastenflosser\r");
        var id = (await scene.ReceiveAsync(bad)).Id;
        await scene.Desk.DiscardAsync(id, "Ida", "sent corrected", default);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
        var gone = (await scene.Desk.FindAsync(id, default))!;
        Assert.Equal(("discarded", "discarded", "sent corrected"), (gone.State, gone.Steps![^1].Step, gone.Steps[^1].Detail));
        Assert.Equal(410, (await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.ReadContentAsync(id, "Rosa", default))).Problem.Status);
        await scene.DrainAsync();

        var again = await scene.ReceiveAsync(bad);
        Assert.Equal((false, IntakeState.Quarantined), (again.Duplicate, again.State));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Equal(bad, await scene.Desk.ReadContentAsync(again.Id, "Rosa", default));
        Assert.Contains(id, (await scene.Desk.FindAsync(again.Id, default))!.Steps!.Select(step => step.Detail ?? "").Single(detail => detail.Contains("again", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_is_in_quarantine_can_be_replayed_or_discarded()
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        foreach (var _ in new[] { "received", "registered" })
        {
            Assert.Equal(409, (await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.ReplayAsync(id, "Ida", default))).Problem.Status);
            Assert.Equal(409, (await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.DiscardAsync(id, "Ida", "why not", default))).Problem.Status);
            await scene.DrainAsync();
        }
        Assert.Equal(404, (await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.ReplayAsync("im-none", "Ida", default))).Problem.Status);
        Assert.Single(scene.Ledger.Records);
    }

    [Fact]
    public async Task Whoever_reads_a_content_is_in_the_history_before_it_is_shown()
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        Assert.Equal(IntakeScene.Message("1"), await scene.Desk.ReadContentAsync(id, "Rosa", default));
        Assert.Equal(("contentRead", "Rosa"), ((await scene.Desk.FindAsync(id, default))!.Steps![^1].Step, (await scene.Desk.FindAsync(id, default))!.Steps![^1].Actor));
        scene.Database.IsAway = true; // nothing can be noted, so nothing is shown
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => scene.Desk.ReadContentAsync(id, "Rosa", default));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Lists_are_narrowed_by_state_time_and_facility_and_come_in_pages(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add((await scene.ReceiveAsync(IntakeScene.Message($"{i}", facility: i % 3 == 0 ? "CLINIC" : "NORTH"))).Id);
            scene.Node.Clock.Now += TimeSpan.FromMinutes(1);
        }
        var begin = scene.Node.Clock.Now - TimeSpan.FromMinutes(12);
        ids.Reverse();
        Assert.Equal(ids, (await scene.Query.ListAsync(Everything, long.MaxValue, 50, default)).Select(message => message.Id));

        var first = await scene.Query.ListAsync(Everything, long.MaxValue, 5, default);
        Assert.Equal(6, first.Count); // one more tells that there is another page
        Assert.Equal(ids[5..11], (await scene.Query.ListAsync(Everything, first[4].Sequence, 5, default)).Select(message => message.Id));

        var between = Everything with { From = begin + TimeSpan.FromMinutes(3), To = begin + TimeSpan.FromMinutes(6) };
        Assert.Equal(ids[6..9], (await scene.Query.ListAsync(between, long.MaxValue, 50, default)).Select(message => message.Id));
        var clinic = (await scene.FindAsync(ids[^1])).Facility;
        Assert.Equal(4, (await scene.Query.ListAsync(Everything with { Facility = clinic }, long.MaxValue, 50, default)).Count);
        Assert.Empty(await scene.Query.ListAsync(Everything with { State = IntakeState.Quarantined }, long.MaxValue, 50, default));
        Assert.Equal(12, (await scene.Query.ListAsync(Everything with { State = IntakeState.Received }, long.MaxValue, 50, default)).Count);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_ended_long_ago_is_forgotten_and_a_repetition_of_it_is_no_second_record(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await scene.ReceiveAsync(IntakeScene.Message("1"));
        var bad = (await scene.ReceiveAsync("nothing of HL7"u8.ToArray())).Id;
        await scene.DrainAsync();
        Assert.Equal(0, await scene.Pruner.PruneAsync(default));
        scene.Node.Clock.Now += scene.Options.KeepMetadata + TimeSpan.FromMinutes(1);
        var young = (await scene.ReceiveAsync(IntakeScene.Message("2"))).Id;
        await scene.DrainAsync();
        Assert.Equal(1, await scene.Pruner.PruneAsync(default));
        Assert.Equal([young, bad], (await scene.Query.ListAsync(Everything, long.MaxValue, 50, default)).Select(message => message.Id)); // quarantine is never emptied by time
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_history WHERE message NOT IN (SELECT sequence FROM intake_message)"));

        var again = await scene.ReceiveAsync(IntakeScene.Message("1"));
        Assert.False(again.Duplicate);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(again.Id)).State);
        Assert.Equal(2, scene.Ledger.Records.Count);
    }
}
