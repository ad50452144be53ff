using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Node.Audit.Verification;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.Receipts;
using HealthShare.UnitTests.Node.Support;
using HealthShare.UnitTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>Over blocks of a real Fabric network, as its peer gave them.</summary>
public sealed class VerificationApiTests
{
    private const string Path = "/api/v1/verifications";
    private const int Blocks = 12;

    [Fact]
    public async Task A_regulator_has_the_channel_verified_and_the_result_is_kept()
    {
        var ledger = new StoredLedger([.. FabricBlocks.ReadAll().Take(Blocks)]);
        await using var node = await StartAsync(ledger);
        using var auditor = node.Client(Role.Auditor);
        var first = await EndOfAsync(auditor, await StartRunAsync(auditor));
        Assert.Equal("passed", first.GetProperty("state").GetString());
        Assert.Equal((Blocks, Blocks), (first.GetProperty("blocksDone").GetInt32(), first.GetProperty("blocksTotal").GetInt32()));
        var result = first.GetProperty("result");
        Assert.True(result.GetProperty("ok").GetBoolean());
        Assert.Equal(Blocks, result.GetProperty("blocks").GetInt32());
        Assert.True(result.GetProperty("signatures").GetInt64() > Blocks);

        var genesis = result.GetProperty("genesisHash").GetString()!;
        Assert.Equal("passed", (await EndOfAsync(auditor, await StartRunAsync(auditor, genesis.ToUpperInvariant()))).GetProperty("state").GetString());
        var other = await EndOfAsync(auditor, await StartRunAsync(auditor, new string('0', 64)));
        Assert.Equal("faultFound", other.GetProperty("state").GetString());
        Assert.Equal("Configuration", other.GetProperty("result").GetProperty("fault").GetProperty("kind").GetString());

        var page = await auditor.GetOkAsync($"{Path}?limit=2");
        Assert.Equal(["faultFound", "passed"], page.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("state").GetString()));
        var rest = await auditor.GetOkAsync($"{Path}?limit=2&cursor={page.GetProperty("next").GetString()}");
        Assert.Equal(first.GetProperty("id").GetString(), Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.False(rest.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task A_flipped_byte_is_named_with_its_block()
    {
        List<Block> blocks = [.. FabricBlocks.ReadAll().Take(Blocks)];
        var data = blocks[7].Data.Data[0].ToByteArray();
        data[^10] ^= 1;
        blocks[7].Data.Data[0] = ByteString.CopyFrom(data);
        await using var node = await StartAsync(new StoredLedger(blocks));
        using var auditor = node.Client(Role.Auditor);
        var run = await EndOfAsync(auditor, await StartRunAsync(auditor));
        Assert.Equal("faultFound", run.GetProperty("state").GetString());
        Assert.False(run.GetProperty("result").GetProperty("ok").GetBoolean());
        Assert.Equal(7, run.GetProperty("result").GetProperty("fault").GetProperty("block").GetInt32());
    }

    [Fact]
    public async Task One_runs_at_a_time_and_says_how_far_it_is()
    {
        var ledger = new StoredLedger([.. FabricBlocks.ReadAll().Take(Blocks)]) { Hold = new TaskCompletionSource() };
        await using var node = await StartAsync(ledger);
        using var auditor = node.Client(Role.Auditor);
        var started = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var answer = await auditor.PostAsync(Path, Body());
            return (answer.StatusCode, Json: await answer.JsonAsync());
        }));
        var run = Assert.Single(started, answer => answer.StatusCode is HttpStatusCode.Accepted).Json;
        Assert.All(started.Where(answer => answer.StatusCode is not HttpStatusCode.Accepted),
            answer => Assert.Equal((HttpStatusCode.Conflict, "verification.running"), (answer.StatusCode, answer.Json.GetProperty("code").GetString())));
        JsonElement shown, total;
        while (!(shown = await auditor.GetOkAsync($"{Path}/{run.GetProperty("id").GetString()}")).TryGetProperty("blocksTotal", out total))
            await Task.Delay(20);
        Assert.Equal("running", shown.GetProperty("state").GetString());
        Assert.Equal(Blocks, total.GetInt32());
        ledger.Hold.SetResult();
        Assert.Equal("passed", (await EndOfAsync(auditor, run)).GetProperty("state").GetString());
        await StartRunAsync(auditor);
    }

    [Fact]
    public async Task One_that_was_stopped_is_over_at_once_and_lets_another_begin()
    {
        var ledger = new StoredLedger([.. FabricBlocks.ReadAll().Take(Blocks)]) { Hold = new TaskCompletionSource() };
        await using var node = await StartAsync(ledger);
        using var auditor = node.Client(Role.Auditor);
        var run = await StartRunAsync(auditor);
        var address = $"{Path}/{run.GetProperty("id").GetString()}";
        Assert.Equal(HttpStatusCode.NoContent, (await auditor.DeleteAsync(address)).StatusCode);
        var stopped = await auditor.GetOkAsync(address);
        Assert.Equal(("interrupted", "verification.stopped"), (stopped.GetProperty("state").GetString(), stopped.GetProperty("reason").GetString()));
        var next = await StartRunAsync(auditor);
        ledger.Hold.SetResult();
        Assert.Equal("passed", (await EndOfAsync(auditor, next)).GetProperty("state").GetString());
        Assert.Equal("interrupted", (await auditor.GetOkAsync(address)).GetProperty("state").GetString()); // whatever became of its work
        Assert.Equal(HttpStatusCode.NoContent, (await auditor.DeleteAsync(address)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.DeleteAsync($"{Path}/{new string('0', 32)}")).StatusCode);
        using var physician = node.Client(Role.Physician);
        Assert.Equal(HttpStatusCode.Forbidden, (await physician.DeleteAsync(address)).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Progress_that_cannot_be_noted_ends_no_run_and_a_stop_that_it_meets_does(bool isStopped)
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var database = new FailingDatabase(test.Instance);
        var table = new VerificationTable(database, TimeProvider.System);
        var ledger = new StoredLedger([.. FabricBlocks.ReadAll().Take(Blocks)]) { Hold = new TaskCompletionSource() };
        using var worker = new VerificationWorker(ledger, table, new HurriedClock(), NullLogger<VerificationWorker>.Instance);
        await worker.StartAsync(default);
        var run = (await worker.TryBeginAsync(new VerificationOrder()))!;
        if (isStopped)
            await table.StopAsync(run.Id, default);
        else
            database.Failures = 6; // the first notes of thirteen
        ledger.Hold.SetResult();
        VerificationRun? shown;
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while ((shown = await table.FindAsync(run.Id, default))!.State is VerificationState.Running && patience.Elapsed < TimeSpan.FromSeconds(60))
            await Task.Delay(20);
        await worker.StopAsync(default);
        Assert.Equal(isStopped ? VerificationState.Interrupted : VerificationState.Passed, shown.State);
        Assert.Equal(isStopped ? VerificationTable.Stopped : null, shown.Reason);
        Assert.True(isStopped || database.Failures == 0);
    }

    [Fact]
    public async Task A_ledger_that_is_away_says_nothing_about_the_channel()
    {
        await using var node = await StartAsync(new StoredLedger([]) { IsAway = true });
        using var auditor = node.Client(Role.Auditor);
        var run = await EndOfAsync(auditor, await StartRunAsync(auditor));
        Assert.Equal(("failed", "ledger.unavailable"), (run.GetProperty("state").GetString(), run.GetProperty("reason").GetString()));
        Assert.False(run.TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Whoever_may_not_gets_nothing_and_malformed_requests_start_nothing()
    {
        await using var node = await StartAsync(new StoredLedger([.. FabricBlocks.ReadAll().Take(2)]));
        foreach (var role in (Role[])[Role.Patient, Role.Physician, Role.ItAdministrator, Role.System])
        {
            using var other = node.Client(role);
            Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(Path)).StatusCode);
            Assert.Equal("auth.forbidden", await other.RefusedAsync(Path, new JsonObject(), HttpStatusCode.Forbidden));
        }
        using var auditor = node.Client(Role.Auditor);
        foreach (var genesis in (string[])["", "00", new string('g', 64), new string('0', 65)])
            Assert.Equal("request.invalid", await auditor.RefusedAsync(Path, new JsonObject { ["genesis"] = genesis }, HttpStatusCode.BadRequest));
        foreach (var query in (string[])["?limit=0", "?limit=101", "?cursor=%3D", "?cursor=AAAA"])
            Assert.Equal(HttpStatusCode.BadRequest, (await auditor.GetAsync(Path + query)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"{Path}/{new string('0', 32)}")).StatusCode);
        Assert.Empty((await auditor.GetOkAsync(Path)).GetProperty("items").EnumerateArray());
    }

    private static StringContent Body(string json = "{}") => new(json, System.Text.Encoding.UTF8, "application/json");

    private static Task<NodeHost> StartAsync(StoredLedger ledger) => NodeHost.StartAsync(
        new Dictionary<string, string?> { ["HealthShare:Node:Kind"] = "Regulator", ["Logging:LogLevel:Default"] = "None" },
        services => services.AddSingleton<ILedger>(ledger));

    private static Task<JsonElement> StartRunAsync(HttpClient client, string? genesis = null) =>
        client.PostAsync(Path, new JsonObject { ["genesis"] = genesis }, HttpStatusCode.Accepted);

    private static async Task<JsonElement> EndOfAsync(HttpClient client, JsonElement run)
    {
        while (true)
        {
            var shown = await client.GetOkAsync($"{Path}/{run.GetProperty("id").GetString()}");
            if (shown.GetProperty("state").GetString() != "running")
                return shown;
            await Task.Delay(20);
        }
    }

    /// <summary>Every look at it comes two seconds later: each block is worth a note.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private long at;

        public override long GetTimestamp() => Interlocked.Add(ref at, 2 * TimestampFrequency);
    }

    private sealed class FailingDatabase(IDatabase inner) : IDatabase
    {
        private int failures;

        public int Failures
        {
            get => Volatile.Read(ref failures);
            set => Volatile.Write(ref failures, value);
        }

        public DatabaseProvider Provider => inner.Provider;

        public Task<System.Data.Common.DbConnection> OpenAsync(CancellationToken ct) => inner.OpenAsync(ct);

        public Task<T> WriteAsync<T>(Func<System.Data.Common.DbTransaction, Task<T>> work, CancellationToken ct) =>
            Failures > 0 && Interlocked.Decrement(ref failures) >= 0
                ? throw new Microsoft.Data.Sqlite.SqliteException("database is locked", 5)
                : inner.WriteAsync(work, ct);
    }

    private sealed class StoredLedger(List<Block> blocks) : ILedger
    {
        public string Channel => "health";

        public string MspId => "RegulatorMSP";

        public int MembersWithPeers => 2;

        public LedgerConnection Connection { get; } = new([], null);

        public bool IsAway { get; init; }

        /// <summary>What the blocks wait for; null for nothing.</summary>
        public TaskCompletionSource? Hold { get; init; }

        public Task<LedgerCommit> SubmitAsync(LedgerCall call, CancellationToken ct) => throw FakeLedger.Away(LedgerStage.Endorse);

        public Task<LedgerCommit> SubmitElsewhereAsync(LedgerCall call, CancellationToken ct) => SubmitAsync(call, ct);

        public Task<IReadOnlyList<string>> CommittedByAsync(string transactionId, int wanted, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<string>>([]);

        public Task<ReadOnlyMemory<byte>> EvaluateAsync(LedgerCall call, CancellationToken ct) =>
            throw FakeLedger.Away(LedgerStage.Evaluate);

        public async IAsyncEnumerable<Block> BlocksAsync(ulong from, [EnumeratorCancellation] CancellationToken ct)
        {
            foreach (var block in blocks.Skip((int)from))
            {
                if (Hold is { } hold)
                    await hold.Task.WaitAsync(ct);
                yield return block;
            }
            await Task.Delay(Timeout.Infinite, ct); // as a peer: more may come
        }

        public Task<ulong> HeightAsync(CancellationToken ct) =>
            IsAway ? throw FakeLedger.Away(LedgerStage.Evaluate) : Task.FromResult((ulong)blocks.Count);

        public (ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature) Sign(ReceiptClaim claim) => throw new NotSupportedException();
    }
}
