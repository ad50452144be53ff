using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.UnitTests.Node.Support;

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

    private static string CodeOf(ReadOnlyMemory<byte> acknowledgement) => Er7Message.Parse(acknowledgement).Segment("MSA"u8).Field(1).Text;
}
