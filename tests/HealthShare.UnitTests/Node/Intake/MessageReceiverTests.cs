using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>At the door: what is acknowledged, what is repeated, what goes to quarantine.</summary>
public sealed class MessageReceiverTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    [Fact]
    public async Task A_message_is_acknowledged_only_after_it_is_in_the_journal()
    {
        await using var scene = await IntakeScene.StartAsync();
        var gate = new TaskCompletionSource();
        scene.Database.Gate = gate.Task;
        var answer = scene.Mllp.HandleAsync(IntakeScene.Message("1"), null, default).AsTask();
        Assert.NotSame(answer, await Task.WhenAny(answer, Task.Delay(100)));
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        gate.SetResult();
        Assert.Equal("AA", CodeOf(await answer));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Fact]
    public async Task Without_a_database_the_sender_is_told_to_send_again_and_nothing_is_kept()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Database.IsAway = true;
        Assert.Equal("AR", CodeOf(await scene.Mllp.HandleAsync(IntakeScene.Message("1"), null, default)));
        scene.Database.IsAway = false;
        Assert.Equal(0, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Equal("AA", CodeOf(await scene.Mllp.HandleAsync(IntakeScene.Message("1"), null, default)));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_nowhere_in_the_clear(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var entry = await scene.ReceiveAsync(IntakeScene.Message("1"));
        await scene.RestartAsync();
        Assert.Equal("received", (await scene.FindAsync(entry.Id)).State);
        Assert.True((await scene.PayloadAsync(entry.Id)).AsSpan().IndexOf("Quastenflosser"u8) < 0);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(entry.Id)).State);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task The_same_message_again_has_no_second_effect(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => scene.ReceiveAsync(IntakeScene.Message("1")))));
        Assert.Single(answers, answer => !answer.Duplicate);
        Assert.Single(answers.Select(answer => answer.Id).Distinct());
        await scene.DrainAsync();
        var again = await scene.ReceiveAsync(IntakeScene.Message("1"));
        Assert.Equal((true, IntakeState.Registered, false), (again.Duplicate, again.State, again.ControlIdReused));
        await scene.DrainAsync();
        Assert.Single(scene.Ledger.Records);
    }

    [Fact]
    public async Task A_batch_in_one_frame_is_refused_with_the_doors_that_take_it()
    {
        await using var scene = await IntakeScene.StartAsync();
        byte[] batch = [.. "FHS|^~\\&|A\rBHS|^~\\&|A\r"u8, .. IntakeScene.Message("1"), .. "BTS|1\rFTS|1\r"u8];
        var answer = Er7Message.Parse(await scene.Mllp.HandleAsync(batch, null, default));
        Assert.Equal(("AR", "100"), (answer.Get("MSA-1").Text, answer.Get("ERR-3.1").Text));
        Assert.Contains("hl7 import", answer.Get("ERR-8").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\uFEFF", "")]
    [InlineData("\r\n", "")]
    [InlineData("\u000B", "\u001C\r")]
    [InlineData("", "\u001C")]
    [InlineData("\uFEFF\r\n", "\r\n\r\n")]
    public async Task What_frames_a_message_makes_no_other_one(string before, string after)
    {
        await using var scene = await IntakeScene.StartAsync();
        var bare = IntakeScene.Message("1");
        byte[] framed = [.. Encoding.UTF8.GetBytes(before), .. bare, .. Encoding.UTF8.GetBytes(after)];
        var first = await scene.ReceiveAsync(framed);
        var again = await scene.ReceiveAsync(bare);
        Assert.Equal((first.Id, true, false), (again.Id, again.Duplicate, again.ControlIdReused));
        Assert.True((await scene.ReceiveAsync(framed)).Duplicate);
        await scene.DrainAsync();
        Assert.Single(scene.Ledger.Records);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_an_earlier_version_took_with_its_framing_is_known_when_it_comes_so_again(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        byte[] framed = [0xEF, 0xBB, 0xBF, .. IntakeScene.Message("1")];
        var first = await scene.ReceiveAsync(framed);
        await scene.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
            "UPDATE intake_message SET content_key = @before", new { before = scene.ContentKeyOfEarlierVersions(framed) }, transaction), default);
        var again = await scene.ReceiveAsync(framed);
        Assert.Equal((first.Id, true), (again.Id, again.Duplicate));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_control_id_with_other_content_is_a_message_of_its_own_and_marked(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var first = await scene.ReceiveAsync(IntakeScene.Message("1", value: "182"));
        var other = await scene.ReceiveAsync(IntakeScene.Message("1", value: "99"));
        var elsewhere = await scene.ReceiveAsync(IntakeScene.Message("1", value: "99", facility: "CLINIC"));
        Assert.Equal([false, true, false], new[] { first, other, elsewhere }.Select(entry => entry.ControlIdReused));
        Assert.DoesNotContain(new[] { first, other, elsewhere }, entry => entry.Duplicate);
        await scene.DrainAsync();
        Assert.Equal(3, scene.Ledger.Records.Count);
        Assert.Single(scene.Ledger.Enrolled);
    }

    [Theory]
    [InlineData("Hello Quastenflosser", Outcome.Rejected, Er7Fault.HeaderMissing, 0)]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01||P|2.5\rPID|1||4711\r", Outcome.Rejected, Er7Fault.FieldMissing, 10)]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rPID|1||4711||Quastenflosser\rOB", Outcome.Rejected, Er7Fault.SegmentInvalid, 0)]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rOBX|1|NM|2345-7||182\r", Outcome.Error, Er7Fault.SegmentMissing, 0)]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rPID|1||||Quastenflosser\r", Outcome.Error, Er7Fault.FieldMissing, 3)]
    public async Task What_is_malformed_is_kept_whole_in_quarantine_with_the_place_and_without_its_content(
        string text, Outcome outcome, Er7Fault fault, int field)
    {
        await using var scene = await IntakeScene.StartAsync();
        var receipt = await scene.Receiver.ReceiveAsync(Encoding.UTF8.GetBytes(text), "mllp", null, default);
        Assert.Equal((outcome, fault, field), (receipt.Outcome, receipt.Error!.Fault, receipt.Error.Field));
        var kept = await scene.FindAsync(receipt.Entry.Id);
        Assert.Equal(("quarantined", null), (kept.State, kept.RecordId));
        Assert.StartsWith("message.", kept.ReasonCode, StringComparison.Ordinal);
        Assert.Contains($"byte {receipt.Error.Offset}", kept.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("Quastenflosser", kept.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(await scene.PayloadAsync(receipt.Entry.Id));
        Assert.False(await scene.Worker.RunOnceAsync(default));
        Assert.True((await scene.Receiver.ReceiveAsync(Encoding.UTF8.GetBytes(text), "mllp", null, default)).Entry.Duplicate);
    }

    [Theory]
    [InlineData("P", true)]
    [InlineData("p^T", true)]
    [InlineData("T", false)]
    [InlineData("D", false)]
    [InlineData("", false)]
    public async Task Where_it_is_set_which_processing_ids_are_taken_no_other_becomes_a_record_not_even_replayed(string processingId, bool isTaken)
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.ProcessingIds.Add("P");
        var message = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(IntakeScene.Message("1")).Replace("|1|P|2.5", $"|1|{processingId}|2.5", StringComparison.Ordinal));
        var answer = Er7Message.Parse(await scene.Mllp.HandleAsync(message, null, default));
        await scene.DrainAsync();
        Assert.Equal(isTaken ? ("AA", "") : ("AR", "202"), (answer.Get("MSA-1").Text, answer.Get("ERR-3.1").Text));
        Assert.Equal(isTaken ? 1 : 0, scene.Ledger.Records.Count);
        if (isTaken)
            return;
        var id = (await scene.ReceiveAsync(message)).Id;
        Assert.Equal("message.processing_id_unsupported", (await scene.FindAsync(id)).ReasonCode);
        await scene.Desk.ReplayAsync(id, "Ida", default);
        await scene.DrainAsync();
        Assert.Equal(("quarantined", "message.processing_id_unsupported"), ((await scene.FindAsync(id)).State, (await scene.FindAsync(id)).ReasonCode));
        Assert.Empty(scene.Ledger.Records);

        scene.Options.ProcessingIds.Clear(); // by default all are taken
        Assert.False((await scene.ReceiveAsync(message)).Duplicate);
        await scene.DrainAsync();
        Assert.Single(scene.Ledger.Records);
    }

    [Fact]
    public async Task What_never_fits_is_told_otherwise_than_what_does_not_now_and_the_log_names_its_sender()
    {
        await using var scene = await IntakeScene.StartAsync();
        using var logs = new RecordedLogs();
        var door = new MllpIntakeHandler(scene.Receiver, scene.Node.Clock, logs.CreateLogger<MllpIntakeHandler>());
        var message = IntakeScene.Message("1");
        Assert.Equal(("AE", "102"), Told(door.RefuseTooLarge(message, new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.7"), 4000), 1024)));
        Assert.Contains("192.0.2.7", Assert.Single(logs.Lines), StringComparison.Ordinal);
        Assert.Equal(("AR", "207"), Told(door.RefuseForNow(message)));
        byte[] many = [.. message, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("NTE|\r", Er7Limits.Default.MaxSegments)))];
        Assert.Equal(("AE", "102"), Told(await door.HandleAsync(many, null, default)));

        static (string, string) Told(ReadOnlyMemory<byte> answer)
        {
            var read = Er7Message.Parse(answer);
            return (read.Get("MSA-1").Text, read.Get("ERR-3.1").Text);
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_was_refused_and_is_acceptable_now_goes_on_when_it_comes_again(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        scene.Options.MaxMessageBytes = 1024;
        var message = IntakeScene.Message("1", value: new string('1', 2000));
        var refused = await scene.Receiver.ReceiveAsync(message, "folder", null, default);
        Assert.Equal((Outcome.Error, "message.too_large"), (refused.Outcome, (await scene.FindAsync(refused.Entry.Id)).ReasonCode));
        var again = await scene.Receiver.ReceiveAsync(message, "mllp", null, default);
        Assert.Equal((Outcome.Error, true, IntakeState.Quarantined), (again.Outcome, again.Entry.Duplicate, again.Entry.State));

        scene.Options.MaxMessageBytes = 16 * 1024 * 1024;
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.ReceiveAsync(message))));
        Assert.Single(answers, answer => !answer.Duplicate);
        Assert.All(answers, answer => Assert.Equal((refused.Entry.Id, IntakeState.Received), (answer.Id, answer.State)));
        Assert.Equal("AA", CodeOf(await scene.Mllp.HandleAsync(message, null, default)));
        await scene.DrainAsync();
        var status = (await scene.Desk.FindAsync(refused.Entry.Id, default))!;
        Assert.Equal(("registered", null, 10L), (status.State, status.ReasonCode, status.Repetitions));
        Assert.Equal(["received", "quarantined", "received", "parsed", "stored", "registered"], status.Steps!.Select(step => step.Step));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
        Assert.Single(scene.Ledger.Records);
    }

    [Fact]
    public async Task What_went_to_quarantine_after_the_door_stays_there_for_staff_when_it_comes_again()
    {
        await using var scene = await IntakeScene.StartAsync();
        var entry = await scene.ReceiveAsync(IntakeScene.Message("1"));
        scene.Ledger.Taken.Add((await scene.FindAsync(entry.Id)).RecordId!);
        await scene.DrainAsync();
        var again = await scene.ReceiveAsync(IntakeScene.Message("1"));
        Assert.Equal((true, IntakeState.Quarantined, entry.Id), (again.Duplicate, again.State, again.Id));
        Assert.False(await scene.Worker.RunOnceAsync(default));
    }

    [Fact]
    public async Task What_cannot_be_read_to_its_end_shows_its_type_and_facility_and_is_known_by_its_control_id()
    {
        await using var scene = await IntakeScene.StartAsync();
        var whole = IntakeScene.Message("1");
        var good = await scene.FindAsync((await scene.ReceiveAsync(whole)).Id);
        var cut = await scene.ReceiveAsync([.. whole, .. "no segment\r"u8]);
        var kept = await scene.FindAsync(cut.Id);
        Assert.Equal((IntakeState.Quarantined, true), (cut.State, cut.ControlIdReused));
        Assert.Equal((good.Facility, "ORU^R01", null), (kept.Facility, kept.Type, kept.RecordId));
    }

    [Fact]
    public async Task Over_MLLP_malformed_messages_get_AR_or_AE_with_the_place()
    {
        await using var scene = await IntakeScene.StartAsync();
        Assert.Equal("AR", CodeOf(await scene.Mllp.HandleAsync("nothing of HL7"u8.ToArray(), null, default)));
        var answer = await scene.Mllp.HandleAsync(
            Encoding.UTF8.GetBytes("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|77|P|2.5\rPID|1||||Quastenflosser\r"), null, default);
        var parsed = Er7Message.Parse(answer);
        Assert.Equal(("AE", "77"), (parsed.Segment("MSA"u8).Field(1).Text, parsed.Segment("MSA"u8).Field(2).Text));
        Assert.Equal("PID", parsed.Segment("ERR"u8).Field(2).Component(1).Text);
        Assert.Equal("3", parsed.Segment("ERR"u8).Field(2).Component(3).Text);
        Assert.True(answer.Span.IndexOf("Quastenflosser"u8) < 0);
    }

    [Fact]
    public async Task Many_senders_share_the_journal_and_each_hears_of_its_own_message()
    {
        await using var scene = await IntakeScene.StartAsync();
        var entries = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => scene.ReceiveAsync(IntakeScene.Message($"{i}", value: $"{i}"))));
        Assert.Equal(300, entries.Select(entry => entry.Id).Distinct().Count());
        Assert.Equal(300, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message"));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task What_was_accepted_once_is_answered_so_when_it_comes_again_whatever_the_rules_are_by_then(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var pointed = Encoding.UTF8.GetBytes("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|p|P|2.5||X1\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||x\r");
        var longer = IntakeScene.Message("1");
        foreach (var message in new[] { pointed, longer })
            Assert.Equal("AA", CodeOf(await scene.Mllp.HandleAsync(message, null, default)));
        await scene.DrainAsync();
        await scene.ReceiveAsync("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|q|P|2.5\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||y\rDSC|X1\r"u8.ToArray());
        scene.Options.MaxMessageBytes = longer.Length - 1;
        foreach (var message in new[] { pointed, longer })
        {
            Assert.Equal("AA", CodeOf(await scene.Mllp.HandleAsync(message, null, default)));
            var receipt = await scene.Receiver.ReceiveAsync(message, "folder", null, default);
            Assert.Equal((Outcome.Accepted, null, true, IntakeState.Registered), (receipt.Outcome, receipt.Error, receipt.Entry.Duplicate, receipt.Entry.State));
            var batch = await new HealthShare.Node.Intake.Receiving.BatchReceiver(scene.Receiver).ReceiveAsync(message, "http", null, default);
            Assert.Equal((0, 1, 0), (batch.Accepted, batch.Duplicates, batch.Refused)); // nothing new, nothing refused
        }
        Assert.Equal(2, scene.Ledger.Records.Count);
        // What is new is judged by the rules of today.
        Assert.Equal("AE", CodeOf(await scene.Mllp.HandleAsync(IntakeScene.Message("2"), null, default)));
    }

    [PostgresFact]
    public async Task A_repetition_beside_its_discard_is_answered_by_the_state_that_stays() => await RepeatBesideAsync(async (connection, transaction) =>
    {
        await connection.ExecuteAsync("UPDATE intake_message SET state = 'discarded', record_id = NULL, reason_code = NULL, reason = NULL", null, transaction);
        await connection.ExecuteAsync("DELETE FROM intake_payload", null, transaction);
    });

    [PostgresFact]
    public async Task A_repetition_beside_the_end_of_the_journals_memory_of_it_is_a_message_again() => await RepeatBesideAsync(async (connection, transaction) =>
    {
        await connection.ExecuteAsync("DELETE FROM intake_payload", null, transaction);
        await connection.ExecuteAsync("DELETE FROM intake_message", null, transaction);
    });

    // A message was too long, and is acceptable now; while somebody else changes its row, it comes again.
    private static async Task RepeatBesideAsync(Func<DbConnection, DbTransaction, Task> changeAsync)
    {
        await using var scene = await IntakeScene.StartAsync(DatabaseProvider.Postgresql);
        var whole = scene.Options.MaxMessageBytes;
        scene.Options.MaxMessageBytes = 100;
        Assert.Equal(IntakeState.Quarantined, (await scene.ReceiveAsync(IntakeScene.Message("1"))).State);
        scene.Options.MaxMessageBytes = whole;
        await using var connection = await scene.Node.Database.OpenAsync(default);
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("SELECT sequence FROM intake_message FOR UPDATE", null, transaction);
        var answer = Task.Run(() => scene.Mllp.HandleAsync(IntakeScene.Message("1"), null, default).AsTask());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!answer.IsCompleted && await scene.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0)
            await Task.Delay(10, patience.Token);
        Assert.False(answer.IsCompleted);
        await changeAsync(connection, transaction);
        await transaction.CommitAsync();
        Assert.Equal("AA", CodeOf(await answer.WaitAsync(TimeSpan.FromSeconds(60))));
        Assert.Equal("received", await scene.ScalarAsync<string>("SELECT state FROM intake_message"));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_payload"));
        await scene.DrainAsync();
        Assert.Single(scene.Ledger.Records);
    }

    private static string CodeOf(ReadOnlyMemory<byte> acknowledgement) => Er7Message.Parse(acknowledgement).Segment("MSA"u8).Field(1).Text;
}
