using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Policy.Ids;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>Records registered per second on a real network, by how many go into one transaction; the peer is one each.</summary>
internal sealed class RegisterBatchBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private const int InFlight = 32;
    private static readonly (int Size, int Records)[] Batches = [(1, 400), (10, 3000), (100, 10_000)];
    private static readonly LedgerJson Json = LedgerJson.Default;

    public string Name => "register-batch";

    public string Summary => "records registered per second, 100 and 10 in a transaction against 1 (--connection, with the chaincode 'healthshare')";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        var (_, profile) = BenchmarkNetwork.Of(settings);
        var member = profile.Organization();
        await using var client = GatewayClient.Connect(profile, member.MspId, BenchmarkNetwork.UserOf(member).Name);
        await BenchmarkNetwork.RequireFoundedAsync(client, profile, own: null, ct);
        var patient = LedgerId.New(IdKind.Patient);
        await client.SubmitAsync(Call(LedgerTransactions.EnrollPatient, new EnrollPatient(patient, []), Json.EnrollPatient), ct);

        var rates = Batches.ToDictionary(batch => batch.Size, _ => new List<double>());
        var rounds = settings.Rounds ?? Rounds;
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (size, records) in Batches)
            {
                var rate = await RegisterAsync(client, patient, size, records, ct);
                await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"round {round} of {rounds}, {size} in a transaction: {rate:F0} records/s{(round == 0 ? " (warm-up)" : "")}"));
                if (round > 0)
                    rates[size].Add(rate);
            }
        }
        var single = Measurement.Median(rates[1]);
        return
        [
            new("100 in a transaction, against 1", "records/s", Measurement.Median(rates[100]), single),
            new("10 in a transaction, against 1", "records/s", Measurement.Median(rates[10]), single),
        ];
    }

    private static async Task<double> RegisterAsync(GatewayClient client, string patient, int size, int records, CancellationToken ct)
    {
        var batches = new Queue<TransactionRequest>(Enumerable.Range(0, records / size).Select(_ => Call(
            LedgerTransactions.RegisterRecords,
            new RegisterRecords([.. Enumerable.Range(0, size).Select(_ => NewRecord(patient))]), Json.RegisterRecords)));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                TransactionRequest? next;
                lock (batches)
                {
                    if (!batches.TryDequeue(out next))
                        return;
                }
                await client.SubmitAsync(next, ct);
            }
        }, ct)));
        return records / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static NewRecord NewRecord(string patient) => new(
        patient, LedgerId.New(IdKind.Record), [Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16))], [], "N",
        LedgerTime.Truncate(DateTimeOffset.UtcNow), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", 1000,
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    private static TransactionRequest Call<T>(string transaction, T argument, JsonTypeInfo<T> type) =>
        new(ContractCatalog.ChaincodeName, transaction, JsonSerializer.Serialize(argument, type));
}
