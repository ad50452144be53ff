using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>The same load through the official Node client, in a process of its own that takes a command a line.</summary>
internal sealed class NodeLoad : ILoad
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process node;

    private NodeLoad(Process node) => this.node = node;

    public static async Task<NodeLoad> StartAsync(
        string connectionFile, ConnectionProfile profile, string chaincode, TextWriter progress, CancellationToken ct)
    {
        var folder = await PeerPackages.InstallAsync(progress, ct);
        var member = profile.Organization();
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])[
            Path.Combine(folder, "load.js"), "--connection", Path.GetFullPath(connectionFile), "--msp", member.MspId,
            "--user", BenchmarkNetwork.UserOf(member).Name, "--chaincode", chaincode,
            "--inflight", Load.InFlight.ToString(CultureInfo.InvariantCulture),
            "--size", Load.ValueSize.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }
        return new NodeLoad(Process.Start(start) ?? throw new InvalidOperationException("node does not start."));
    }

    public async Task<LoadRound> RunAsync(LoadKind kind, int count, CancellationToken ct)
    {
        await node.StandardInput.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"{(kind is LoadKind.Submit ? "submit" : "evaluate")} {count}"));
        await node.StandardInput.FlushAsync(ct);
        var line = await node.StandardOutput.ReadLineAsync(ct)
            ?? throw new InvalidOperationException("The Node client ended; its own words are above.");
        return JsonSerializer.Deserialize<LoadRound>(line, Json)!;
    }

    public async ValueTask DisposeAsync()
    {
        node.StandardInput.Close(); // it ends at the end of its commands
        await node.WaitForExitAsync();
        node.Dispose();
    }
}
