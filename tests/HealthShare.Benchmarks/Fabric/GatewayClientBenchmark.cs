namespace HealthShare.Benchmarks.Fabric;

/// <summary>Our gateway client against the official Node client, on the same real network and the same chaincode.</summary>
internal sealed class GatewayClientBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int Transactions = 1500;

    public string Name => "gateway-client";

    public string Summary => "256-byte puts on a real network, 96 in flight, against the official Node client (--connection)";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var (file, profile) = BenchmarkNetwork.Of(settings);
        await BenchmarkNetwork.RequireAsync(profile, settings.Chaincode, "tests/HealthShare.AssetChaincode", ct);
        await using var ours = new OwnLoad(profile, settings.Chaincode);
        await using var peer = await NodeLoad.StartAsync(file, profile, settings.Chaincode, progress, ct);
        var rounds = await LoadRounds.ByTurnsAsync(
            ours, peer, LoadKind.Submit, Transactions, settings.Rounds ?? Rounds, progress, ct);
        return
        [
            LoadRounds.Compare("processor time of the client per transaction", "ms", rounds, round => round.ProcessorMilliseconds),
            LoadRounds.Compare("throughput", "transactions/s", rounds, round => round.PerSecond),
            LoadRounds.Compare("latency p50", "ms", rounds, round => round.P50),
            LoadRounds.Compare("latency p95", "ms", rounds, round => round.P95),
        ];
    }
}
