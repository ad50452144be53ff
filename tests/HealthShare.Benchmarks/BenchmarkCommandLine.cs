using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using HealthShare.Benchmarks.Vault;

namespace HealthShare.Benchmarks;

/// <summary>One command for every benchmark. Exit status: 0 measured or listed, 1 a failure, 2 wrong usage.</summary>
internal static class BenchmarkCommandLine
{
    private static readonly IReadOnlyList<IBenchmark> All = [new VaultStoreBenchmark(), new SealBenchmark()];

    public static async Task<int> RunAsync(string[] args)
    {
        var name = new Argument<string?>("name") { Description = "The benchmark; without it, all are listed.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print one JSON object; progress goes to standard error." };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Find(token.Value) is null)
                result.AddError($"There is no benchmark '{token.Value}'. Without a name, all are listed.");
        });
        var root = new RootCommand("Measures HealthShare against a peer in the same run.") { name, json };
        root.SetAction((parsed, ct) => RunAsync(Find(parsed.GetValue(name)), parsed.GetValue(json), ct));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync();
        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync(error.Message);
        return 2;
    }

    private static IBenchmark? Find(string? name) => All.FirstOrDefault(benchmark => benchmark.Name == name);

    private static async Task<int> RunAsync(IBenchmark? benchmark, bool json, CancellationToken ct)
    {
        if (benchmark is null)
        {
            foreach (var known in All)
                await Console.Out.WriteLineAsync($"{known.Name,-16}{known.Summary}");
            return 0;
        }
        var figures = await benchmark.RunAsync(Console.Error, ct);
        var machine = $"{Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}, "
            + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
        await Console.Out.WriteLineAsync(json ? ToJson(benchmark, figures, machine) : string.Create(CultureInfo.InvariantCulture,
            $"{benchmark.Name}: ours {figures.Ours:F1}, peer {figures.Peer:F1} {benchmark.Unit}, ratio {figures.Ratio:F2} ({machine})"));
        return 0;
    }

    private static string ToJson(IBenchmark benchmark, Figures figures, string machine)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("name", benchmark.Name);
            writer.WriteNumber("ours", Math.Round(figures.Ours, 2));
            writer.WriteNumber("peer", Math.Round(figures.Peer, 2));
            writer.WriteNumber("ratio", Math.Round(figures.Ratio, 3));
            writer.WriteString("unit", benchmark.Unit);
            writer.WriteString("machine", machine);
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
