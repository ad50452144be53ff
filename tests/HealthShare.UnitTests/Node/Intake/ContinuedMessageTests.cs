using System.Text;
using HealthShare.Hl7;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Desk;
using HealthShare.Node.Intake.Receiving;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Messages that their sender split: a part never passes for the whole.</summary>
public sealed class ContinuedMessageTests
{
    private const string First = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-1|P|2.5\rPID|1||4711^^^NORTH^MR\rOBR|1|||GLU|||20260301\rOBX|1|TX|R||This is the begin\rDSC|K1|F\r";
    private const string Second = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-2|P|2.5||K1\rADD|ning and\rOBX|2|TX|S||more\rDSC|K2|F\r";
    private const string Third = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-3|P|2.5||K2\rADD| of it\r";
    private const string Whole = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-1|P|2.5\rPID|1||4711^^^NORTH^MR\rOBR|1|||GLU|||20260301\rOBX|1|TX|R||This is the beginning and\rOBX|2|TX|S||more of it\r";

    [Theory]
    [InlineData(First, "DSC")]
    [InlineData(Second, "DSC")]
    [InlineData(Third, "MSH")]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-9|P|2.5||K2\rOBX|9|TX|R||no patient\r", "MSH")]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-9|P|2.5\rADD|x\rPID|1||4711^^^NORTH^MR\r", "MSH")]
    [InlineData("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-9|P|2.5\rPID|1||4711^^^NORTH^MR\rDSC|\rDSC|K1\r", "DSC")]
    public async Task A_part_alone_gets_AR_with_its_place_and_makes_no_record(string part, string segment)
    {
        await using var scene = await IntakeScene.StartAsync();
        var answer = Er7Message.Parse(await scene.Mllp.HandleAsync(Encoding.ASCII.GetBytes(part), null, default));
        Assert.Equal(("AR", "100", segment), (answer.Get("MSA-1").Text, answer.Get("ERR-3.1").Text, answer.Get("ERR-2.1").Text));
        await scene.DrainAsync();
        Assert.Empty(scene.Ledger.Records);
        Assert.Equal("message.continuation_invalid", await scene.ScalarAsync<string>("SELECT reason_code FROM intake_message WHERE state = 'quarantined'"));
    }

    [Theory]
    [InlineData("456", "")]
    [InlineData("", "DSC|\r")]
    [InlineData("\"\"", "DSC|\"\"|F\r")]
    public async Task A_whole_message_with_something_else_in_MSH_14_or_an_empty_DSC_is_taken(string pointer, string end)
    {
        await using var scene = await IntakeScene.StartAsync();
        var answer = await scene.Mllp.HandleAsync(Encoding.ASCII.GetBytes(
            $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5||{pointer}\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||x\r{end}"), null, default);
        Assert.Equal("AA", Er7Message.Parse(answer).Get("MSA-1").Text);
    }

    [Fact]
    public async Task Parts_that_follow_one_another_in_a_batch_are_one_message_however_often_they_come()
    {
        await using var scene = await IntakeScene.StartAsync();
        var batch = Encoding.ASCII.GetBytes(
            $"BHS|^~\\&\r{Other("o-1")}{First}{Second}{Third}{Other("o-2")}BTS|5\r");
        var receipt = await new BatchReceiver(scene.Receiver).ReceiveAsync(batch, "http", null, default);
        Assert.Equal((3, 3, 0, null), (receipt.Messages, receipt.Accepted, receipt.Refused, receipt.Code));
        Assert.Equal(batch.AsSpan().IndexOf("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-1"u8), receipt.Items[1].Offset);
        Assert.Equal(Whole, Encoding.ASCII.GetString(await scene.Desk.ReadContentAsync(receipt.Items[1].Id, "test", default)));
        await scene.DrainAsync();
        Assert.Equal(3, scene.Ledger.Records.Count);
        Assert.Equal(3, (await new BatchReceiver(scene.Receiver).ReceiveAsync(batch, "folder", null, default)).Duplicates);
    }

    [Theory]
    [InlineData(First, Third)] // the second part is missing
    [InlineData(First, Second)]
    [InlineData(Second, Third)]
    [InlineData(Third, Second, First)]
    public async Task Where_a_part_is_missing_or_out_of_its_place_each_of_them_is_refused(params string[] parts)
    {
        await using var scene = await IntakeScene.StartAsync();
        var receipt = await new BatchReceiver(scene.Receiver).ReceiveAsync(Encoding.ASCII.GetBytes(string.Concat(parts) + Other("o")), "http", null, default);
        Assert.Equal((parts.Length, 1), (receipt.Refused, receipt.Accepted));
        Assert.All(receipt.Items.Where(item => !item.Accepted), item => Assert.Equal("message.continuation_invalid", item.Code));
    }

    [Fact]
    public async Task Parts_of_two_senders_that_use_the_same_pointer_are_never_mixed()
    {
        await using var scene = await IntakeScene.StartAsync();
        var clinic = Third.Replace("K2", "K1", StringComparison.Ordinal).Replace("NORTH", "CLINIC", StringComparison.Ordinal);
        var receipt = await new BatchReceiver(scene.Receiver).ReceiveAsync(Encoding.ASCII.GetBytes(First + clinic), "http", null, default);
        Assert.Equal((2, 2), (receipt.Messages, receipt.Refused));
    }

    private const string RepeatedFirst = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|r-1|P|2.5\rPID|1||4711^^^NORTH^MR\rOBR|1|||GLU|||20260301\rOBX|1|TX|R||begin\rDSC|R1|F\r";
    private const string RepeatedLast = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|r-2|P|2.5||R1\rPID|1||4711^^^NORTH^MR\rOBX|2|TX|S||end\r";

    private const string SomethingElse = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|s-1|P|2.5||456\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||x\r";
    private const string SomethingElseAgain = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|s-2|P|2.5||456\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||y\r";
    private const string Neither = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|n-1|P|2.5\rPID|1||4711^^^NORTH^MR\rOBX|1|TX|R||x\r";

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_last_part_that_repeats_its_patient_is_known_by_the_part_that_named_it_also_after_a_restart_until_staff_have_looked(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        Assert.Equal("AR", await SendAsync(scene, RepeatedFirst));
        await scene.RestartAsync();
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast));
        var last = await scene.ScalarAsync<string>("SELECT id FROM intake_message WHERE type = 'ORU^R01' ORDER BY sequence DESC LIMIT 1");
        await scene.DrainAsync();
        Assert.Empty(scene.Ledger.Records);
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_message WHERE state = 'quarantined' AND reason_code = 'message.continuation_invalid'"));
        await scene.Desk.ReplayAsync(last!, "test", default);
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(last!)).State);
        // Another facility's word in the same field says nothing about it.
        Assert.Equal("AA", await SendAsync(scene, RepeatedLast.Replace("NORTH", "CLINIC", StringComparison.Ordinal)));
        Assert.Equal("AA", await SendAsync(scene, RepeatedLast.Replace("|R1\r", "|R2\r", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_part_makes_others_its_rest_for_a_week_or_until_it_is_discarded_and_what_was_refused_stays_so(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        Assert.Equal("AR", await SendAsync(scene, RepeatedFirst));
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast));
        scene.Node.Clock.Now += TimeSpan.FromDays(2);
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast.Replace("|r-2|", "|r-6|", StringComparison.Ordinal)));
        scene.Node.Clock.Now += TimeSpan.FromDays(6);
        // Its sender does not give up; as ever it is the rest of what came then.
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast));
        var other = RepeatedLast.Replace("|r-2|", "|r-3|", StringComparison.Ordinal);
        Assert.Equal("AA", await SendAsync(scene, other));
        await scene.DrainAsync();
        Assert.Single(scene.Ledger.Records);

        Assert.Equal("AR", await SendAsync(scene, RepeatedFirst.Replace("|r-1|", "|r-4|", StringComparison.Ordinal)));
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast.Replace("|r-2|", "|r-5|", StringComparison.Ordinal)));
        foreach (var control in (string[])["r-1", "r-4"])
        {
            var part = (await scene.ReceiveAsync(Encoding.ASCII.GetBytes(RepeatedFirst.Replace("|r-1|", $"|{control}|", StringComparison.Ordinal)))).Id;
            await scene.Desk.DiscardAsync(part, "test", "no true part", default);
        }
        Assert.Equal("AA", await SendAsync(scene, RepeatedLast.Replace("|r-2|", "|r-5|", StringComparison.Ordinal)));
        await scene.DrainAsync();
        Assert.Equal(2, scene.Ledger.Records.Count);
    }

    [Fact]
    public async Task Where_pointers_count_alone_a_last_part_that_overtakes_the_others_is_refused_and_they_are_put_together_in_a_file()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.ContinuationPointersAlone = true;
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast));
        Assert.Equal("message.continuation_invalid", await scene.ScalarAsync<string>("SELECT reason_code FROM intake_message WHERE state = 'quarantined'"));
        Assert.Equal("AA", await SendAsync(scene, Other("o-1")));
        var receipt = await new BatchReceiver(scene.Receiver).ReceiveAsync(Encoding.ASCII.GetBytes(RepeatedFirst + RepeatedLast), "folder", null, default);
        Assert.Equal((1, 1), (receipt.Messages, receipt.Accepted));
        await scene.DrainAsync();
        Assert.Equal(2, scene.Ledger.Records.Count);
        var last = await scene.ScalarAsync<string>("SELECT id FROM intake_message WHERE state = 'quarantined'");
        await scene.Desk.ReplayAsync(last!, "test", default); // staff have looked
        await scene.DrainAsync();
        Assert.Equal("registered", (await scene.FindAsync(last!)).State);
    }

    [Theory]
    [InlineData(false, "AR,AR", RepeatedFirst, RepeatedLast)] // split, in order
    [InlineData(true, "AR,AR", RepeatedFirst, RepeatedLast)]
    [InlineData(false, "AA,AR", RepeatedLast, RepeatedFirst)] // split, and the last part overtakes the first
    [InlineData(true, "AR,AR", RepeatedLast, RepeatedFirst)]
    [InlineData(false, "AR,AR,AR", First, Second, Third)]
    [InlineData(false, "AA,AA", SomethingElse, SomethingElseAgain)] // MSH-14 without any DSC
    [InlineData(true, "AR,AR", SomethingElse, SomethingElseAgain)]
    [InlineData(false, "AA", Neither)]
    [InlineData(true, "AA", Neither)]
    public async Task However_a_sender_uses_MSH_14_what_is_acknowledged_is_registered_and_what_is_refused_is_kept_whole(bool alone, string answers, params string[] messages)
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Options.ContinuationPointersAlone = alone;
        var told = new List<string>();
        foreach (var message in messages)
            told.Add(await SendAsync(scene, message));
        Assert.Equal(answers, string.Join(',', told));
        await scene.DrainAsync();
        Assert.Equal(told.Count(code => code == "AA"), scene.Ledger.Records.Count);
        var kept = new List<string>();
        foreach (var row in await scene.Query.ListAsync(new MessageFilter(IntakeState.Quarantined, null, null, null, null, false), long.MaxValue, 100, default))
            kept.Add(Encoding.ASCII.GetString(await scene.Desk.ReadContentAsync(row.Id, "test", default)));
        Assert.Equal(messages.Where((_, i) => told[i] == "AR").Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Parts_that_repeat_their_patient_are_one_record_with_one_patient_in_a_file()
    {
        await using var scene = await IntakeScene.StartAsync();
        Assert.Equal("AR", await SendAsync(scene, RepeatedLast.Replace("OBX", "DSC|R2\rOBX", StringComparison.Ordinal))); // what came alone before is no obstacle
        var receipt = await new BatchReceiver(scene.Receiver).ReceiveAsync(Encoding.ASCII.GetBytes(RepeatedFirst + RepeatedLast), "folder", null, default);
        Assert.Equal((1, 1), (receipt.Messages, receipt.Accepted));
        Assert.Equal("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|r-1|P|2.5\rPID|1||4711^^^NORTH^MR\rOBR|1|||GLU|||20260301\rOBX|1|TX|R||begin\rOBX|2|TX|S||end\r",
            Encoding.ASCII.GetString(await scene.Desk.ReadContentAsync(receipt.Items[0].Id, "test", default)));
        await scene.DrainAsync();
        Assert.Single(scene.Ledger.Records);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parts_about_two_patients_or_in_the_wrong_order_are_all_refused(bool wrongOrder)
    {
        await using var scene = await IntakeScene.StartAsync();
        var file = wrongOrder ? RepeatedLast + RepeatedFirst : RepeatedFirst + RepeatedLast.Replace("4711", "4712", StringComparison.Ordinal);
        var receipt = await new BatchReceiver(scene.Receiver).ReceiveAsync(Encoding.ASCII.GetBytes(file), "folder", null, default);
        Assert.Equal((2, 2), (receipt.Messages, receipt.Refused));
        Assert.All(receipt.Items, item => Assert.Equal("message.continuation_invalid", item.Code));
    }

    [Fact]
    public void A_file_of_nothing_but_parts_is_read_once_through()
    {
        var parts = new StringBuilder();
        for (var i = 0; i < 5000; i++)
            parts.Append(System.Globalization.CultureInfo.InvariantCulture, $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|c-{i}|P|2.5||{(i == 0 ? "" : $"K{i}")}\rPID|1||4711\rDSC|K{i + 1}\r");
        Assert.Equal(5000, FileMessage.Read(Er7File.Split(Encoding.ASCII.GetBytes(parts.ToString()))).Count);
        parts.Append("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|end|P|2.5||K5000\rOBX|1\r");
        Assert.Equal(5001, Assert.Single(FileMessage.Read(Er7File.Split(Encoding.ASCII.GetBytes(parts.ToString())))).Parts.Count);
    }

    [Fact]
    public async Task A_file_of_nothing_but_beginnings_is_refused_unread()
    {
        var file = new byte[4 * 600_000];
        for (var at = 0; at < file.Length; at += 4)
            "MSH\r"u8.CopyTo(file.AsSpan(at));
        var receipt = await new BatchReceiver(null!).ReceiveAsync(file, "http", null, default); // comes to no message
        Assert.Equal(("message.too_large", 0), (receipt.Code, receipt.Messages));
    }

    private static async Task<string> SendAsync(IntakeScene scene, string message) =>
        Er7Message.Parse(await scene.Mllp.HandleAsync(Encoding.ASCII.GetBytes(message), null, default)).Get("MSA-1").Text;

    private static string Other(string id) => Encoding.ASCII.GetString(IntakeScene.Message(id, value: id));
}
