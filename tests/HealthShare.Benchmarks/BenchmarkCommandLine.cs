using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using HealthShare.Benchmarks.Access;
using HealthShare.Benchmarks.Fabric;
using HealthShare.Benchmarks.Hl7;
using HealthShare.Benchmarks.Policy;
using HealthShare.Benchmarks.Vault;

namespace HealthShare.Benchmarks;

/// <summary>
/// One command for every benchmark. Exit status: 0 measured or listed, 1 a failure, 2 wrong usage or something is missing.
/// </summary>
internal static class BenchmarkCommandLine
{
    private static readonly IReadOnlyList<IBenchmark> All =
    [
        new VaultStoreBenchmark(), new SealBenchmark(), new ReadLatencyBenchmark(daemons: false), new ReadLatencyBenchmark(daemons: true),
        new GatewayClientBenchmark(), new ShimBenchmark(), new DevLedgerBenchmark(), new RegisterBatchBenchmark(),
        new KernelBenchmark(), new DecideHttpBenchmark(), new ListLatencyBenchmark(), new ReceiptsBenchmark(), new Hl7ParseBenchmark(), new MllpIntakeBenchmark(),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var name = new Argument<string?>("name") { Description = "The benchmark; without it, all are listed.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print one JSON object; progress goes to standard error." };
        var connection = new Option<string?>("--connection") { Description = "Connection file of a real Fabric network.", HelpName = "FILE" };
        var chaincode = new Option<string>("--chaincode")
        {
            Description = "Name under which tests/HealthShare.AssetChaincode is deployed there.", DefaultValueFactory = _ => "asset",
        };
        var peerChaincode = new Option<string>("--peer-chaincode")
        {
            Description = "Name under which peers/chaincode.js is deployed there.", DefaultValueFactory = _ => "asset_node",
        };
        var rounds = new Option<int?>("--rounds") { Description = "Rounds that count, 1 to 100; each benchmark has its own default." };
        rounds.Validators.Add(result =>
        {
            if (result.GetValue(rounds) is < 1 or > 100)
                result.AddError("--rounds is 1 to 100.");
        });
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Find(token.Value) is null)
                result.AddError($"There is no benchmark '{token.Value}'. Without a name, all are listed.");
        });
        var root = new RootCommand("Measures HealthShare against a peer in the same run.")
        {
            name, json, connection, chaincode, peerChaincode, rounds,
        };
        root.SetAction((parsed, ct) => RunAsync(
            Find(parsed.GetValue(name)),
            new(parsed.GetValue(connection), parsed.GetValue(chaincode)!, parsed.GetValue(peerChaincode)!, parsed.GetValue(rounds)),
            parsed.GetValue(json), ct));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync();
        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync(error.Message);
        return 2;
    }

    private static IBenchmark? Find(string? name) => All.FirstOrDefault(benchmark => benchmark.Name == name);

    private static async Task<int> RunAsync(IBenchmark? benchmark, BenchmarkSettings settings, bool json, CancellationToken ct)
    {
        if (benchmark is null)
        {
            foreach (var known in All)
                await Console.Out.WriteLineAsync($"{known.Name,-16}{known.Summary}");
            return 0;
        }
        try
        {
            var measures = await benchmark.RunAsync(settings, Console.Error, ct);
            var machine = $"{Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}, "
                + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
            await Console.Out.WriteAsync(json ? ToJson(benchmark, measures, machine) : ToText(benchmark, measures, machine));
            return 0;
        }
        catch (MissingPieceException e)
        {
            await Console.Error.WriteLineAsync($"{benchmark.Name}: {e.Message}");
            return 2;
        }
    }

    private static string ToText(IBenchmark benchmark, IReadOnlyList<Measure> measures, string machine)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{benchmark.Name} ({machine})");
        foreach (var measure in measures)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {measure.What}: ours {measure.Ours:G4}, peer {measure.Peer:G4} {measure.Unit}, ratio {measure.Ratio:F2}");
        }
        return text.ToString();
    }

    private static string ToJson(IBenchmark benchmark, IReadOnlyList<Measure> measures, string machine)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("name", benchmark.Name);
            Write(writer, measures[0]);
            writer.WriteString("machine", machine);
            writer.WriteStartArray("measures");
            foreach (var measure in measures)
            {
                writer.WriteStartObject();
                writer.WriteString("what", measure.What);
                Write(writer, measure);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + Environment.NewLine;
    }

    private static void Write(Utf8JsonWriter writer, Measure measure)
    {
        writer.WriteNumber("ours", Math.Round(measure.Ours, 4));
        writer.WriteNumber("peer", Math.Round(measure.Peer, 4));
        writer.WriteNumber("ratio", Math.Round(measure.Ratio, 3));
        writer.WriteString("unit", measure.Unit);
    }
}
