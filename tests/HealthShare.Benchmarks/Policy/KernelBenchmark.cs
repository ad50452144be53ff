using System.Diagnostics;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Benchmarks.Policy;

/// <summary>
/// Decisions of the kernel on one core. The peer compares one text per statement and decides nothing: the least that any kernel
/// over so many statements must do. A second measure holds a thousand statements against ten.
/// </summary>
internal sealed class KernelBenchmark : IBenchmark
{
    private const int Rounds = 7;
    private const int Few = 10;
    private const int Many = 1000;
    private const int Statements = 10_000_000; // looked at in a round, whatever their number per decision
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Orgs = ["NorthMSP", "SouthMSP", "EastMSP", "WestMSP"];

    public string Name => "kernel";

    public string Summary => "decisions over 10 statements on one core, against one text comparison per statement; and 1,000 statements against 10";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        Measurement.UseOneCore();
        var (few, many) = (Patient.With(Few), Patient.With(Many));
        Func<long>[] works = [() => few.Decide(Statements / Few), () => few.Compare(Statements / Few), () => many.Decide(Statements / Many)];
        var best = Enumerable.Repeat(double.MaxValue, works.Length).ToArray();
        var rounds = settings.Rounds ?? Rounds;
        for (var round = 0; round <= rounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            for (var i = 0; i < works.Length; i++)
            {
                var seconds = ProcessorSeconds(works[i]);
                if (round > 0)
                    best[i] = Math.Min(best[i], seconds);
            }
            await progress.WriteLineAsync($"round {round} of {rounds}{(round == 0 ? " (warm-up)" : "")}");
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        var permitted = works[0]();
        await progress.WriteLineAsync($"{Statements / Few} decisions allocated {GC.GetAllocatedBytesForCurrentThread() - before} bytes; {permitted} permitted");
        return
        [
            new("decisions over 10 statements", "1/s", Statements / Few / best[0], Statements / Few / best[1]),
            new("time per statement, of 1,000 against of 10", "ns", best[2] / Statements * 1e9, best[0] / Statements * 1e9),
        ];
    }

    // Processor time, not the clock's: what one core does, whatever else the machine does.
    private static double ProcessorSeconds(Func<long> work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        GC.KeepAlive(work());
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds;
    }

    /// <summary>A patient's statements, some records and those who ask for them; about a third of it is permitted.</summary>
    private sealed class Patient(StatementInForce[] statements, RecordFacts[] records, RequestFacts[] requests)
    {
        public static Patient With(int count)
        {
            var tokens = Enumerable.Range(0, 8).Select(i =>
                Token.Compute(new byte[Token.LabelKeyLength], TokenDimension.Category, $"code {i}")).ToArray();
            var statements = Enumerable.Range(0, count).Select(i => new StatementInForce($"st-{i:D26}", new GrantBody(
                i % 5 == 4 ? Effect.Deny : Effect.Permit,
                [
                    new Provision
                    {
                        Who = [new WhoOrg(Orgs[i % 4], i % 3 == 0 ? "physician" : i % 3 == 1 ? "nurse" : null)],
                        Purpose = [i % 7 == 6 ? "HRESCH" : "TREAT"],
                        Category = i % 5 == 4 ? [tokens[7]] : [tokens[i % 7], tokens[(i + 3) % 7]],
                        Except = [new Provision { Labels = [tokens[i % 8]] }],
                    },
                ],
                new Period(Now.AddDays(-1), Now.AddDays(i % 60 + 1))))).ToArray();
            var records = Enumerable.Range(0, 16).Select(i => new RecordFacts($"rc-{i:D26}", Orgs[i % 2], [tokens[i % 8]],
                i % 4 == 0 ? [tokens[(i + 1) % 8]] : [], tokens[i % 8], null, "N", Now.AddDays(-i))).ToArray();
            var requests = Enumerable.Range(0, 8).Select(i => new RequestFacts(
                Orgs[i % 4], true, i % 2 == 0 ? "physician" : "nurse", $"s-{i}", i == 7 ? "HRESCH" : "TREAT", Now)).ToArray();
            return new Patient(statements, records, requests);
        }

        public long Decide(int decisions)
        {
            long permitted = 0;
            for (var i = 0; i < decisions; i++)
            {
                if (DecisionKernel.Decide(records[i & 15], requests[(i >> 4) & 7], statements).Permitted)
                    permitted++;
            }
            return permitted;
        }

        public long Compare(int decisions)
        {
            long same = 0;
            for (var i = 0; i < decisions; i++)
            {
                var asking = requests[(i >> 4) & 7].Org;
                foreach (var statement in statements)
                {
                    if (string.Equals(((WhoOrg)statement.Grant.Scope[0].Who[0]).Org, asking, StringComparison.Ordinal))
                        same++;
                }
            }
            return same;
        }
    }
}
