using System.Diagnostics;
using System.Globalization;
using HealthShare.Fabric.Client;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>
/// Our client on a development ledger, which runs alone with its chaincode in a process of its own, against the same client
/// and the same chaincode on a real network.
/// </summary>
internal sealed class DevLedgerBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int PeerTransactions = 5000;

    // The peer's take it twenty seconds, ours two: too short against what the first of them find cold after the peer's turn.
    private const int Transactions = 4 * PeerTransactions;

    public string Name => "devledger";

    public string Summary => "durable 256-byte puts on the development ledger, 96 in flight, against a real network (--connection)";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var (_, profile) = BenchmarkNetwork.Of(settings);
        await BenchmarkNetwork.RequireAsync(profile, settings.Chaincode, "tests/HealthShare.AssetChaincode", ct);
        var started = Stopwatch.GetTimestamp();
        await using var ledger = await StandaloneLedger.StartAsync(settings.Chaincode, ct);
        await BenchmarkNetwork.RequireAsync(ledger.Profile, settings.Chaincode, "the chaincode", ct);
        var start = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"from start-up to the first commit: {start:F2} s"));

        var options = new GatewayOptions { FollowCommits = true };
        await using var ours = new OwnLoad(ledger.Profile, settings.Chaincode, options);
        await using var peer = new OwnLoad(profile, settings.Chaincode, options);
        // The real network's programs are compiled; this one compiles itself for its first ten thousand transactions.
        await ours.RunAsync(LoadKind.Submit, Transactions, ct);
        var rounds = await LoadRounds.ByTurnsAsync(
            ours, Transactions, peer, PeerTransactions, LoadKind.Submit, settings.Rounds ?? Rounds, progress, ct);
        return
        [
            LoadRounds.Compare("throughput", "transactions/s", rounds, round => round.PerSecond),
            LoadRounds.Compare("latency p50", "ms", rounds, round => round.P50),
        ];
    }
}
