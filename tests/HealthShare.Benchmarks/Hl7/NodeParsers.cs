using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HealthShare.Benchmarks.Fabric;

namespace HealthShare.Benchmarks.Hl7;

/// <summary>The npm parsers, in a process of their own that takes a command a line.</summary>
internal sealed class NodeParsers : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly Process node;
    private readonly string corpus;

    private NodeParsers(Process node, string corpus) => (this.node, this.corpus) = (node, corpus);

    /// <summary>What a parser did.</summary>
    /// <param name="Rate">Messages per second of processor time.</param>
    /// <param name="Obx">OBX segments in the corpus.</param>
    /// <param name="Milliseconds">Time of a single large message.</param>
    public sealed record Answer(double Rate, long Obx, double Milliseconds);

    public static async Task<NodeParsers> StartAsync(string[] texts, TextWriter progress, CancellationToken ct)
    {
        var folder = await PeerPackages.InstallAsync(progress, ct);
        var corpus = Path.GetTempFileName();
        await File.WriteAllBytesAsync(corpus, JsonSerializer.SerializeToUtf8Bytes(texts), ct);
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "hl7.js"), corpus])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        return new NodeParsers(Process.Start(start) ?? throw new InvalidOperationException("node does not start."), corpus);
    }

    /// <summary>Parses the whole corpus several times.</summary>
    public Task<Answer> ParseAsync(string parser, int repeats, CancellationToken ct) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"parse {parser} {repeats}"), ct);

    /// <summary>Parses a message with a large OBX-5 and reads it; milliseconds.</summary>
    public async Task<double> ReadLargeAsync(string parser, int size, CancellationToken ct) =>
        (await AskAsync(string.Create(CultureInfo.InvariantCulture, $"large {parser} {size}"), ct)).Milliseconds;

    public async ValueTask DisposeAsync()
    {
        node.StandardInput.Close(); // it ends at the end of its commands
        await node.WaitForExitAsync();
        node.Dispose();
        File.Delete(corpus);
    }

    private async Task<Answer> AskAsync(string command, CancellationToken ct)
    {
        await node.StandardInput.WriteLineAsync(command);
        await node.StandardInput.FlushAsync(ct);
        var line = await node.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("node ended; its own words are above.");
        return JsonSerializer.Deserialize<Answer>(line, Json)!;
    }
}
