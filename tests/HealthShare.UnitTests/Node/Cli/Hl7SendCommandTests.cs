using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using HealthShare.Hl7;
using HealthShare.Hl7.Mllp;
using HealthShare.Node.Cli;
using HealthShare.Node.Cli.Sending;
using HealthShare.UnitTests.Hl7.Mllp;
using HealthShare.UnitTests.Support;
using TestAuthority = HealthShare.UnitTests.Protocol.Grpc.TestAuthority;

namespace HealthShare.UnitTests.Node.Cli;

public sealed class Hl7SendCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("send").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Messages_of_files_batches_and_streams_are_sent_in_their_order()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        var (exit, output, error) = await RunAsync(server,
            Write("one.hl7", MllpScene.Message("1")),
            Write("batch.hl7", [.. "FHS|^~\\&|f\rBHS|^~\\&|b\r"u8, .. MllpScene.Message("2"), .. MllpScene.Message("3"), .. "BTS|2\rFTS|1\r"u8]),
            Write("many.hl7", [.. MllpScene.Message("4"), .. MllpScene.Message("5")]),
            Write("stream.mllp", [.. "noise"u8, .. MllpFraming.Wrap(MllpScene.Message("6")), 0x0B, 0x1C, 0x0D, .. MllpFraming.Wrap(MllpScene.Message("7"))]));
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], handler.Received);
        Assert.StartsWith("7 messages sent", output, StringComparison.Ordinal);
        Assert.Contains("7 accepted, 0 refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_unreadable_or_not_as_its_trailer_says_is_named_and_the_rest_is_sent()
    {
        var handler = new MllpRecorder { RefuseId = "no" };
        await using var server = MllpScene.Start(handler);
        var (exit, output, _) = await RunAsync(server, "--json",
            Write("a.hl7", [.. "BHS|^~\\&|b\r"u8, .. MllpScene.Message("1"), .. MllpScene.Message("no"), .. "MSH|^~\\&|x\rpid|1\r"u8,
                .. "MSH|^~\\&|no id\r"u8, .. "BTS|9\r"u8]),
            Write("b.mllp", [.. MllpFraming.Wrap(MllpScene.Message("2")), 0x0B, .. MllpScene.Message("cut")]),
            Path.Combine(folder, "absent.hl7"), Write("empty.hl7", []));
        using var json = JsonDocument.Parse(output);
        var problems = json.RootElement.GetProperty("problems").EnumerateArray()
            .Select(p => (Path.GetFileName(p.GetProperty("file").GetString()), p.GetProperty("outcome").GetString(), p.GetProperty("reason").GetString()!)).ToList();
        Assert.Equal(1, exit);
        Assert.Equal(["1", "2"], handler.Received);
        Assert.Equal((2, 1, 2), (Count(json, "accepted"), Count(json, "refused"), Count(json, "notSent")));
        Assert.Contains(problems, p => p is ("a.hl7", "finding", _) && p.Item3.Contains("BTS-1 says 9 messages; there are 4", StringComparison.Ordinal));
        Assert.Contains(problems, p => p is ("a.hl7", "refused", _) && p.Item3.StartsWith("AE 204", StringComparison.Ordinal));
        Assert.Contains(problems, p => p is ("a.hl7", "unreadable", _) && p.Item3.Contains("segment 2", StringComparison.Ordinal));
        Assert.Contains(problems, p => p is ("a.hl7", "unreadable", _) && p.Item3.Contains("MSH-10", StringComparison.Ordinal)
            && p.Item3.Contains("AR and ERR 101", StringComparison.Ordinal) && p.Item3.Contains("send the file again", StringComparison.Ordinal));
        Assert.Contains(problems, p => p is ("b.mllp", "finding", _) && p.Item3.Contains("no end", StringComparison.Ordinal));
        Assert.Contains(problems, p => p is ("absent.hl7", "unreadable", _));
        Assert.Contains(problems, p => p is ("empty.hl7", "unreadable", _));
    }

    [Fact]
    public async Task The_other_end_s_words_are_shown_without_what_a_terminal_obeys_and_no_longer_than_a_sentence()
    {
        var handler = new MllpRecorder { Answer = Encoding.ASCII.GetBytes($"MSH|^~\\&|x\rMSA|AE|1|\u001b]0;taken over\u0007 {new string('x', 100_000)}\r") };
        await using var server = MllpScene.Start(handler);
        var (exit, _, error) = await RunAsync(server, Write("a.hl7", MllpScene.Message("1")));
        Assert.Equal(1, exit);
        Assert.Contains("taken over", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error);
        Assert.InRange(error.Length, 1, 2000);
    }

    [Fact]
    public async Task A_message_whose_acknowledgement_does_not_come_is_sent_again()
    {
        var handler = new MllpRecorder { FailOnceOn = "2" };
        await using var server = MllpScene.Start(handler);
        var (exit, output, _) = await RunAsync(server, "--json", Write("a.hl7", [.. MllpScene.Message("1"), .. MllpScene.Message("2"), .. MllpScene.Message("3")]));
        using var json = JsonDocument.Parse(output);
        Assert.Equal((0, 3, 1), (exit, Count(json, "accepted"), Count(json, "sentAgain")));
        Assert.Equal(["1", "2", "3"], handler.Received);
    }

    [Fact]
    public async Task One_that_is_never_acknowledged_is_reported_and_the_next_ones_still_go()
    {
        var handler = new MllpRecorder { FailOn = "2" };
        await using var server = MllpScene.Start(handler);
        var (exit, output, _) = await RunAsync(
            server, "--json", "--retries", "1", Write("a.hl7", [.. MllpScene.Message("1"), .. MllpScene.Message("2"), .. MllpScene.Message("3")]));
        using var json = JsonDocument.Parse(output);
        Assert.Equal((1, 2, 1), (exit, Count(json, "accepted"), Count(json, "unknown")));
        Assert.Equal(["1", "3"], handler.Received);
    }

    [Fact]
    public async Task Several_connections_send_each_message_once()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        var (exit, output, _) = await RunAsync(server, "--connections", "8",
            Write("many.hl7", [.. Enumerable.Range(0, 500).SelectMany(i => MllpScene.Message($"{i}"))]));
        Assert.Equal(0, exit);
        Assert.Equal(Enumerable.Range(0, 500), handler.Received.Select(id => int.Parse(id, null)).Order());
        Assert.Contains("500 accepted", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_is_not_exceeded()
    {
        var handler = new MllpRecorder();
        await using var server = MllpScene.Start(handler);
        var started = Stopwatch.GetTimestamp();
        var (exit, _, _) = await RunAsync(server, "--rate", "50", "--connections", "4",
            Write("many.hl7", [.. Enumerable.Range(0, 21).SelectMany(i => MllpScene.Message($"{i}"))]));
        // Twenty pauses of 20 ms; only a lower bound can be held, however slow the machine.
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(390));
        Assert.Equal((0, 21), (exit, handler.Received.Count));
    }

    [Fact]
    public async Task Mutual_TLS_is_spoken_with_the_files_named()
    {
        using var hospital = new TestAuthority("hospital");
        using var own = hospital.Issue("laboratory");
        var tls = MllpTls.Server(hospital.Issue("localhost"), hospital.Roots);
        await using var server = MllpScene.Start(new MllpRecorder(), o => o with { Tls = () => tls });
        var message = Write("a.hl7", MllpScene.Message("1"));
        var ca = Write("ca.pem", Encoding.ASCII.GetBytes(hospital.Roots.ExportCertificatePems()));
        var certificate = Write("own.pem", Encoding.ASCII.GetBytes(own.ExportCertificatePem()));
        var key = Write("own.key", Encoding.ASCII.GetBytes(own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
        var to = $"mllps://127.0.0.1:{server.LocalEndpoint.Port}";
        Assert.Equal(0, (await RunAsync([message, "--to", to, "--ca", ca, "--certificate", certificate, "--key", key, "--server-name", "localhost"])).Exit);
        Assert.Equal(1, (await RunAsync([message, "--to", to, "--ca", ca, "--server-name", "localhost", "--retries", "0"])).Exit);
        Assert.Equal(1, (await RunAsync([message, "--to", to, "--certificate", certificate, "--key", key, "--retries", "0"])).Exit);
        Assert.Equal(2, (await RunAsync([message, "--to", to, "--ca", message])).Exit);
    }

    [Fact]
    public async Task Without_a_listener_it_says_so_and_fails()
    {
        using var nobody = new ReservedPort();
        var (exit, _, error) = await RunAsync([Write("a.hl7", MllpScene.Message("1")), "--to", $"mllp://127.0.0.1:{nobody.Number}", "--retries", "0"]);
        Assert.Equal(1, exit);
        Assert.Contains("cannot be reached", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_listener_every_message_counts_as_not_sent_and_a_missing_file_as_none()
    {
        using var nobody = new ReservedPort();
        var (exit, output, _) = await RunAsync(["--json", Write("a.hl7", [.. Enumerable.Range(0, 30).SelectMany(i => MllpScene.Message($"{i}"))]),
            Path.Combine(folder, "absent.hl7"), Write("b.hl7", MllpScene.Message("b")), "--to", $"mllp://127.0.0.1:{nobody.Number}", "--retries", "0"]);
        using var json = JsonDocument.Parse(output);
        Assert.Equal((1, 0, 0, 31), (exit, Count(json, "sent"), Count(json, "unknown"), Count(json, "notSent")));
        Assert.Contains("cannot be reached", json.RootElement.GetProperty("stopped").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_sent_is_not_shown_as_done()
    {
        var tally = new SendTally(200);
        tally.Withhold();
        Assert.Equal((0, 1), (tally.Fraction, tally.NotSent));
        tally.Post(new OutgoingMessage("a", 0, new byte[150]));
        tally.Pass(50);
        Assert.Equal(1, tally.Fraction);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_of_a_message_that_asked_for_no_other_answer_names_it(bool othersFollow)
    {
        await using var server = MllpScene.Start(new MllpRecorder { RefuseId = "no" });
        byte[] quiet = [.. Asking("no", "ER", "NE"), .. Asking("yes", "ER", "NE")];
        var (exit, output, _) = await RunAsync(server, "--json",
            Write("first.hl7", MllpScene.Message("1")), Write("a.hl7", othersFollow ? [.. quiet, .. MllpScene.Message("2")] : quiet));
        using var json = JsonDocument.Parse(output);
        Assert.Equal((1, 1, 1), (exit, Count(json, "refused"), Count(json, "noAnswerWanted")));
        Assert.Equal(othersFollow ? 2 : 1, Count(json, "accepted"));
        AssertRefused(json, "a.hl7", 0, "AE 204 Nobody knows it.");
    }

    [Fact]
    public async Task A_refusal_after_an_accept_acknowledgement_counts_and_one_of_nobody_s_is_a_finding()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var tcp = await listener.AcceptTcpClientAsync();
            var stream = tcp.GetStream();
            var reader = new MllpFrameReader(PipeReader.Create(stream), 1024);
            while (await reader.ReadAsync(CancellationToken.None) is { } frame)
            {
                var id = Er7Message.Parse(frame).Get("MSH-10").Text;
                await AnswerAsync("CA", id);
                if (id == "a")
                    continue;
                await AnswerAsync("AE", "a");
                await AnswerAsync("AR", "a");
                await AnswerAsync("AE", "nobody");
            }

            async Task AnswerAsync(string code, string id) =>
                await stream.WriteAsync(MllpFraming.Wrap(Encoding.ASCII.GetBytes($"MSH|^~\\&|x\rMSA|{code}|{id}|Too late.\r")));
        });
        var (exit, output, _) = await RunAsync(["--json", Write("a.hl7", [.. Asking("a", "AL", "AL"), .. Asking("b", "AL", "AL")]),
            "--to", $"mllp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"]);
        await serving.WaitAsync(TimeSpan.FromSeconds(60));
        using var json = JsonDocument.Parse(output);
        Assert.Equal((1, 1, 1, 2), (exit, Count(json, "accepted"), Count(json, "refused"), Count(json, "sent")));
        AssertRefused(json, "a.hl7", 0, "AE Too late.");
        Assert.Single(json.RootElement.GetProperty("problems").EnumerateArray(), p => p.GetProperty("outcome").GetString() == "finding");
    }

    [Theory]
    [InlineData("a.hl7")]
    [InlineData("--to", "mllp://localhost")]
    [InlineData("a.hl7", "--to", "http://localhost:1")]
    [InlineData("a.hl7", "--to", "mllp://localhost:1/path")]
    [InlineData("a.hl7", "--to", "localhost:2575")]
    [InlineData("a.hl7", "--to", "mllp://localhost", "--connections", "0")]
    [InlineData("a.hl7", "--to", "mllp://localhost", "--rate", "-1")]
    [InlineData("a.hl7", "--to", "mllp://localhost", "--rate", "many")]
    [InlineData("a.hl7", "--to", "mllp://localhost", "--ca", "x.pem")]
    [InlineData("a.hl7", "--to", "mllps://localhost", "--certificate", "x.pem")]
    public async Task Wrong_usage_exits_2(params string[] args)
    {
        var (exit, _, error) = await RunAsync(args);
        Assert.Equal(2, exit);
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var (exit, output, _) = await RunAsync(["--help"]);
        Assert.Equal(0, exit);
        foreach (var option in new[] { "--to", "--connections", "--rate", "--timeout", "--retries", "--ca", "--certificate", "--key", "--server-name", "--json" })
            Assert.Contains(option, output, StringComparison.Ordinal);
    }

    [SharedDataFact("data/hl7/derived-mllp")]
    public async Task Shared_streams_send_exactly_the_frames_their_manifest_names()
    {
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedData.PathOf("data/hl7/manifest.json")));
        foreach (var item in manifest.RootElement.GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("frames", out _)))
        {
            var handler = new MllpRecorder();
            await using var server = MllpScene.Start(handler);
            await RunAsync(server, SharedData.PathOf("data/hl7/" + item.GetProperty("file").GetString()));
            Assert.Equal(item.GetProperty("msh10").EnumerateArray().Select(id => id.GetString()), handler.Received);
        }
    }

    private static byte[] Asking(string id, string accept, string application) =>
        Encoding.ASCII.GetBytes($"MSH|^~\\&|A|B|C|D|2024||ADT^A01|{id}|P|2.5.1|||{accept}|{application}\rEVN|A01\r");

    private static void AssertRefused(JsonDocument json, string file, int index, string reason)
    {
        var refused = Assert.Single(json.RootElement.GetProperty("problems").EnumerateArray(), p => p.GetProperty("outcome").GetString() == "refused");
        Assert.Equal((file, index), (Path.GetFileName(refused.GetProperty("file").GetString()), refused.GetProperty("index").GetInt32()));
        Assert.Equal(reason, refused.GetProperty("reason").GetString());
    }

    private static int Count(JsonDocument json, string name) => json.RootElement.GetProperty(name).GetInt32();

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static Task<(int Exit, string Output, string Error)> RunAsync(MllpServer server, params string[] args) =>
        RunAsync([.. args, "--to", $"mllp://127.0.0.1:{server.LocalEndpoint.Port}"]);

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await NodeCommandLine.RunAsync(["hl7", "send", .. args], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
