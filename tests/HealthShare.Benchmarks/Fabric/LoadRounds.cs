using System.Globalization;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>Runs two loads by turns, so that a busy moment of the machine hits both.</summary>
internal static class LoadRounds
{
    public static Task<(List<LoadRound> Ours, List<LoadRound> Peer)> ByTurnsAsync(
        ILoad ours, ILoad peer, LoadKind kind, int count, int rounds, TextWriter progress, CancellationToken ct) =>
        ByTurnsAsync(ours, count, peer, count, kind, rounds, progress, ct);

    /// <summary>As the other, with a number for each side: one that is many times faster needs more of them for a round that is long enough.</summary>
    public static async Task<(List<LoadRound> Ours, List<LoadRound> Peer)> ByTurnsAsync(
        ILoad ours, int ownCount, ILoad peer, int peerCount, LoadKind kind, int rounds, TextWriter progress, CancellationToken ct)
    {
        var (own, others) = (new List<LoadRound>(), new List<LoadRound>());
        for (var round = 0; round <= rounds; round++)
        {
            // Who begins changes, since blocks and caches that one leaves behind are there for the next.
            var ownFirst = round % 2 == 0;
            var first = await RunAsync(ownFirst);
            var second = await RunAsync(!ownFirst);
            if (round == 0)
                continue;
            own.Add(ownFirst ? first : second);
            others.Add(ownFirst ? second : first);

            async Task<LoadRound> RunAsync(bool own)
            {
                var (load, count, who) = own ? (ours, ownCount, "ours") : (peer, peerCount, "peer");
                var done = await load.RunAsync(kind, count, ct);
                await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"round {round} of {rounds}, {kind}, {who}: {done.PerSecond:F0}/s, {done.ProcessorMilliseconds:F2} ms of processor, "
                    + $"p50 {done.P50:F0} ms, p95 {done.P95:F0} ms{(round == 0 ? " (warm-up)" : "")}"));
                return done.Failed == 0
                    ? done
                    : throw new InvalidOperationException($"{done.Failed} of {done.Count} failed; the first: {done.FirstError}");
            }
        }
        return (own, others);
    }

    /// <summary>Compares the medians of one figure.</summary>
    public static Measure Compare(
        string what, string unit, (List<LoadRound> Ours, List<LoadRound> Peer) rounds, Func<LoadRound, double> figure) =>
        new(what, unit, Measurement.Median(rounds.Ours.Select(figure)), Measurement.Median(rounds.Peer.Select(figure)));
}
