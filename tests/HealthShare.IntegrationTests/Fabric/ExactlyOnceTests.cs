using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>One act is one effect: of a caller that repeats itself, and of a reader that dies and starts again.</summary>
[Collection(AssetCollection.Name)]
public sealed class ExactlyOnceTests(AssetChannel channel) : IDisposable
{
    private const int Events = 12;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthshare-once-");

    public void Dispose() => folder.Delete(recursive: true);

    [AssetFact]
    public async Task An_act_that_is_asked_for_again_at_once_later_and_after_a_restart_is_one_transaction()
    {
        var key = NewKey();
        var act = Call("putMany", key, "once") with { IdempotencyKey = $"act-{key}" };
        string first;
        await using (var client = Connect())
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.SubmitAsync(act)));
            first = Assert.Single(results.Select(result => result.TransactionId).Distinct());
        }
        await using (var restarted = Connect())
        {
            var again = await restarted.SubmitAsync(act);
            Assert.Equal((first, "1"), (again.TransactionId, Text(again.Result)));
            var other = await Assert.ThrowsAsync<LedgerException>(() => restarted.SubmitAsync(act with { Arguments = Call("putMany", key, "twice").Arguments }));
            Assert.Equal(LedgerCodes.KeyReused, other.Code);
        }
        Assert.Equal([first], await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task Acts_that_conflict_are_repeated_until_each_took_effect_once()
    {
        const int acts = 6;
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Call("put", key, "0"));
        await using var client = Connect(new RetryOptions { Attempts = 20 });

        // Each reads and writes the one key, so that of all in a block only one is valid.
        var done = await Task.WhenAll(Enumerable.Range(1, acts).Select(i =>
            client.SubmitAsync(Call("update", key, $"{i}") with { IdempotencyKey = $"{key}-{i}" })));

        var history = await channel.HistoryAsync(channel.North, key);
        Assert.Equal(acts + 1, history.Length);
        Assert.Equal(done.Select(result => result.TransactionId).Order(), history[..acts].Order());
    }

    [AssetFact]
    public async Task A_handler_that_dies_again_and_again_applies_each_event_once()
    {
        var prefix = NewKey();
        var start = EventStart.AtBlock((await channel.As(channel.North).GetChainInfoAsync()).Height);
        await Task.WhenAll(Enumerable.Range(0, Events).Select(i => channel.SubmitAsync(channel.North, Call("put", $"{prefix}{i:D2}", "x"))));

        var path = Path.Combine(folder.FullName, "effects");
        var deaths = 0;
        for (var applied = 0; applied < Events; applied = new FileHandler(path, prefix).Applied.Count)
        {
            // A new process each time: it has the file and nothing else.
            using var life = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var handler = new FileHandler(path, prefix) { DiesAfter = 1 + deaths++ % 3, Life = life };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                channel.As(channel.North).ChaincodeEvents(AssetName).ProcessAsync(handler, new() { Start = start }, life.Token));
            Assert.True(deaths <= Events, "A life applied nothing.");
        }
        Assert.Equal(Enumerable.Range(0, Events).Select(i => $"{prefix}{i:D2}"), new FileHandler(path, prefix).Applied.Order());
    }

    private GatewayClient Connect(RetryOptions? retry = null) => GatewayClient.Connect(channel.Profile, channel.North, "User1", Patient.Options with
    {
        Outcomes = new FileOutcomeStore(Path.Combine(folder.FullName, "outcomes")), Retry = retry ?? new RetryOptions(),
    });

    /// <summary>Effects and position in one file that is replaced as a whole. It dies before or after the replacement, by turns.</summary>
    private sealed class FileHandler : ITransactionalHandler<LedgerEvent>
    {
        private readonly string path;
        private readonly string prefix;
        private EventPosition? position;
        private int handled;

        public FileHandler(string path, string prefix)
        {
            (this.path, this.prefix) = (path, prefix);
            if (!File.Exists(path))
                return;
            var lines = File.ReadAllLines(path);
            var at = lines[0].Split(' ');
            position = new EventPosition(ulong.Parse(at[0], System.Globalization.CultureInfo.InvariantCulture), at[1] is "-" ? null : at[1]);
            Applied = [.. lines[1..]];
        }

        public List<string> Applied { get; } = [];

        public int DiesAfter { get; init; }

        public CancellationTokenSource? Life { get; init; }

        public ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default) => ValueTask.FromResult(position);

        public async ValueTask SaveAsync(EventPosition position, CancellationToken ct = default)
        {
            var text = new StringBuilder().Append(position.BlockNumber).Append(' ').AppendLine(position.TransactionId ?? "-").AppendJoin('\n', Applied);
            await File.WriteAllTextAsync(path + ".new", text.ToString(), CancellationToken.None);
            File.Move(path + ".new", path, overwrite: true);
            this.position = position;
        }

        public async Task HandleAsync(LedgerEvent item, EventPosition next, CancellationToken ct = default)
        {
            ct.ThrowIfCancellationRequested();
            if (!Text(item.Payload).StartsWith(prefix, StringComparison.Ordinal))
            {
                await SaveAsync(next, ct);
                return;
            }
            var dies = ++handled == DiesAfter;
            if (dies && DiesAfter == 2)
                await DieAsync(ct);
            Applied.Add(Text(item.Payload));
            await SaveAsync(next, ct);
            if (dies || Applied.Count == Events)
                await DieAsync(ct);
        }

        private async Task DieAsync(CancellationToken ct)
        {
            await Life!.CancelAsync();
            ct.ThrowIfCancellationRequested();
        }
    }
}
