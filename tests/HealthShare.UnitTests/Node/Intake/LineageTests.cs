using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Lineage;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Which records later messages replace, amend and cancel, in whatever order they come.</summary>
public sealed class LineageTests
{
    private const string Glucose = "OBX|1|NM|2345-7^Glucose^LN||182||||||", Sodium = "OBX|2|NM|2951-2^Sodium^LN||140||||||";

    private static IReadOnlyList<(string Earlier, string Later, string Relation)> Pairs { get; } =
    [
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}C"), "replaces"),
        (Result("1", "0800", $"{Glucose}P"), Result("2", "0900", $"{Glucose}F\r{Sodium}F"), "replaces"),
        (Result("1", "0800", $"{Glucose}F\r{Sodium}F"), Result("2", "0900", $"{Glucose}C"), "amends"),
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}D"), "cancels"),
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}W"), "cancels"),
        (Result("1", "0800", $"{Glucose}F\r{Sodium}F"), Result("2", "0900", $"{Glucose}D\r{Sodium}F"), "replaces"),
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", "", status: "X"), "cancels"),
        (Result("1", "0800", $"{Glucose}F|||20260301080000"), Result("2", "0900", $"{Glucose}F|||20260301090000"), "amends"),
        (Result("1", "0800", $"{Glucose}P"), Result("2", "0800", $"{Glucose}F"), "replaces"),
        (Message("1", "0800", "MDM^T02", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All well."), Message("2", "0900", "MDM^T08", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All is well."), "replaces"),
        (Message("1", "0800", "MDM^T02", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All well."), Message("2", "0900", "MDM^T10", "TXA|1|DS||||||||||D2^N|D1^N", "OBX|1|TX|L||Not so."), "replaces"),
        (Message("1", "0800", "MDM^T02", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All well."), Message("2", "0900", "MDM^T06", "TXA|1|DS||||||||||D2^N|D1^N", "OBX|1|TX|L||And so on."), "amends"),
        (Message("1", "0800", "MDM^T02", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All well."), Message("2", "0900", "MDM^T09", "TXA|1|DS||||||||||D2^N|D1^N"), "amends"),
        (Message("1", "0800", "MDM^T02", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All well."), Message("2", "0900", "MDM^T03", "TXA|1|DS||||||||||D1^N"), "amends"),
        (Message("1", "0800", "MDM^T02", "TXA|1|DS||||||||||D1^N", "OBX|1|TX|L||All well."), Message("2", "0900", "MDM^T11", "TXA|1|DS||||||||||D1^N"), "cancels"),
        (Message("1", "0800", "ADT^A01", Visit), Message("2", "0900", "ADT^A11", Visit), "cancels"),
        (Message("1", "0800", "ADT^A02", Visit), Message("2", "0900", "ADT^A12", Visit), "cancels"),
        (Message("1", "0800", "ADT^A03", Visit), Message("2", "0900", "ADT^A13", Visit), "cancels"),
        (Message("1", "0800", "ORM^O01", "ORC|NW|P1|F1", "OBR|1|P1|F1|GLU"), Message("2", "0900", "ORM^O01", "ORC|CA|P1|F1", "OBR|1|P1|F1|GLU"), "cancels"),
        (Message("1", "0800", "ORM^O01", "ORC|NW|P1", "OBR|1|P1||GLU"), Message("2", "0900", "ORM^O01", "ORC|XO|P1", "OBR|1|P1||GLU"), "replaces"),
        (Message("1", "0800", "SIU^S12", "SCH|7|8"), Message("2", "0900", "SIU^S15", "SCH|7|8"), "cancels"),
        (Message("1", "0800", "SIU^S12", "SCH|7|8"), Message("2", "0900", "SIU^S13", "SCH|7|8"), "replaces"),
        (Message("1", "0800", "VXU^V04", "ORC|RE||V1", "RXA|0|1|20260301||08^HepB^CVX"), Message("2", "0900", "VXU^V04", "ORC|RE||V1", "RXA|0|1|20260301||08^HepB^CVX||||||||||||||||D"), "cancels"),
    ];

    private const string Visit = "PV1|1|I|||||||||||||||||V1^^^NORTH";

    [Fact]
    public async Task What_a_result_costs_does_not_grow_with_the_records_of_its_visit()
    {
        var (few, many) = (await CostAsync(50), await CostAsync(2000));
        Assert.True(many < 2 * few, $"{few} {many}");

        static async Task<long> CostAsync(int records)
        {
            await using var scene = await IntakeScene.StartAsync();
            var first = (await scene.ReceiveAsync(OfVisit("0"))).Id;
            await scene.DrainAsync();
            var patient = (await scene.FindAsync(first)).PatientId;
            // As so many results of the visit leave it: each with an order of its own.
            await scene.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync($"""
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {records})
                INSERT INTO record_lineage (series, record_id, belongs, patient_id, sent_at, sent_until, status_rank, corrects, arrived, action, parts)
                SELECT CASE WHEN action = 'None' THEN series ELSE CAST('order ' || n AS BLOB) END, 'rc-' || n, belongs, '{patient}', sent_at, sent_until, status_rank, corrects, n, action, parts
                FROM record_lineage, number
                """, transaction: transaction), default);
            await scene.ReceiveAsync(OfVisit("1"));
            await scene.Parse.RunOnceAsync(default);
            await scene.Store.RunOnceAsync(default);
            var steps = 0L;
            scene.Database.OnUse = connection => raw.sqlite3_progress_handler(((SqliteConnection)connection).Handle, 20, _ => { steps += 20; return 0; }, null);
            await scene.Register.RunOnceAsync(default);
            Assert.Equal(2, scene.Ledger.Records.Count);
            return steps;
        }

        static byte[] OfVisit(string number) => Encoding.UTF8.GetBytes(
            $"MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|{number}|P|2.5\rPID|1||4711^^^NORTH^MR\r{Visit}\rOBR|1||F{number}|2345-7^Glucose^LN\r{Glucose}F\r");
    }

    [Theory]
    [InlineData("ORU^R01", "OBR|1||F{0}|GLU\r")]
    [InlineData("ORM^O01", "ORC|NW||F{0}\r")]
    [InlineData("VXU^V04", "ORC|RE||F{0}\rRXA|0|1|20260301||08\r")]
    public void Of_a_message_with_any_number_of_orders_no_more_is_kept_than_counts(string type, string order)
    {
        var orders = string.Concat(Enumerable.Range(0, 50_000).Select(i => order.Replace("{0}", $"{i}", StringComparison.Ordinal)));
        var message = Er7Message.Parse(Encoding.UTF8.GetBytes($"MSH|^~\\&|LAB|NORTH|||20260301||{type}|1|P|2.5\rPID|1||4711^^^NORTH^MR\r{orders}"));
        var sent = new SentTime(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        Assert.Null(LineageReader.Read(message, sent, AuthorityNames.None));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(LineageReader.Read(message, sent, AuthorityNames.None));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public void Observations_of_an_order_that_stands_in_a_message_several_times_count_together()
    {
        var sent = new SentTime(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        var (few, many) = (Read(2, 128), Read(2, 129));
        Assert.Equal(256, Assert.Single(few.Items).Parts!.Count);
        Assert.Null(Assert.Single(many.Items).Parts);
        Assert.Null(Assert.Single(Read(3, 129).Items).Parts);

        LineageFacts Read(int orders, int observations) => LineageReader.Read(Er7Message.Parse(Encoding.UTF8.GetBytes(
            "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rPID|1||4711^^^NORTH^MR\r" + string.Concat(Enumerable.Range(0, orders).Select(i =>
                "OBR|1||F1|GLU\r" + string.Concat(Enumerable.Range(0, observations).Select(j => $"OBX|1|NM|{i}-{j}||1||||||F\r")))))), sent, AuthorityNames.None)!;
    }

    [Fact]
    public async Task A_later_message_tells_what_became_of_an_earlier_one_whichever_comes_first()
    {
        await using var scene = await IntakeScene.StartAsync();
        var expected = new List<(string, string, string?)>();
        var person = 1000;
        foreach (var (earlier, later, relation) in Pairs)
        {
            foreach (var isTurned in (bool[])[false, true])
            {
                var (one, other) = (About(++person, earlier), About(person, later));
                await SendAsync(scene, isTurned ? other : one);
                if (person % 4 > 1) // some of them in one batch, some in two
                    await scene.DrainAsync();
                await SendAsync(scene, isTurned ? one : other);
                expected.Add((relation, await RecordOfAsync(scene, one), await RecordOfAsync(scene, other)));
            }
        }
        await scene.DrainAsync();
        Assert.Equal(expected.Order(), scene.Ledger.Superseded.Values.Select(one => (one.Relation.ToString().ToLowerInvariant(), one.RecordId, one.By)).Order());
    }

    private static IReadOnlyList<(string One, string Other)> Strangers { get; } =
    [
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}F", filler: "F2")),
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}C", patient: "4712")),
        (Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}C", service: "HBA1C")),
        (Result("1", "0800", $"{Glucose}F", filler: ""), Result("2", "0900", $"{Glucose}C", filler: "")),
        (Result("1", "0800", $"{Glucose}F", filler: "\"\""), Result("2", "0900", $"{Glucose}C", filler: "\"\"")),
        (Message("1", "0800", "ORM^O01", "ORC|NW|P1|F1", "OBR|1|P1|F1|GLU"), Result("2", "0900", $"{Glucose}F")),
        (Message("1", "0800", "ADT^A01", Visit), Message("2", "0900", "ADT^A12", Visit)),
        (Message("1", "0800", "ADT^A01", Visit), Message("2", "0900", "ADT^A08", Visit)),
        (Message("1", "0900", "ADT^A01", Visit), Message("2", "0800", "ADT^A11", Visit)),
        (Message("1", "0800", "ADT^A01", Visit), Message("2", "0900", "ADT^A11", "PV1|1|I|||||||||||||||||V2^^^NORTH")),
        (Message("1", "0800", "ADT^A01", "PV1|1|I"), Message("2", "0900", "ADT^A11", "PV1|1|I")),
    ];

    [Fact]
    public async Task Messages_that_speak_of_different_things_leave_each_other_alone()
    {
        await using var scene = await IntakeScene.StartAsync();
        var person = 1000;
        foreach (var (one, other) in Strangers)
        {
            await SendAsync(scene, About(++person, one));
            await SendAsync(scene, About(person, other));
        }
        await scene.DrainAsync();
        Assert.Equal(2 * Strangers.Count, scene.Ledger.Records.Count);
        Assert.Empty(scene.Ledger.Superseded);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_order_of_three_versions_leaves_the_last_one_standing(DatabaseProvider database)
    {
        string[] versions = [Result("1", "0800", $"{Glucose}P"), Result("2", "0900", $"{Glucose}F"), Result("3", "1000", $"{Glucose}C")];
        foreach (var order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
        {
            await using var scene = await IntakeScene.StartAsync(database);
            foreach (var at in order)
            {
                await SendAsync(scene, versions[at]);
                await SendAsync(scene, versions[at]); // once more
                await scene.DrainAsync();
            }
            var ended = scene.Ledger.Superseded.Values.Where(one => one.Relation is Relation.Replaces).Select(one => one.RecordId).ToHashSet();
            Assert.Equal(new HashSet<string> { await RecordOfAsync(scene, versions[0]), await RecordOfAsync(scene, versions[1]) }, ended);
        }
    }

    [Fact]
    public async Task A_batch_that_brings_all_versions_at_once_supersedes_in_their_order()
    {
        await using var scene = await IntakeScene.StartAsync();
        string[] versions = [Result("1", "0800", $"{Glucose}F"), Result("2", "0800", $"{Glucose}F", service: "GLU"), Result("3", "0800", $"{Glucose}F")];
        foreach (var version in versions)
            await SendAsync(scene, version);
        await scene.DrainAsync();
        // All the same time and status: what came last holds.
        var last = await RecordOfAsync(scene, versions[2]);
        Assert.DoesNotContain(scene.Ledger.Superseded.Values, one => one.RecordId == last);
        Assert.Equal(2, scene.Ledger.Superseded.Values.Select(one => one.RecordId).Distinct().Count());
    }

    [Fact]
    public async Task A_message_with_countless_observations_never_passes_for_one_that_says_all_of_another()
    {
        await using var scene = await IntakeScene.StartAsync();
        var many = string.Join('\r', Enumerable.Range(0, 5000).Select(i => $"OBX|{i}|NM|{i}^x^L||1||||||F"));
        await SendAsync(scene, Result("1", "0800", many));
        await SendAsync(scene, Result("2", "0900", many));
        await scene.DrainAsync();
        Assert.Equal(Relation.Amends, Assert.Single(scene.Ledger.Superseded.Values).Relation);
    }

    [Fact]
    public async Task A_ledger_that_is_away_or_refuses_one_holds_up_no_other()
    {
        await using var scene = await IntakeScene.StartAsync();
        foreach (var order in (string[])["A", "B", "C"])
        {
            await SendAsync(scene, Result($"{order}1", "0800", $"{Glucose}F", filler: order));
            await SendAsync(scene, Result($"{order}2", "0900", $"{Glucose}C", filler: order));
        }
        await scene.Parse.RunOnceAsync(default);
        await scene.Store.RunOnceAsync(default);
        await scene.Register.RunOnceAsync(default);
        scene.Ledger.IsAway = true;
        await scene.Supersede.RunOnceAsync(default);
        Assert.Equal(3, await scene.ScalarAsync<long>("SELECT count(*) FROM record_supersession WHERE state = 'open'"));
        scene.Ledger.IsAway = false;
        scene.Ledger.Refusals[await RecordOfAsync(scene, Result("B1", "0800", $"{Glucose}F", filler: "B"))] = "record.relation_taken";
        await scene.RestartAsync();
        scene.Node.Clock.Now += TimeSpan.FromHours(1);
        await scene.DrainAsync();
        Assert.Equal(2, scene.Ledger.Superseded.Count);
        Assert.Equal("record.relation_taken", await scene.ScalarAsync<string>("SELECT code FROM record_supersession WHERE state = 'refused'"));
        Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_history WHERE step = 'supersessionRefused'"));
        Assert.Equal(2, await scene.ScalarAsync<long>("SELECT count(*) FROM intake_history WHERE step = 'superseded'"));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task A_crash_at_any_commit_says_each_supersession_once_in_the_end(DatabaseProvider database)
    {
        string[] messages = [Result("1", "0800", $"{Glucose}F"), Result("2", "0900", $"{Glucose}C")];
        // Each takes a database of its own, which PostgreSQL is slow to make: there some of the points.
        var step = database is DatabaseProvider.Postgresql ? 4 : 1;
        for (var point = 1; ; point += step)
        {
            await using var scene = await IntakeScene.StartAsync(database);
            scene.Crashes.At = point;
            try
            {
                foreach (var message in messages)
                    await SendAsync(scene, message);
                await scene.DrainAsync();
            }
            catch (SimulatedCrashException)
            {
                // As a process that is gone.
            }
            var crashed = scene.Crashes.HasCrashed;
            scene.Crashes.Clear();
            await scene.RestartAsync();
            foreach (var message in messages)
                await SendAsync(scene, message);
            await scene.DrainAsync();
            Assert.Equal(2, scene.Ledger.Records.Count);
            Assert.Equal(Relation.Replaces, Assert.Single(scene.Ledger.Superseded.Values).Relation);
            Assert.Equal(1, await scene.ScalarAsync<long>("SELECT count(*) FROM record_supersession WHERE state = 'done'"));
            if (!crashed)
            {
                Assert.True(point > 10);
                return;
            }
        }
    }

    public static TheoryData<DatabaseProvider> Databases => KeyedNode.Providers;

    private static string About(int person, string message) => message.Replace("||4711^", $"||{person}^", StringComparison.Ordinal)
        .Replace("||4712^", $"||{person}000^", StringComparison.Ordinal);

    private static Task<HealthShare.Node.Intake.Journal.Appended> SendAsync(IntakeScene scene, string message) => scene.ReceiveAsync(Encoding.UTF8.GetBytes(message));

    private static async Task<string> RecordOfAsync(IntakeScene scene, string message) =>
        (await scene.FindAsync((await scene.ReceiveAsync(Encoding.UTF8.GetBytes(message))).Id)).RecordId!;

    private static string Result(
        string controlId, string time, string observations, string filler = "F1", string service = "GLU", string status = "", string patient = "4711") => Message(
        controlId, time, "ORU^R01", patient, $"OBR|1|P1|{filler}|{service}|||202603010730||||||||||||||||||{status}{(observations.Length > 0 ? "\r" : "")}{observations}".Replace(
            filler is "" or "\"\"" ? "|P1|" : "\0", "||", StringComparison.Ordinal), 5);

    private static string Message(string controlId, string time, string type, string segment, string next = "") =>
        Message(controlId, time, type, "4711", next.Length == 0 ? segment : $"{segment}\r{next}", 5);

    private static string Message(string controlId, string time, string type, string patient, string segments, int version) =>
        $"MSH|^~\\&|LAB|NORTH|||20260301{time}||{type}|{controlId}|P|2.{version}\rPID|1||{patient}^^^NORTH^MR\r{segments}\r";
}
