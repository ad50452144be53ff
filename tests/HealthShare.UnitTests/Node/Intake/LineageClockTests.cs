using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Lineage;
using HealthShare.UnitTests.Chaincode.Shim;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Intake.IdentityMessages;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Which of two messages is the later one where clocks are wrong or say little, and where very much is compared.</summary>
public sealed class LineageClockTests
{
    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    // When the two moves were sent; to the day where empty. The first one counts where it is later than the record, wherever the second one stands.
    public static TheoryData<DatabaseProvider, (string First, string Second)> Moves => KeyedNode.ProvidersWith(("", ""), ("0900", "0900"), ("0900", ""), ("", "0900"), ("0930", "0900"));

    [Theory]
    [InlineData("20620301080000", "F", "C")] // the clock of the first one is wrong: nothing is later than that
    [InlineData("20620301080000", "F", "F")]
    [InlineData("20620301080000", "", "P")]
    [InlineData("20260302080001", "F", "F")] // a little ahead
    [InlineData("20260302080001", "P", "F")]
    public async Task A_clock_that_is_ahead_makes_no_result_unbeatable(string time, string first, string second)
    {
        await using var scene = await IntakeScene.StartAsync(); // at 2026-03-02 08:00
        var wrong = await SendAsync(scene, Result("1", time, first));
        scene.Node.Clock.Now += TimeSpan.FromDays(1);
        var right = await SendAsync(scene, Result("2", "20260303080000", second));
        AssertReplaced(scene, wrong, right);
    }

    [Theory]
    [InlineData("20260302075905", "20260302")]
    [InlineData("20260302075905", "202603")]
    [InlineData("20260302075905", "2026030207")]
    [InlineData("20260302", "20260302075905")]
    [InlineData("20260302", "20260302")]
    public async Task A_time_to_the_day_is_neither_earlier_nor_later_than_one_of_that_day(string first, string second)
    {
        foreach (var statuses in (string[])["PF", "FF", "FC"])
        {
            await using var scene = await IntakeScene.StartAsync();
            var original = await SendAsync(scene, Result("1", first, statuses[..1]));
            var correction = await SendAsync(scene, Result("2", second, statuses[1..]));
            AssertReplaced(scene, original, correction);
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_correction_from_a_clock_that_is_behind_is_never_replaced_by_what_came_before_it_and_is_none(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var original = await SendAsync(scene, Result("1", "20260302075900", "F"));
        var correction = await SendAsync(scene, Result("2", "20000101000000", "C"));
        AssertReplaced(scene, original, correction);
        // What is sent after the correction replaces it as ever.
        var next = await SendAsync(scene, Result("3", "20260302075930", "C"));
        Assert.Equal(next.RecordId, scene.Ledger.Superseded.Values.Single(one => one.RecordId == correction.RecordId).By);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_correction_in_one_order_makes_an_old_result_of_another_order_no_newer(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var final = await SendAsync(scene, Orders("1", "20260302073000", ("B", "F")));
        var delayed = await SendAsync(scene, Orders("2", "20260302070000", ("A", "C"), ("B", "P")));
        // The later result of B takes the place of a part of the other message, which says something of A besides.
        var said = Assert.Single(scene.Ledger.Superseded.Values);
        Assert.Equal((Relation.Amends, delayed.RecordId, final.RecordId), (said.Relation, said.RecordId, said.By));
    }

    [Theory]
    [InlineData("20260302070000", "20260302073000", false)] // it waited in an engine
    [InlineData("20260301073000", "20260302073000", false)] // for a day
    [InlineData("20260301072959", "20260302073001", true)] // a clock that is more than a day behind is a wrong one
    [InlineData("20260302", "20260302073000", true)] // it may be the later one
    public async Task A_delayed_correction_takes_a_newer_results_place_only_where_its_clock_is_plainly_wrong(string corrected, string newer, bool wins)
    {
        await using var scene = await IntakeScene.StartAsync();
        var result = await SendAsync(scene, Result("1", newer, "F"));
        var correction = await SendAsync(scene, Result("2", corrected, "C"));
        if (wins)
            AssertReplaced(scene, result, correction);
        else
            AssertReplaced(scene, correction, result);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Of_two_orders_each_message_amends_the_one_in_which_it_is_the_later(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var first = await SendAsync(scene, Orders("1", "20260302073000", ("A", "F"), ("B", "F")));
        var wrongClock = await SendAsync(scene, Orders("2", "20000101000000", ("A", "C"), ("B", "P")));
        Assert.Equal(new HashSet<(Relation, string?, string?)> { (Relation.Amends, first.RecordId, wrongClock.RecordId), (Relation.Amends, wrongClock.RecordId, first.RecordId) },
            scene.Ledger.Superseded.Values.Select(one => (one.Relation, (string?)one.RecordId, one.By)).ToHashSet());
    }

    [Fact]
    public async Task At_the_same_time_the_status_of_each_order_counts_for_itself()
    {
        await using var scene = await IntakeScene.StartAsync();
        await SendAsync(scene, Orders("1", "20260302073000", ("B", "F")));
        var other = await SendAsync(scene, Orders("2", "20260302073000", ("A", "F"), ("B", "P")));
        Assert.Equal((Relation.Amends, other.RecordId), (Assert.Single(scene.Ledger.Superseded.Values).Relation, scene.Ledger.Superseded.Values.Single().RecordId));
    }

    [Fact]
    public async Task Times_without_a_zone_keep_their_order_where_they_are_read_in_another_zone_than_meant_and_that_is_said_once()
    {
        using var logs = new RecordedLogs();
        await using var scene = await IntakeScene.StartAsync();
        scene.Logs = logs;
        await scene.RestartAsync();
        scene.Node.Clock.Now = new(2026, 3, 2, 6, 31, 0, TimeSpan.Zero); // 08:31 where they come from
        var newer = await SendAsync(scene, Result("2", "202603020830", "F"));
        scene.Node.Clock.Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        var older = await SendAsync(scene, Result("1", "202603020800", "F")); // sent again: it is not ahead any more
        AssertReplaced(scene, older, newer);
        await SendAsync(scene, Result("3", "202603021101", "F")); // ahead as well
        var said = Assert.Single(logs.Lines);
        Assert.Contains(newer.Facility!, said, StringComparison.Ordinal);
        Assert.DoesNotContain("NORTH", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_without_a_zone_that_is_ahead_keeps_its_place_before_a_later_one()
    {
        await using var scene = await IntakeScene.StartAsync(); // at 08:00
        var second = await SendAsync(scene, Result("2", "202603021001", "F"));
        var first = await SendAsync(scene, Result("1", "202603021000", "F"));
        AssertReplaced(scene, first, second);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_move_by_a_clock_that_is_ahead_takes_no_later_record_back(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var before = await SendAsync(scene, Adt("1", "A01", "WRONG", Visit));
        await PatientAsync(scene, "2", "RIGHT");
        var move = Encoding.UTF8.GetString(Adt("3", "A45", "RIGHT", "MRG|WRONG^^^NORTH^MR||||V1^^^NORTH")).Replace("202603010800", "20620301080000", StringComparison.Ordinal);
        await SendAsync(scene, Encoding.UTF8.GetBytes(move));
        scene.Node.Clock.Now += TimeSpan.FromDays(1);
        await SendAsync(scene, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Adt("4", "A02", "WRONG", Visit)).Replace("202603010800", "20260303080000", StringComparison.Ordinal)));
        Assert.Equal(before.RecordId, Assert.Single(scene.Ledger.Superseded).Key.RecordId);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_move_to_the_day_takes_back_what_came_before_it_on_that_day(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        var before = await SendAsync(scene, Adt("1", "A01", "WRONG", Visit, "0700"));
        await PatientAsync(scene, "2", "RIGHT");
        await SendAsync(scene, Adt("3", "A45", "RIGHT", "MRG|WRONG^^^NORTH^MR||||V1^^^NORTH", ""));
        await SendAsync(scene, Adt("4", "A02", "WRONG", Visit, "1100")); // may have been sent after it, and came after it
        Assert.Equal(before.RecordId, Assert.Single(scene.Ledger.Superseded).Key.RecordId);
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task A_record_that_waited_between_two_moves_of_its_visit_is_taken_back_by_either(DatabaseProvider database, (string First, string Second) moves)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await PatientAsync(scene, "1", "RIGHT");
        await PatientAsync(scene, "2", "WRONG");
        await SendAsync(scene, Adt("3", "A45", "RIGHT", "MRG|WRONG^^^NORTH^MR||||V1^^^NORTH", moves.First));
        var waiting = (await scene.ReceiveAsync(Adt("4", "A01", "WRONG", Visit, "0900"))).Id;
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        await scene.Table.PostponeAsync([await scene.FindAsync(waiting)], "peer.unavailable", scene.Node.Clock.Now.AddMinutes(1), default);
        await SendAsync(scene, Adt("5", "A45", "RIGHT", "MRG|WRONG^^^NORTH^MR||||V1^^^NORTH", moves.Second));
        Assert.Empty(scene.Ledger.Superseded);
        scene.Node.Clock.Now += TimeSpan.FromMinutes(2);
        await scene.DrainAsync();
        var record = await scene.FindAsync(waiting);
        Assert.Equal("registered", record.State);
        Assert.Equal((record.RecordId, Relation.Withdraws), (Assert.Single(scene.Ledger.Superseded).Key.RecordId, scene.Ledger.Superseded.Values.Single().Relation));
    }

    [Theory]
    [InlineData("20260301", "2026-03-01T00:00:00.000Z", "2026-03-01T23:59:59.999Z")]
    [InlineData("2024", "2024-01-01T00:00:00.000Z", "2024-12-31T23:59:59.999Z")]
    [InlineData("202602", "2026-02-01T00:00:00.000Z", "2026-02-28T23:59:59.999Z")]
    [InlineData("20260301101112", "2026-03-01T10:11:12.000Z", "2026-03-01T10:11:12.999Z")]
    [InlineData("20260301101112.345", "2026-03-01T10:11:12.345Z", "2026-03-01T10:11:12.345Z")]
    [InlineData("20260302", "2026-03-02T00:00:00.000Z", "2026-03-02T08:00:00.000Z")] // not after it was here
    [InlineData("20260302080400+0000", "2026-03-02T08:04:00.000Z", "2026-03-02T08:04:00.999Z")] // clocks differ a little
    [InlineData("20260302080501+0000", "2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z")]
    [InlineData("202603020900+0100", "2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z")]
    [InlineData("202603021000", "2026-03-02T10:00:00.000Z", "2026-03-02T10:00:59.999Z")] // another zone than the one that is set
    [InlineData("20260302220500", "2026-03-02T22:05:00.000Z", "2026-03-02T22:05:00.999Z")]
    [InlineData("20260302220501", "2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z")] // in no zone
    [InlineData("9999", "2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z")]
    [InlineData("", "2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z")]
    public void A_time_is_all_that_it_may_mean(string stated, string earliest, string latest)
    {
        var sent = SentTime.Of(Hl7Timestamp.TryParse(Encoding.ASCII.GetBytes(stated), out var time) ? time : null, TimeZoneInfo.Utc, new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
        Assert.Equal((earliest, latest), (Text(sent.Earliest), Text(sent.Latest)));

        static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("20261025015959", "2026-10-24T23:59:59.000Z", "2026-10-24T23:59:59.999Z")]
    [InlineData("20261025020500", "2026-10-25T00:05:00.000Z", "2026-10-25T01:05:00.999Z")] // the clock shows it twice
    [InlineData("2026102502", "2026-10-25T00:00:00.000Z", "2026-10-25T01:59:59.999Z")]
    [InlineData("20261025020500+0200", "2026-10-25T00:05:00.000Z", "2026-10-25T00:05:00.999Z")]
    [InlineData("20261025020500+0100", "2026-10-25T01:05:00.000Z", "2026-10-25T01:05:00.999Z")]
    [InlineData("20261025030000", "2026-10-25T02:00:00.000Z", "2026-10-25T02:00:00.999Z")]
    [InlineData("20261025", "2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.999Z")]
    [InlineData("20260329023000", "2026-03-29T01:30:00.000Z", "2026-03-29T01:30:00.999Z")] // the clock never shows it
    public void In_the_hour_that_daylight_saving_repeats_a_time_without_a_zone_may_mean_either(string stated, string earliest, string latest)
    {
        Assert.True(Hl7Timestamp.TryParse(Encoding.ASCII.GetBytes(stated), out var time));
        var sent = SentTime.Of(time, Berlin, new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal((DateTimeOffset.Parse(earliest, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.Parse(latest, System.Globalization.CultureInfo.InvariantCulture)), (sent.Earliest, sent.Latest));
    }

    [Fact]
    public async Task An_update_of_the_repeated_hour_s_second_pass_replaces_a_result_of_its_first()
    {
        await using var scene = await IntakeScene.StartAsync();
        scene.Zone = Berlin;
        await scene.RestartAsync();
        scene.Node.Clock.Now = new(2026, 10, 25, 0, 59, 10, TimeSpan.Zero);
        var result = await SendAsync(scene, Result("1", "20261025025900", "F"));
        scene.Node.Clock.Now = new(2026, 10, 25, 1, 5, 10, TimeSpan.Zero);
        var update = await SendAsync(scene, Result("2", "20261025020500", "F"));
        AssertReplaced(scene, result, update);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_record_that_still_stands_is_compared_however_many_others_were_replaced_since(DatabaseProvider database)
    {
        await using var scene = await IntakeScene.StartAsync(database);
        await SendAsync(scene, OrderSet(0, 64));
        for (var version = 1; version <= 8; version++)
            await SendAsync(scene, OrderSet(version, 63)); // none of them says all of the first
        Assert.Equal(7, Replaced());
        await SendAsync(scene, OrderSet(9, 64));
        Assert.Equal(9, Replaced());

        int Replaced() => scene.Ledger.Superseded.Values.Where(one => one.Relation is Relation.Replaces).Select(one => one.RecordId).Distinct().Count();
    }

    [PostgresFact]
    public async Task A_visits_move_and_a_record_of_it_that_are_noted_at_the_same_time_see_each_other()
    {
        foreach (var moveFirst in (bool[])[true, false])
        {
            await using var scene = await IntakeScene.StartAsync(DatabaseProvider.Postgresql);
            var at = new SentTime(scene.Node.Clock.Now, scene.Node.Clock.Now);
            (IntakeMessage, LineageFacts) record = (new IntakeMessage { Sequence = 1, RecordId = "rc-1", PatientId = "pt-wrong" },
                new LineageFacts(at, [VisitLineage.Of("V1")]));
            (IntakeMessage, LineageFacts) move = (new IntakeMessage { Sequence = 2, RecordId = "rc-2", PatientId = "pt-right" },
                new LineageFacts(at, [], new MovedVisit("V1", "pt-wrong")));
            var (noted, go) = (new TaskCompletionSource(), new TaskCompletionSource());
            var first = scene.Node.Database.WriteAsync(async transaction =>
            {
                await scene.Lineage.AddAsync(transaction, [moveFirst ? move : record], default);
                noted.SetResult();
                await go.Task;
            }, default);
            await noted.Task;
            var second = scene.Node.Database.WriteAsync(async transaction => { await scene.Lineage.AddAsync(transaction, [moveFirst ? record : move], default); }, default);
            while (!second.IsCompleted && await scene.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'moved_visit'::regclass") == 0)
                await Task.Delay(10);
            go.SetResult();
            await Task.WhenAll(first, second);
            Assert.Equal("rc-1", await scene.ScalarAsync<string>("SELECT record_id FROM record_supersession WHERE relation = 'Withdraws'"));
        }
    }

    // Summer time from the last Sunday of March, 02:00, to the last one of October, 03:00.
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone("berlin", TimeSpan.FromHours(1), "berlin", "winter", "summer",
    [
        TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
    ]);

    private const string Visit = "PV1|1|I|||||||||||||||||V1^^^NORTH";

    private static void AssertReplaced(IntakeScene scene, IntakeMessage earlier, IntakeMessage later)
    {
        var said = Assert.Single(scene.Ledger.Superseded.Values);
        Assert.Equal((Relation.Replaces, earlier.RecordId, later.RecordId), (said.Relation, said.RecordId, said.By));
    }

    private static byte[] Result(string controlId, string time, string status) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||{time}||ORU^R01|{controlId}|P|2.5\rPID|1||4711^^^NORTH^MR\rOBR|1|P1|F1|GLU|||202603010730\rOBX|1|NM|2345-7^Glucose^LN||182||||||{status}\r");

    private static byte[] Orders(string controlId, string time, params (string Order, string Status)[] orders) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||{time}||ORU^R01|{controlId}|P|2.5\rPID|1||4711^^^NORTH^MR\r"
        + string.Concat(orders.Select(order => $"OBR|1|P{order.Order}|{order.Order}|GLU|||202603010730\rOBX|1|NM|2345-7^Glucose^LN||182||||||{order.Status}\r")));

    private static byte[] OrderSet(int version, int orders) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||2026030108{version:00}||ORU^R01|v{version}|P|2.5\rPID|1||4711^^^NORTH^MR\r"
        + string.Concat(Enumerable.Range(0, orders).Select(order => $"OBR|1||F{order}|GLU|||202603010730\rOBX|1|NM|2345-7^Glucose^LN||{version}||||||F\r")));
}
