using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Hl7.Mllp;
using HealthShare.IntegrationTests.Support;

namespace HealthShare.IntegrationTests.Sandbox;

/// <summary>A sandbox that is killed while messages arrive, and started again on its state.</summary>
public sealed class KilledSandboxTests : IDisposable
{
    private const int Messages = 120, Kills = 3;
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("healthshare-killed-");

    [DevLedgerFact("kills a sandbox, which has a ledger of its own")]
    public async Task Every_acknowledged_message_is_registered_exactly_once()
    {
        var ports = PortRange.Take();
        var acknowledged = 0;
        for (var run = 0; run <= Kills; run++)
        {
            using var sandbox = await SandboxProcess.StartAsync(state.FullName, ports);
            var until = run == Kills ? Messages : (run + 1) * Messages / (Kills + 1);
            // The kill comes from the side, so that it strikes at any state of the messages under way.
            var killing = run < Kills ? KillOnceAsync(sandbox, () => Volatile.Read(ref acknowledged) >= until) : Task.CompletedTask;
            do
                await SendAsync(sandbox, () => acknowledged, count => Volatile.Write(ref acknowledged, count));
            while (acknowledged < Messages && !killing.IsCompleted);
            await killing;
            if (run == Kills)
                Assert.Equal(Messages, await RegisteredAsync(sandbox));
        }
    }

    public void Dispose() => state.Delete(recursive: true);

    private static async Task KillOnceAsync(SandboxProcess sandbox, Func<bool> isTime)
    {
        while (!isTime())
            await Task.Delay(1);
        await sandbox.KillAsync();
    }

    // As a sender does: a message is sent again until it is acknowledged, the next only after it.
    private static async Task SendAsync(SandboxProcess sandbox, Func<int> next, Action<int> acknowledged)
    {
        try
        {
            await using var mllp = await MllpClient.ConnectAsync("127.0.0.1", sandbox.NorthMllp, TimeSpan.FromMinutes(2));
            for (var i = next(); i < Messages; i++)
            {
                var answer = await mllp.SendAsync(Message(i));
                Assert.True(answer.IsPositive, $"message {i} was answered {answer.Code}");
                acknowledged(i + 1);
            }
        }
        catch (Exception e) when (e is MllpException or SocketException or IOException)
        {
            // The sandbox was killed or is slow; what is next is the first message that was not acknowledged.
        }
    }

    private async Task<int> RegisteredAsync(SandboxProcess sandbox)
    {
        using var registrar = sandbox.North(state.FullName, "registrar");
        using var officer = sandbox.North(state.FullName, "privacyOfficer");
        var patientId = (await AnsweredAsync(() => registrar.PostAsJsonAsync("patients", new { number = "K-1", authority = "NORTH" })))["patientId"]!.GetValue<string>();
        var (count, unchanged) = (0, 0);
        // Not only until all are there: a record too many would come after them. Given up when a minute brought nothing more.
        while (unchanged < (count < Messages ? 600 : 10))
        {
            await Task.Delay(100);
            var records = (await AnsweredAsync(() => officer.GetAsync(new Uri($"patients/{patientId}/records", UriKind.Relative))))["records"]!.AsArray();
            unchanged = records.Count == count ? unchanged + 1 : 0;
            count = records.Count;
        }
        return count;
    }

    // A node that has just started, or is slow on a busy machine, says so and is asked again.
    private static async Task<JsonNode> AnsweredAsync(Func<Task<HttpResponseMessage>> ask)
    {
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(200))
        {
            using var answer = await ask();
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode)
                return JsonNode.Parse(text)!;
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(4), text);
        }
    }

    private static byte[] Message(int number) => Encoding.UTF8.GetBytes(string.Join('\r',
        $"MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ORU^R01^ORU_R01|K-{number:D5}|P|2.5.1|||AL|NE||UNICODE UTF-8",
        "PID|1||K-1^^^NORTH^MR||Test^Kill||19700101|F",
        "OBR|1|||2345-7^Glucose^LN|||20260301083000+0100||||||||||||||||||F",
        $"OBX|1|NM|2345-7^Glucose^LN||{number}|mg/dL|70-99||||F", ""));
}
