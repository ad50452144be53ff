using System.Globalization;
using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>The same chaincode over our shim and over the official Node shim, on the same real network, under our client.</summary>
internal sealed class ShimBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int Transactions = 1000;
    private const int Queries = 2000;

    public string Name => "shim";

    public string Summary => "puts and gets by a chaincode over our shim, against one over the official Node shim (--connection)";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var (_, profile) = BenchmarkNetwork.Of(settings);
        await BenchmarkNetwork.RequireAsync(profile, settings.Chaincode, "tests/HealthShare.AssetChaincode", ct);
        await BenchmarkNetwork.RequireAsync(profile, settings.PeerChaincode, "tests/HealthShare.Benchmarks/peers/chaincode.js", ct);
        await using var ours = new ChaincodeLoad(profile, settings.Chaincode);
        await using var peer = new ChaincodeLoad(profile, settings.PeerChaincode);
        var rounds = settings.Rounds ?? Rounds;
        var submits = await LoadRounds.ByTurnsAsync(ours, peer, LoadKind.Submit, Transactions, rounds, progress, ct);
        var queries = await LoadRounds.ByTurnsAsync(ours, peer, LoadKind.Evaluate, Queries, rounds, progress, ct);
        return
        [
            LoadRounds.Compare("processor time of all its services per put", "ms", submits, round => round.ProcessorMilliseconds),
            LoadRounds.Compare("processor time of all its services per get", "ms", queries, round => round.ProcessorMilliseconds),
            LoadRounds.Compare("evaluate p50", "ms", queries, round => round.P50),
            LoadRounds.Compare("evaluate p95", "ms", queries, round => round.P95),
            LoadRounds.Compare("put throughput", "transactions/s", submits, round => round.PerSecond),
        ];
    }

    /// <summary>Our client's load, with the processor time of the chaincode's services, which they tell themselves.</summary>
    private sealed class ChaincodeLoad(ConnectionProfile profile, string chaincode) : ILoad
    {
        private readonly OwnLoad load = new(profile, chaincode);
        private readonly GatewayClient client = GatewayClient.Connect(
            profile, profile.Organization().MspId, BenchmarkNetwork.UserOf(profile.Organization()).Name);
        private readonly List<string> endorsers = [];

        public async Task<LoadRound> RunAsync(LoadKind kind, int count, CancellationToken ct)
        {
            var before = await ProcessorSecondsAsync(ct);
            var round = await load.RunAsync(kind, count, ct);
            return round with { ProcessorSeconds = await ProcessorSecondsAsync(ct) - before };
        }

        public async ValueTask DisposeAsync()
        {
            await load.DisposeAsync();
            await client.DisposeAsync();
        }

        private async Task<double> ProcessorSecondsAsync(CancellationToken ct)
        {
            if (endorsers.Count == 0)
                await FindEndorsersAsync(ct);
            // Where one service serves several peers it answers the same process's time to each, and counts once.
            var times = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var mspId in endorsers)
            {
                var answer = Encoding.UTF8.GetString((await AskAsync(mspId, ct)).Span).Split(' ');
                times[answer[0]] = double.Parse(answer[1], CultureInfo.InvariantCulture) / 1000;
            }
            return times.Values.Sum();
        }

        private async Task FindEndorsersAsync(CancellationToken ct)
        {
            foreach (var member in profile.Organizations)
            {
                try
                {
                    await AskAsync(member.MspId, ct);
                    endorsers.Add(member.MspId);
                }
                catch (LedgerException e) when (e.Code is LedgerCodes.NotReady or LedgerCodes.Unavailable)
                {
                    // A member that does not run the chaincode has no processor time to count.
                }
            }
        }

        private Task<ReadOnlyMemory<byte>> AskAsync(string mspId, CancellationToken ct) =>
            client.EvaluateAsync(new(chaincode, "processorTime") { Organizations = [mspId] }, ct);
    }
}
