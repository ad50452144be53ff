using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using HealthShare.Benchmarks.Fabric;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;
using HealthShare.Sandbox;
using Microsoft.Extensions.Logging;

namespace HealthShare.Benchmarks.Hl7;

/// <summary>
/// Messages of 1.5 KB over eight MLLP connections into a hospital's node, a process of its own: acknowledged after they are on the disk, while the
/// node registers them on a development ledger, or on the network that is named. The peer writes and syncs each message to a file before it acknowledges.
/// </summary>
internal sealed class MllpIntakeBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int WarmUpRounds = 4; // until the node is compiled
    private const int MessagesPerRound = 5_000;
    private const int Queued = 100_000;

    public string Name => "mllp-intake";

    public string Summary => "1.5 KB messages over eight MLLP connections: acknowledged after fsync, and registered (with --connection on that network), against a syncing simple-hl7 server";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var state = Directory.CreateTempSubdirectory("healthshare-benchmark-");
        try
        {
            await using var peer = await NodeReceiver.StartAsync(Path.Combine(state.FullName, "peer.journal"), progress, ct);
            using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Error));
            if (settings.ConnectionFile is not null)
                return await OnNetworkAsync(state, peer, settings, progress, ct);
            var (acknowledged, registered, other) = await OnDevLedgerAsync(state, peer, loggers, settings.Rounds ?? Rounds, progress, ct);
            var memory = await QueueAsync(state, progress, ct);
            var draining = await DrainAsync(state, loggers, progress, ct);
            return
            [
                new("acknowledged after fsync", "messages/s", acknowledged, other),
                new("registered on the development ledger", "messages/s", registered, other),
                new($"node's peak memory with {Queued} messages queued, against what is allowed", "MiB", memory, 300),
                new("node's peak memory while it registers them, against the same", "MiB", draining, 300),
            ];
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task<(double Acknowledged, double Registered, double Peer)> OnDevLedgerAsync(
        DirectoryInfo state, NodeReceiver peer, ILoggerFactory loggers, int rounds, TextWriter progress, CancellationToken ct)
    {
        await using var ledger = await ConsortiumLedger.StartAsync(state, null, loggers, ct);
        return await RatesAsync(state, peer, Membership.Of(ledger.Host.ConnectionFile), rounds, progress, ct);
    }

    // Its ledger is not this program's to stop: what the node's queue takes is measured on the development ledger.
    private static async Task<IReadOnlyList<Measure>> OnNetworkAsync(
        DirectoryInfo state, NodeReceiver peer, BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var (file, profile) = BenchmarkNetwork.Of(settings);
        var member = profile.Organization();
        var membership = new Membership(Path.GetFullPath(file), member.MspId, BenchmarkNetwork.UserOf(member).Name);
        var (acknowledged, registered, other) = await RatesAsync(state, peer, membership, settings.Rounds ?? Rounds, progress, ct);
        return
        [
            new($"registered on channel '{profile.Channel}'", "messages/s", registered, other),
            new("acknowledged after fsync meanwhile", "messages/s", acknowledged, other),
        ];
    }

    private static async Task<(double Acknowledged, double Registered, double Peer)> RatesAsync(
        DirectoryInfo state, NodeReceiver peer, Membership member, int rounds, TextWriter progress, CancellationToken ct)
    {
        var isFounded = await FoundAsync(member, await IntakeNode.EntryAsync(state, member, ct), ct);
        await using var node = await IntakeNode.StartAsync(state, member, ct);
        // On a channel of others the member's key stands for a node of theirs: this one registers as well, but never calls itself ready.
        if (isFounded)
            await node.WaitUntilReadyAsync(ct);
        var (acknowledged, registered, other) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 1 - WarmUpRounds; round <= rounds; round++)
        {
            var first = (round + WarmUpRounds) * MessagesPerRound;
            var (started, used) = (Stopwatch.GetTimestamp(), node.ProcessorTime);
            var heard = MessagesPerRound / await MllpLoad.SendAsync(node.MllpPort, first, MessagesPerRound, ct);
            await node.DrainAsync(ct);
            var done = MessagesPerRound / Stopwatch.GetElapsedTime(started).TotalSeconds;
            var there = MessagesPerRound / await MllpLoad.SendAsync(peer.Port, first, MessagesPerRound, ct);
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"round {round} of {rounds}: ours {heard:F0}/s acknowledged, {done:F0}/s registered, {(node.ProcessorTime - used) / MessagesPerRound:F2} ms of the node's processor time each, {node.PeakMemory:F0} MiB; peer {there:F0}/s{(round < 1 ? " (warm-up)" : "")}"));
            if (round < 1)
                continue;
            acknowledged.Add(heard);
            registered.Add(done);
            other.Add(there);
        }
        return (Measurement.Median(acknowledged), Measurement.Median(registered), Measurement.Median(other));
    }

    // The ledger is gone; the node starts again without it, on what it knows.
    private static async Task<double> QueueAsync(DirectoryInfo state, TextWriter progress, CancellationToken ct)
    {
        await using var node = await IntakeNode.StartAsync(state, Membership.Of(Path.Combine(state.FullName, "connection.json")), ct);
        var seconds = await MllpLoad.SendAsync(node.MllpPort, 10_000_000, Queued, ct);
        await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{Queued} messages acknowledged in {seconds:F0} s with the ledger away: {node.PeakMemory:F0} MiB at most"));
        return node.PeakMemory;
    }

    // The ledger is back; the node starts once more, so that its peak is of this alone.
    private static async Task<double> DrainAsync(DirectoryInfo state, ILoggerFactory loggers, TextWriter progress, CancellationToken ct)
    {
        await using var ledger = await ConsortiumLedger.StartAsync(state, null, loggers, ct);
        await using var node = await IntakeNode.StartAsync(state, Membership.Of(ledger.Host.ConnectionFile), ct);
        var started = Stopwatch.GetTimestamp();
        await node.DrainAsync(ct);
        await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{Queued} messages registered in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s with the ledger back: {node.PeakMemory:F0} MiB at most"));
        return node.PeakMemory;
    }

    private static async Task<bool> FoundAsync(Membership member, OrganizationEntry own, CancellationToken ct)
    {
        var profile = ConnectionFile.Read(member.ConnectionFile);
        await using var client = GatewayClient.Connect(profile, member.MspId, member.User);
        return await BenchmarkNetwork.RequireFoundedAsync(client, profile, own, ct);
    }

    /// <summary>The peer, a process of its own.</summary>
    private sealed class NodeReceiver : IAsyncDisposable
    {
        private readonly Process process;

        private NodeReceiver(Process process, int port) => (this.process, Port) = (process, port);

        public int Port { get; }

        public static async Task<NodeReceiver> StartAsync(string journal, TextWriter progress, CancellationToken ct)
        {
            var folder = await PeerPackages.InstallAsync(progress, ct);
            var port = IntakeNode.FreePort();
            try
            {
                var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "mllp.js"), journal, $"{port}"])
                {
                    RedirectStandardInput = true, RedirectStandardOutput = true,
                })!;
                if (await process.StandardOutput.ReadLineAsync(ct) != "ready")
                    throw new InvalidOperationException("The peer did not start; its own words are above.");
                return new NodeReceiver(process, port);
            }
            catch (Win32Exception e)
            {
                throw new MissingPieceException($"needs Node.js 20 or later (node) on the path: {e.Message}.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
