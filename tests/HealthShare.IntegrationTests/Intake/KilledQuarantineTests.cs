using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using HealthShare.Hl7.Mllp;
using HealthShare.IntegrationTests.Support;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.IntegrationTests.Intake;

/// <summary>
/// A node is killed right before and right after a message's way into quarantine, its replay and its discard. What was answered stays so, what was not is done
/// once when it is asked for again, and a message that was let go leaves nothing behind.
/// </summary>
public sealed class KilledQuarantineTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-killed-quarantine-");
    private readonly ChannelUnderTest channel = new(); // the first node founds it
    private TestDatabase database = null!;

    private static readonly byte[] First = Message("q-1", "", "DSC|K1|F\r");
    private static readonly byte[] Last = Message("q-2", "K1", "");

    public Task InitializeAsync() => channel.InitializeAsync();

    public async Task DisposeAsync()
    {
        await channel.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
        state.Delete(recursive: true);
    }

    [DevLedgerFact("founds a channel of its own")]
    public async Task Killed_around_quarantine_replay_and_discard_nothing_is_lost_doubled_or_half_done()
    {
        database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite, migrate: false);
        await using (var node = await StartAsync("before:quarantined"))
        {
            await node.FoundAsync(channel);
            Assert.Null(await SendAsync(node, First));
            await node.WaitUntilKilledAsync(Patience);
        }
        await using (var node = await StartAsync("after:quarantined"))
        {
            Assert.Empty(await node.MessagesAsync(default)); // its sender was not answered, and sends it again
            Assert.Null(await SendAsync(node, First));
            await node.WaitUntilKilledAsync(Patience);
        }
        string first, last;
        await using (var node = await StartAsync("before:replayed"))
        {
            Assert.Equal("AR", await SendAsync(node, First)); // as the first time, which is on the disk
            Assert.Equal("AR", await SendAsync(node, Last)); // that it is a rest is known by the other, whose answer never came
            var messages = await node.MessagesAsync(default);
            Assert.Equal(["quarantined", "quarantined"], messages.Select(StateOf));
            (last, first) = (IdOf(messages[0]), IdOf(messages[1]));
            await KilledAtDeskAsync(node, last, "replay");
        }
        await using (var node = await StartAsync("after:replayed"))
        {
            Assert.Equal(["quarantined", "quarantined"], (await node.MessagesAsync(default)).Select(StateOf));
            await KilledAtDeskAsync(node, last, "replay");
        }
        await using (var node = await StartAsync("before:discarded"))
        {
            await WaitAsync(node, last, "registered"); // the replay was on the disk, though nobody was told
            await KilledAtDeskAsync(node, first, "discard");
        }
        await using (var node = await StartAsync("after:discarded"))
        {
            await WaitAsync(node, first, "quarantined");
            Assert.Equal(1, await ScalarAsync("SELECT count(*) FROM intake_payload")); // whole, as before
            await KilledAtDeskAsync(node, first, "discard");
        }
        await using (var node = await StartAsync(""))
        {
            Assert.Equal(["registered", "discarded"], (await node.MessagesAsync(default)).Select(StateOf));
            using var refused = await node.AtDeskAsync(first, "discard");
            Assert.Equal(409, (int)refused.StatusCode);
            Assert.Equal("AA", await SendAsync(node, Last)); // known, and of no second effect
            Assert.Equal(2, (await node.MessagesAsync(default)).Count);
        }
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM intake_payload"));
        foreach (var (id, step) in new[] { (first, "discarded"), (last, "replayed"), (last, "registered") })
            Assert.Equal(1, await ScalarAsync($"SELECT count(*) FROM intake_step WHERE step = '{step}' AND message = (SELECT sequence FROM intake_message WHERE id = '{id}')"));
        Assert.Equal(1, await ScalarAsync("SELECT count(*) FROM sealed_record"));
    }

    private async Task<IntakeNode> StartAsync(string point) => await IntakeNode.StartAsync(state.FullName, channel.ConnectionPath, database, point)
        ?? throw new InvalidOperationException("The node came to its point before anybody asked it for anything.");

    // The answer's code; null where the node was killed before it.
    private static async Task<string?> SendAsync(IntakeNode node, byte[] message)
    {
        try
        {
            await using var sender = await MllpClient.ConnectAsync("127.0.0.1", node.MllpPort, TimeSpan.FromMinutes(2));
            return (await sender.SendAsync(message)).Code;
        }
        catch (Exception e) when (e is MllpException or SocketException or IOException)
        {
            return null;
        }
    }

    private static async Task KilledAtDeskAsync(IntakeNode node, string id, string order)
    {
        await Unanswered.SendAsync(async () => (await node.AtDeskAsync(id, order)).Dispose());
        await node.WaitUntilKilledAsync(Patience);
    }

    private static async Task WaitAsync(IntakeNode node, string id, string state)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!(await node.MessagesAsync(limit.Token)).Any(message => IdOf(message) == id && StateOf(message) == state))
            await Task.Delay(50, limit.Token);
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = await database.Instance.OpenAsync(default);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private static string IdOf(JsonNode? message) => message!["id"]!.GetValue<string>();

    private static string StateOf(JsonNode? message) => message!["state"]!.GetValue<string>();

    private static byte[] Message(string controlId, string pointer, string end) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|NORTH|||20260301101500+0100||ORU^R01|{controlId}|P|2.5||{pointer}\rPID|1||4711^^^NORTH^MR\rOBR|1|||GLU|||20260301\rOBX|1|TX|R||{controlId}\r{end}");
}
