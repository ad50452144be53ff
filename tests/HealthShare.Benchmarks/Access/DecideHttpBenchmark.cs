using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Stories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace HealthShare.Benchmarks.Access;

/// <summary>
/// Physicians of North ask for one of a patient's hundred records each; North's node, in a process of its own, decides from its own copy
/// over ten signed statements and answers once the request and its decision are on the disk. The peer is a bare server in this process
/// that answers the same from memory, deciding and keeping nothing.
/// </summary>
internal sealed class DecideHttpBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private const int WarmUpRounds = 5; // a node compiles itself for its first hundred thousand requests, and stalls over it now and then
    private const int RequestsPerRound = 20_000;
    private const int Connections = 8;
    private const int OfferedPerSecond = 3_500; // the rate that is wanted
    private const int OfferedRequests = 5 * OfferedPerSecond;

    public string Name => "decide-http";

    public string Summary => $"access requests decided by a node from its own copy over HTTP, {Connections} at a time and {OfferedPerSecond} a second, "
        + "audited before each answer, against a bare server that answers the same";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var state = Directory.CreateTempSubdirectory("healthshare-benchmark-");
        try
        {
            var options = new SandboxOptions { State = state, PortBase = FreePorts.Find() };
            DecisionScene scene;
            using (StateFolder.Take(options))
            await using (var consortium = await Consortium.StartAsync(options, progress, ct))
                scene = await DecisionScene.PlayAsync(consortium, ct);
            await progress.WriteLineAsync($"{scene.RecordIds.Count} records, {DecisionScene.Statements} statements");

            using var node = Start(options);
            try
            {
                await WaitUntilReadyAsync(scene.Physician.Url, ct);
                await using var bare = await ServeBareAsync(ct);
                return await MeasureAsync(scene, new Uri(bare.Urls.Single()).Port, settings.Rounds ?? Rounds, progress, ct);
            }
            finally
            {
                node.Kill();
                await node.WaitForExitAsync(CancellationToken.None);
            }
        }
        catch (Exception e) when (e is SandboxException or StoryException)
        {
            throw new MissingPieceException($"No patient with records and statements could be made: {e.Message}");
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Measure>> MeasureAsync(
        DecisionScene scene, int barePort, int rounds, TextWriter progress, CancellationToken ct)
    {
        var (ours, peer) = (new List<Round>(), new List<Round>());
        var (offered, offeredPeer) = (new List<Round>(), new List<Round>());
        for (var round = 1 - WarmUpRounds; round <= rounds; round++)
        {
            var (one, other) = (await RunAsync(scene, scene.Physician.Url.Port, ct), await RunAsync(scene, barePort, ct));
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"round {round} of {rounds}: ours {one.PerSecond:F0}/s, p50 {one.P50:F2} ms, p99 {one.P99:F2} ms; "
                + $"peer {other.PerSecond:F0}/s, p99 {other.P99:F2} ms{(round <= 0 ? " (warm-up)" : "")}"));
            if (round <= 0)
                continue;
            ours.Add(one);
            peer.Add(other);
            offered.Add(await OfferAsync(scene, scene.Physician.Url.Port, ct));
            offeredPeer.Add(await OfferAsync(scene, barePort, ct));
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"    {OfferedPerSecond} offered a second: ours {offered[^1].PerSecond:F0}/s, p50 {offered[^1].P50:F2} ms, p99 {offered[^1].P99:F2} ms; "
                + $"peer {offeredPeer[^1].PerSecond:F0}/s, p99 {offeredPeer[^1].P99:F2} ms"));
        }
        var rate = string.Create(CultureInfo.InvariantCulture, $"at {OfferedPerSecond:N0} offered a second");
        return
        [
            Compare("throughput", "requests/s", ours, peer, round => round.PerSecond), Compare("p99", "ms", ours, peer, round => round.P99),
            Compare("p50", "ms", ours, peer, round => round.P50), Compare($"p99 {rate}", "ms", offered, offeredPeer, round => round.P99),
            Compare($"p50 {rate}", "ms", offered, offeredPeer, round => round.P50),
            Compare($"answered {rate}", "requests/s", offered, offeredPeer, round => round.PerSecond),
        ];

        static Measure Compare(string what, string unit, List<Round> ours, List<Round> peer, Func<Round, double> figure) =>
            new(what, unit, Measurement.Median(ours.Select(figure)), Measurement.Median(peer.Select(figure)));
    }

    private static async Task<Round> OfferAsync(DecisionScene scene, int port, CancellationToken ct)
    {
        var asked = new Asked(scene, port);
        GC.Collect();
        var (milliseconds, seconds) = await OfferedLoad.RunAsync(port, OfferedPerSecond, OfferedRequests,
            (connection, number) => asked.SendAsync(connection, number, ct), ct);
        return new Round(milliseconds.Length / seconds, Measurement.Percentile(milliseconds, 50), Measurement.Percentile(milliseconds, 99));
    }

    private static async Task<Round> RunAsync(DecisionScene scene, int port, CancellationToken ct)
    {
        var asked = new Asked(scene, port);
        var (milliseconds, next) = (new ConcurrentBag<double[]>(), -1);
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(WorkAsync, ct)));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double[] all = [.. milliseconds.SelectMany(times => times)];
        return new Round(all.Length / seconds, Measurement.Percentile(all, 50), Measurement.Percentile(all, 99));

        async Task WorkAsync()
        {
            using var connection = await PlainConnection.OpenAsync(port, ct);
            var own = new List<double>(RequestsPerRound);
            while (Interlocked.Increment(ref next) is var i && i < RequestsPerRound)
            {
                var at = Stopwatch.GetTimestamp();
                await asked.SendAsync(connection, i, ct);
                own.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }
            milliseconds.Add([.. own]);
        }
    }

    private static Process Start(SandboxOptions options) => Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "HealthShare.Sandbox.dll"), "--state", options.State.FullName,
            "--port-base", options.PortBase.ToString(CultureInfo.InvariantCulture),
        ])
    { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("dotnet does not start.");

    private static async Task WaitUntilReadyAsync(Uri url, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = url };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), ct);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (attempt < 600)
            {
                // Not listening yet.
            }
            if (attempt == 600)
                throw new SandboxException("North's node did not become ready within a minute.");
            await Task.Delay(100, ct);
        }
    }

    // What it answers is as long as the node's answer, and holds the record that was asked for.
    private static async Task<WebApplication> ServeBareAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var asked = await reader.ReadToEndAsync(http.RequestAborted);
            http.Response.StatusCode = StatusCodes.Status201Created;
            await http.Response.WriteAsync(asked, http.RequestAborted);
        });
        await app.StartAsync(ct);
        return app;
    }

    /// <summary>A request for each of the patient's records.</summary>
    private sealed class Asked(DecisionScene scene, int port)
    {
        private readonly byte[][] requests = [.. scene.RecordIds.Select(record => PlainConnection.Post(port, "/api/v1/access-requests", scene.Physician.Token,
            $$"""{"patientId":"{{scene.PatientId}}","purpose":"TREAT","recordIds":["{{record}}"]}"""))];
        private readonly byte[][] names = [.. scene.RecordIds.Select(Encoding.ASCII.GetBytes)];

        public async Task SendAsync(PlainConnection connection, int number, CancellationToken ct)
        {
            var answer = await connection.SendAsync(requests[number % requests.Length], ct);
            if (!answer.Span.StartsWith("HTTP/1.1 201"u8) || answer.Span.IndexOf(names[number % names.Length]) < 0)
                throw new InvalidOperationException($"Not permitted: {Encoding.UTF8.GetString(answer.Span)}");
        }
    }

    /// <summary>What one round of load took.</summary>
    private sealed record Round(double PerSecond, double P50, double P99);
}
