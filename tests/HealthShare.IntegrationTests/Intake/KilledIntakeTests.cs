using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Hl7.Mllp;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Intake;

/// <summary>
/// One node is killed at every change of a message's state and around every call of the ledger, each time with a frame that has come only
/// in part. Every acknowledged message is registered once, and none twice; the documents in one with it, and none apart from it.
/// </summary>
public sealed class KilledIntakeTests : IAsyncLifetime
{
    private const int MessagesPerRun = 6, Documents = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-killed-intake-");
    private readonly List<byte[]> acknowledged = [];
    private readonly ChannelUnderTest channel = new(); // a node of its own founds it
    private TestDatabase database = null!;

    /// <summary>The databases at hand, each with its points: those of the ledger are the same on both.</summary>
    public static TheoryData<DatabaseProvider> Databases => PostgresFactAttribute.ConnectionString is null
        ? [DatabaseProvider.Sqlite]
        : [DatabaseProvider.Sqlite, DatabaseProvider.Postgresql];

    public Task InitializeAsync() => channel.InitializeAsync();

    public async Task DisposeAsync()
    {
        await channel.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
        state.Delete(recursive: true);
    }

    [DevLedgerTheory("founds a channel of its own")]
    [MemberData(nameof(Databases))]
    public async Task Killed_at_every_state_and_inside_of_frames_each_acknowledged_message_is_registered_once(DatabaseProvider provider)
    {
        database = await TestDatabase.CreateAsync(provider, migrate: false);
        var points = provider is DatabaseProvider.Postgresql ? KillPoints.AtCommits : KillPoints.All;
        await using (var founder = await ServingAsync(""))
            await founder!.FoundAsync(channel);

        var (pending, sent, silent) = (new Queue<byte[]>(), 0, 0);
        for (var run = 0; run < points.Length; run++)
        {
            await using var node = await ServingAsync(points[run]);
            if (node is null)
            {
                silent++;
                continue; // it came to its point with what an earlier one had left, before it let senders in
            }
            for (var i = 0; i < MessagesPerRun; i++)
                pending.Enqueue(i == 2 ? Merge($"{run}-{i}", $"{run}", $"{run}p") : i == 3 ? Report($"{run}-{i}", $"{run}") : Message($"{run}-{i}", i == 0 ? "old" : i == 1 ? $"{run}p" : $"{run}"));
            sent += MessagesPerRun + 1;
            var cut = Message($"{run}-cut", $"{run}");
            pending.Enqueue(cut); // sent whole in the next run, and not before
            using var partial = await SendPartAsync(node, cut, run);
            await SendAsync(node, pending, until: pending.Count - 1);
            await node.WaitUntilKilledAsync(Patience);
        }
        await using var last = await ServingAsync("");
        await SendAsync(last!, pending, until: pending.Count);
        Assert.Empty(pending);

        var expected = acknowledged.Count;
        Assert.Equal(sent, expected);
        Assert.True(sent >= 3 * MessagesPerRun, "Most nodes were killed before they served.");
        var messages = await last!.RegisteredAsync(expected, Patience);
        Assert.Equal(expected, messages.Select(message => message["recordId"]!.GetValue<string>()).Distinct().Count());
        // What the ledger has is exactly that.
        var records = new List<NewRecord>();
        foreach (var patient in messages.Select(message => message["patientId"]!.GetValue<string>()).Distinct())
            records.AddRange(await RecordsAsync(patient));
        Assert.Equal(messages.Select(message => message["recordId"]!.GetValue<string>()).Order(),
            records.Where(record => record.PartOf is null).Select(record => record.RecordId).Order());
        var parts = records.Where(record => record.PartOf is not null).ToLookup(record => record.PartOf);
        Assert.Equal(points.Length - silent, parts.Count);
        Assert.All(parts, ofOne => Assert.Equal(Documents, ofOne.Count()));
    }

    private Task<IntakeNode?> ServingAsync(string point) => IntakeNode.StartAsync(state.FullName, channel.ConnectionPath, database, point);

    // A sender sends again what was not acknowledged, in its order, and what was it never sends again.
    private async Task SendAsync(IntakeNode node, Queue<byte[]> pending, int until)
    {
        try
        {
            await using var sender = await MllpClient.ConnectAsync("127.0.0.1", node.MllpPort, TimeSpan.FromMinutes(2));
            for (; until > 0; until--)
            {
                var answer = await sender.SendAsync(pending.Peek());
                Assert.True(answer.IsPositive, $"answered {answer.Code}");
                acknowledged.Add(pending.Dequeue());
            }
        }
        catch (Exception e) when (e is MllpException or SocketException or IOException)
        {
            // Killed.
        }
    }

    // The first bytes of a frame: none, one, all but one or two, and some in between; never the whole. What an earlier node left may
    // bring this one to its point right after it has said that it serves, and then nobody listens any more.
    private static async Task<TcpClient> SendPartAsync(IntakeNode node, byte[] message, int run)
    {
        var frame = MllpFraming.Wrap(message);
        int[] lengths = [0, 1, 2, 4, 9, frame.Length / 4, frame.Length / 2, frame.Length - 40, frame.Length - 5, frame.Length - 4, frame.Length - 3, frame.Length - 2];
        var connection = new TcpClient { NoDelay = true };
        try
        {
            await connection.ConnectAsync("127.0.0.1", node.MllpPort);
            await connection.GetStream().WriteAsync(frame.AsMemory(0, lengths[run % lengths.Length]));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Killed.
        }
        return connection;
    }

    private async Task<IEnumerable<NewRecord>> RecordsAsync(string patientId)
    {
        var answer = await channel.As("NorthMSP").EvaluateAsync(
            new TransactionRequest(ContractCatalog.ChaincodeName, LedgerTransactions.ListRecords, patientId), CancellationToken.None);
        return JsonSerializer.Deserialize(answer.Span, LedgerJson.Default.RecordList)!.Records.Select(entry => entry.Record);
    }

    private static byte[] Message(string controlId, string patient) => Encoding.UTF8.GetBytes(string.Join('\r',
        $"MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ORU^R01^ORU_R01|{controlId}|P|2.5.1",
        $"PID|1||{patient}^^^NORTH^MR||Test^Kill||19700101|F",
        $"OBR|1||{(patient == "old" ? "F1^LAB" : "")}|2345-7^Glucose^LN|||20260301083000+0100||||||||||||||||||F",
        $"OBX|1|NM|2345-7^Glucose^LN||{controlId.Length}|mg/dL|70-99||||F", ""));

    private static byte[] Report(string controlId, string patient)
    {
        var document = Convert.ToBase64String(Encoding.ASCII.GetBytes($"%PDF-1.7 {new string('x', 50_000)}"));
        return [.. Message(controlId, patient), .. Encoding.UTF8.GetBytes(string.Concat(
            Enumerable.Range(0, Documents).Select(i => $"OBX|{i + 2}|ED|18842-5^Report^LN||^application^pdf^Base64^{document}||||||F\r")))];
    }

    private static byte[] Merge(string controlId, string patient, string prior) => Encoding.UTF8.GetBytes(string.Join('\r',
        $"MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ADT^A40^ADT_A39|{controlId}|P|2.5.1",
        $"PID|1||{patient}^^^NORTH^MR||Test^Kill||19700101|F", $"MRG|{prior}^^^NORTH^MR", ""));
}
