using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Stories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Benchmarks.Vault;

/// <summary>
/// A physician at South reads a released record of North over HTTP, again and again: decision checked, audit entry durable, key
/// unwrapped, ciphertext fetched, verified and opened. The peer gives the same bytes from memory, by the same server and client, once a line
/// in a file is on the disk: nobody may give data out before it is audited.
/// </summary>
/// <param name="daemons">True keeps each hospital's records at an IPFS daemon of its own, false in embedded stores.</param>
internal sealed class ReadLatencyBenchmark(bool daemons) : IBenchmark
{
    private const int Rounds = 8;
    private const int ReadsPerRound = 250;

    public string Name => daemons ? "read-latency-daemon" : "read-latency";

    public string Summary => $"a released 1 KB record read over HTTP from {(daemons ? "an IPFS daemon (needs Node.js)" : "the embedded store")}, one after the other, "
        + "against a synced line in a file and the bytes from memory";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var state = Directory.CreateTempSubdirectory("healthshare-benchmark-");
        try
        {
            var options = new SandboxOptions { State = state, PortBase = FreePorts.Find(), Ipfs = daemons };
            await using var consortium = await Consortium.StartAsync(options, progress, ct);
            var (reader, path, content) = await Story.PlayToReadAsync(consortium, progress, ct);
            using var audit = File.OpenHandle(Path.Combine(state.FullName, "peer.log"), FileMode.CreateNew, FileAccess.Write);
            await using var memory = await ServeAuditedAsync(content, audit, ct);
            using var ours = new HttpClient { BaseAddress = new Uri(reader.Url, "/api/v1/") };
            ours.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", reader.Token);
            using var peer = new HttpClient { BaseAddress = new Uri(memory.Urls.Single()) };

            var (here, there) = (new List<double>(), new List<double>());
            var rounds = settings.Rounds ?? Rounds;
            for (var round = 0; round <= rounds; round++)
            {
                var (one, other) = (await ReadAsync(ours, path, content, ct), await ReadAsync(peer, "record", content, ct));
                await progress.WriteLineAsync($"round {round} of {rounds}: ours p50 {Measurement.Percentile(one, 50):F2} ms, "
                    + $"peer p50 {Measurement.Percentile(other, 50):F2} ms{(round == 0 ? " (warm-up)" : "")}");
                if (round == 0)
                    continue;
                here.AddRange(one);
                there.AddRange(other);
            }
            return
            [
                new("p99", "ms", Measurement.Percentile(here, 99), Measurement.Percentile(there, 99)),
                new("p50", "ms", Measurement.Percentile(here, 50), Measurement.Percentile(there, 50)),
            ];
        }
        catch (Exception e) when (e is SandboxException or StoryException)
        {
            throw new MissingPieceException($"No record could be released to read: {e.Message}");
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task<List<double>> ReadAsync(HttpClient http, string path, byte[] content, CancellationToken ct)
    {
        var milliseconds = new List<double>(ReadsPerRound);
        for (var i = 0; i < ReadsPerRound; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var bytes = await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), ct);
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (!bytes.AsSpan().SequenceEqual(content))
                throw new InvalidOperationException("Other bytes came back.");
        }
        return milliseconds;
    }

    private static async Task<WebApplication> ServeAuditedAsync(byte[] content, SafeFileHandle audit, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(http =>
        {
            RandomAccess.Write(audit, "who read which record, and why\n"u8, RandomAccess.GetLength(audit));
            RandomAccess.FlushToDisk(audit);
            return http.Response.Body.WriteAsync(content, http.RequestAborted).AsTask();
        });
        await app.StartAsync(ct);
        return app;
    }
}
