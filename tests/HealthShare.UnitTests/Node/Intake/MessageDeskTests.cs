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
        scene.Ledger.Records.Clear();
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
        Assert.Null(after.RecordId); // so that its repetition leads it out once the door takes it
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

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_whose_record_is_on_the_ledger_is_not_let_go_but_replayed(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        scene.Ledger.LosesAnswers = true; // it is registered, and the node does not know
        await scene.DrainAsync();
        scene.Ledger.LosesAnswers = false;
        await AsideAsync(scene, id, "intake.fault");
        var refused = await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.DiscardAsync(id, "Ida", "why not", default));
        Assert.Equal((409, "message.registered"), (refused.Problem.Status, refused.Problem.Code));
        Assert.Equal("quarantined", (await scene.FindAsync(id)).State);
        Assert.Equal(IntakeScene.Message("1"), await scene.Desk.ReadContentAsync(id, "Rosa", default));

        await scene.Desk.ReplayAsync(id, "Ida", default);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(id)).State);
        Assert.Single(scene.Ledger.Records);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_record_that_this_node_has_not_seen_yet_keeps_its_message_on_its_way_and_its_key_from_being_destroyed(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(Order("2", "C"))).Id;
        scene.Ledger.LosesAnswers = true; // it is registered, and the node does not know
        await scene.DrainAsync();
        scene.Ledger.LosesAnswers = false;
        var recordId = (await scene.FindAsync(id)).RecordId!;
        scene.Ledger.Unseen.Add(recordId);
        await AsideAsync(scene, id, "intake.fault");
        var refused = await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.DiscardAsync(id, "Ida", "why not", default));
        Assert.Equal((503, "readmodel.behind"), (refused.Problem.Status, refused.Problem.Code));
        Assert.Equal("quarantined", (await scene.FindAsync(id)).State);
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM secret WHERE purpose = 'record-key'"));

        // Read otherwise by now, so that the ledger takes it for another content.
        scene.Ledger.Records[recordId] = scene.Ledger.Records[recordId] with { Labels = ["another"] };
        await scene.Desk.ReplayAsync(id, "Ida", default);
        await scene.DrainAsync();
        Assert.Equal(("stored", "readmodel.behind"), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        scene.Ledger.Unseen.Clear();
        scene.Node.Clock.Now += TimeSpan.FromHours(1);
        await scene.DrainAsync();
        Assert.Equal(("registered", (string?)null), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_the_ledger_has_is_the_outcome_of_a_replay_however_the_message_is_read_by_then(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var earlier = (await scene.ReceiveAsync(Order("1", "P"))).Id;
        await scene.DrainAsync();
        var id = (await scene.ReceiveAsync(Order("2", "C"))).Id;
        scene.Ledger.LosesAnswers = true;
        await scene.DrainAsync();
        scene.Ledger.LosesAnswers = false;
        var before = scene.Ledger.Records[(await scene.FindAsync(id)).RecordId!];
        var codes = Path.Combine(scene.Node.Folder, "codes.json");
        await File.WriteAllTextAsync(codes, """{"version":1,"labels":[{"label":"HIV","codes":[{"system":"LN","codes":["2345-7"]}]}]}""");
        scene.Rules = HealthShare.Node.Intake.Classification.LabelRules.Load(codes);
        await scene.RestartAsync();
        await AsideAsync(scene, id, "record.id_taken");
        Assert.Equal("message.registered", (await Assert.ThrowsAsync<ApiProblemException>(() => scene.Desk.DiscardAsync(id, "Ida", "why not", default))).Problem.Code);

        await scene.Desk.ReplayAsync(id, "Ida", default);
        await scene.DrainAsync();
        var message = await scene.FindAsync(id);
        Assert.Equal(("registered", (string?)null), (message.State, message.ReasonCode));
        Assert.Equal(2, scene.Ledger.Records.Count);
        Assert.Same(before, scene.Ledger.Records[message.RecordId!]);
        Assert.Equal(((await scene.FindAsync(earlier)).RecordId!, message.RecordId), Assert.Single(scene.Ledger.Superseded.Keys));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM record_provenance"));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_replay_after_a_merge_makes_no_second_record_under_the_id_that_stays(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var stays = await IdentityMessages.PatientAsync(scene, "1", "NEW");
        var id = (await scene.ReceiveAsync(IntakeScene.Message("2", number: "OLD"))).Id;
        scene.Ledger.LosesAnswers = true;
        await scene.DrainAsync();
        scene.Ledger.LosesAnswers = false;
        var merged = (await scene.FindAsync(id)).PatientId!;
        await AsideAsync(scene, id, "intake.fault");
        await scene.Database.WriteAsync(transaction => HealthShare.Node.Patients.PatientDirectory.MergeAsync(transaction, merged, stays, scene.Node.Clock.Now, default), default);
        await scene.Desk.ReplayAsync(id, "Ida", default);
        await scene.DrainAsync();
        Assert.Equal(("registered", merged), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).PatientId));
        Assert.Equal(2, scene.Ledger.Records.Count);
    }

    [Fact]
    public async Task Of_a_patient_who_erased_a_message_is_let_go_whatever_the_ledger_has_and_the_erasure_sees_to_its_key()
    {
        await using var scene = await IntakeScene.StartAsync();
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        scene.Ledger.LosesAnswers = true;
        await scene.DrainAsync();
        await AsideAsync(scene, id, "patient.erased");
        await scene.Desk.DiscardAsync(id, "Ida", "cannot be shared", default);
        Assert.Equal("discarded", (await scene.FindAsync(id)).State);
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM sealed_record")); // it may have to be retained
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_was_sealed_of_a_discarded_message_is_let_go_with_its_key_and_sealed_anew_when_it_comes_again(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        scene.Ledger.Taken.Add((await scene.FindAsync(id)).RecordId!); // by another content
        await scene.DrainAsync();
        var content = HealthShare.Vault.Content.Cid.Parse((await scene.ScalarAsync<string>("SELECT cid FROM sealed_record"))!);
        Assert.True(await scene.Node.Store.IsPinnedAsync(content, default));
        await scene.Desk.DiscardAsync(id, "Ida", "cannot be shared", default);
        Assert.Equal("discarded", (await scene.FindAsync(id)).State);
        foreach (var table in (string[])["intake_payload", "sealed_record", "erased_content", "secret WHERE purpose = 'record-key'"])
            Assert.Equal(0, await scene.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        Assert.False(await scene.Node.Store.IsPinnedAsync(content, default));

        scene.Ledger.Taken.Clear();
        scene.Ledger.Records.Clear();
        var again = await scene.ReceiveAsync(IntakeScene.Message("1"));
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(again.Id)).State);
        Assert.NotEqual(content.ToString(), Assert.Single(scene.Ledger.Records.Values).Cid);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_message_discarded_before_its_patients_erasure_takes_its_turn_leaves_no_key_behind(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var id = (await scene.ReceiveAsync(IntakeScene.Message("1"))).Id;
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        var patient = (await scene.FindAsync(id)).PatientId!;
        await scene.EraseAsync(patient);
        await scene.DrainAsync();
        Assert.Equal("patient.erased", (await scene.FindAsync(id)).ReasonCode);
        await scene.Desk.DiscardAsync(id, "Ida", "cannot be shared", default);
        await scene.DestroyAsync(patient);
        foreach (var table in (string[])["intake_payload", "sealed_record", "erased_content", "secret WHERE purpose = 'record-key'"])
            Assert.Equal(0, await scene.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Messages_quarantined_at_the_door_beside_repetitions_and_the_desks_replay_all_get_through(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        static byte[] Bad(string id) => Encoding.UTF8.GetBytes($"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{id}|P|2.5\rOBX|1|NM|2345-7||182\r");
        var known = (await scene.ReceiveAsync(Bad("known"))).Id;
        for (var round = 0; round < 30; round++)
        {
            var at = round;
            var door = Task.Run(() => Task.WhenAll(scene.ReceiveAsync(Bad($"{at}")), scene.ReceiveAsync(Bad("known"))));
            var desk = Task.Run(() => scene.Desk.ReplayAsync(known, "Ida", default));
            await Task.WhenAll(door, desk).WaitAsync(TimeSpan.FromSeconds(60));
            await scene.DrainAsync(); // back to quarantine
        }
        var told = await scene.ScalarAsync<long>("SELECT count(*) FROM event WHERE topic = 'intake' AND kind = 'quarantined'");
        Assert.True(told >= 61, $"{told}");
        Assert.Equal(30, await scene.ScalarAsync<long>("SELECT count(*) FROM event WHERE topic = 'intake' AND kind = 'replayed'"));
        Assert.Equal(await scene.ScalarAsync<long>("SELECT max(sequence) FROM event"), await scene.ScalarAsync<long>("SELECT count(*) FROM event"));
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

    // A result of one order, preliminary or corrected.
    private static byte[] Order(string controlId, string status) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||202603010{controlId}00||ORU^R01|{controlId}|P|2.5\rPID|1||4711^^^NORTH^MR\rOBR|1||F1|2345-7^Glucose^LN|||20260301||||||||||||||||||{status}\rOBX|1|NM|2345-7^Glucose^LN||182||||||{status}\r");

    private static async Task AsideAsync(IntakeScene scene, string id, string code)
    {
        var message = await scene.FindAsync(id);
        await scene.Database.WriteAsync(async transaction => await scene.Table.QuarantinedAsync(transaction, message, code, "Test.", default), default);
    }
}
