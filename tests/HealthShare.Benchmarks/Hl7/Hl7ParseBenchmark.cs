using System.Diagnostics;
using System.Globalization;
using System.Text;
using HealthShare.Hl7;

namespace HealthShare.Benchmarks.Hl7;

/// <summary>
/// Messages parsed and three things read from each (MSH-10, PID-5, the number of OBX segments), in processor time of one core, over the
/// shared corpus; against the npm parsers simple-hl7 and @medplum/core, which are given texts that are already decoded and cut apart.
/// </summary>
internal sealed class Hl7ParseBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private const int MessagesPerRound = 2_000_000;
    private const int PeerMessagesPerRound = 60_000;
    private const int LargeBytes = 10_000_000;
    private static readonly string[] Peers = ["simple-hl7", "@medplum/core"];

    public string Name => "hl7-parse";

    public string Summary => "HL7 messages parsed and three values read, one core, against the npm parsers simple-hl7 and @medplum/core; and a 10 MB OBX";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var messages = Corpus.Read();
        await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{messages.Length} messages, {messages.Average(message => message.Length):F0} bytes on average"));
        await using var peers = await NodeParsers.StartAsync(Corpus.Texts(messages), progress, ct);
        Measurement.UseOneCore();

        var rounds = settings.Rounds ?? Rounds;
        var best = new double[1 + Peers.Length];
        for (var round = 0; round <= rounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            var repeats = Math.Max(1, MessagesPerRound / messages.Length);
            var (rate, obx, allocated) = Rate(messages, repeats);
            double[] rates = [rate, 0, 0];
            for (var i = 0; i < Peers.Length; i++)
            {
                var answer = await peers.ParseAsync(Peers[i], Math.Max(1, PeerMessagesPerRound / messages.Length), ct);
                rates[i + 1] = answer.Rate;
                if (answer.Obx != obx)
                    throw new InvalidOperationException($"{Peers[i]} counts {answer.Obx} OBX segments in the corpus, we count {obx}.");
            }
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"round {round} of {rounds}: ours {rate:F0}/s ({allocated:F0} bytes allocated a message), {Peers[0]} {rates[1]:F0}/s, {Peers[1]} {rates[2]:F0}/s{(round == 0 ? " (warm-up)" : "")}"));
            for (var i = 0; i < best.Length && round > 0; i++)
                best[i] = Math.Max(best[i], rates[i]);
        }
        var large = Corpus.Large(LargeBytes);
        var (one, other) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            one = Math.Min(one, ReadLarge(large));
            other = Math.Min(other, await peers.ReadLargeAsync(Peers[0], LargeBytes, ct));
        }
        return
        [
            new($"messages, against {Peers[0]}", "1/s", best[0], best[1]),
            new($"messages, against {Peers[1]}", "1/s", best[0], best[2]),
            new($"10 MB in an OBX-5, parsed and read, against {Peers[0]}", "ms", one, other),
        ];
    }

    private static (double Rate, long Obx, double Allocated) Rate(byte[][] messages, int repeats)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (before, bytes, obx) = (process.TotalProcessorTime, GC.GetAllocatedBytesForCurrentThread(), 0L);
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            foreach (var bytesOf in messages)
            {
                var message = Er7Message.Parse(bytesOf);
                GC.KeepAlive(message.Header.Field(10).Text);
                GC.KeepAlive(message.Segment("PID"u8).Field(5).Text);
                obx += message.Count("OBX"u8);
            }
        }
        process.Refresh();
        var count = (double)messages.Length * repeats;
        return (count / (process.TotalProcessorTime - before).TotalSeconds, obx / repeats,
            (GC.GetAllocatedBytesForCurrentThread() - bytes) / count);
    }

    private static double ReadLarge(byte[] large)
    {
        var started = Stopwatch.GetTimestamp();
        if (Er7Message.Parse(large).Get("OBX-5.5").Text.Length != LargeBytes)
            throw new InvalidOperationException("The large value lost characters.");
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>The messages of the shared corpus that every one of the parsers reads.</summary>
    private static class Corpus
    {
        public static byte[][] Read()
        {
            var folder = Path.Combine(Environment.GetEnvironmentVariable("HEALTHSHARE_SHARED") ?? Beside(), "data", "hl7");
            if (!Directory.Exists(folder))
                throw new MissingPieceException($"needs the shared corpus ('{folder}'); HEALTHSHARE_SHARED names the folder above its 'data'.");
            return [.. Directory.GetFiles(folder, "*.hl7", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .SelectMany(file => Er7File.Split(File.ReadAllBytes(file)))
                .Where(piece => piece.Kind is Er7PieceKind.Message && Er7Message.TryParse(piece.Bytes, null, out _, out _))
                .Select(piece => piece.Bytes.ToArray())];
        }

        public static string[] Texts(byte[][] messages) => [.. messages.Select(bytes =>
        {
            var message = Er7Message.Parse(bytes);
            return string.Join('\r', Enumerable.Range(0, message.SegmentCount).Select(i => message.Encoding.GetString(message[i].Raw)));
        })];

        public static byte[] Large(int size) =>
            Encoding.ASCII.GetBytes($"MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5.1\rPID|1||1\rOBX|1|ED|c||^IM^PNG^Base64^{new string('A', size)}||||||F\r");

        private static string Beside()
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "HealthShare.sln")))
                    return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared"));
            }
            return Path.GetFullPath("../shared");
        }
    }
}
