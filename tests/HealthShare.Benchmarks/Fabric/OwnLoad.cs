using System.Collections.Concurrent;
using System.Diagnostics;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>Load through our gateway client, in this process.</summary>
internal sealed class OwnLoad : ILoad
{
    private static readonly ReadOnlyMemory<byte> Value = Enumerable.Repeat((byte)'v', Load.ValueSize).ToArray();

    private readonly GatewayClient client;
    private readonly string chaincode;

    public OwnLoad(ConnectionProfile profile, string chaincode, GatewayOptions? options = null)
    {
        var member = profile.Organization();
        client = GatewayClient.Connect(profile, member.MspId, BenchmarkNetwork.UserOf(member).Name, options);
        this.chaincode = chaincode;
    }

    public async Task<LoadRound> RunAsync(LoadKind kind, int count, CancellationToken ct)
    {
        var prefix = Guid.NewGuid().ToString("n")[..12];
        Func<int, Task> one = kind is LoadKind.Submit ? PutAsync : GetAsync;
        var (milliseconds, errors, next) = (new ConcurrentBag<double>(), new ConcurrentQueue<string>(), -1);
        GC.Collect();
        var (processor, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Load.InFlight, count)).Select(_ => Task.Run(WorkAsync, ct)));
        var (seconds, used) = (Stopwatch.GetElapsedTime(started).TotalSeconds, Environment.CpuUsage.TotalTime - processor);
        double[] sorted = [.. milliseconds.Order()];
        return new(count, seconds, used.TotalSeconds, At(0.5), At(0.95), errors.Count, errors.FirstOrDefault());

        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

        async Task WorkAsync()
        {
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                var at = Stopwatch.GetTimestamp();
                try
                {
                    await one(i);
                    milliseconds.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                }
                catch (LedgerException e)
                {
                    errors.Enqueue($"{e.Code}: {e.Message}");
                }
            }
        }

        Task PutAsync(int i) => client.SubmitAsync(new(chaincode, "put", [Bytes($"{prefix}-{i}"), Value]), ct);

        Task GetAsync(int i) => client.EvaluateAsync(new(chaincode, "get", [Bytes(Load.QueriedKey)]), ct);
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
