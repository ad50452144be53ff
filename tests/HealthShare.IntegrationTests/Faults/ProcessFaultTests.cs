using System.Text.Json.Nodes;
using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>Processes are killed and frozen under load: nothing lost, nothing twice, a clear error, recovery without a restart.</summary>
public sealed class ProcessFaultTests
{
    private const string Reason = "kills processes of its ledger";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [DevLedgerFact(Reason)]
    public async Task A_ledger_that_is_killed_under_load_keeps_what_it_acknowledged_and_nothing_twice()
    {
        const int writers = 6, each = 10, kills = 3;
        await using var processes = await LedgerProcesses.StartAsync();
        var client = processes.Client;
        var prefix = NewKey();
        using var patience = new CancellationTokenSource(Patience);
        var (done, over, written) = (0, false, new int[writers]);
        // They go on until the last kill, however fast they are.
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var (met, i) = (new List<LedgerException>(), 0);
            for (; i < each || !Volatile.Read(ref over); i++)
            {
                met.AddRange(await SafeWriter.PutAsync(client, $"{prefix}{writer}-{i}", patience.Token));
                Interlocked.Increment(ref done);
            }
            written[writer] = i;
            return met;
        }));
        for (var kill = 1; kill <= kills; kill++)
        {
            while (Volatile.Read(ref done) < kill * writers * each / (kills + 1) && !writing.IsCompleted)
                await Task.Delay(5, patience.Token);
            Assert.False(writing.IsFaulted, $"{writing.Exception}");
            await processes.Ledger.KillAsync();
            await processes.StartLedgerAsync();
        }
        Volatile.Write(ref over, true);
        var failures = (await writing).SelectMany(met => met).ToList();

        // A ledger that has just started may not have reached its chaincode in the seconds that it allows itself.
        Assert.All(failures, failure => Assert.Contains(failure.Code, (string[])[LedgerCodes.Unavailable, LedgerCodes.Timeout, LedgerCodes.ChaincodeUnavailable]));
        foreach (var key in written.SelectMany((count, writer) => Enumerable.Range(0, count).Select(i => $"{prefix}{writer}-{i}")))
            Assert.Equal(1, await EffectsAsync(client, key));
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_is_killed_while_it_endorses_and_started_again_is_used_again()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        // Patient, so that a busy machine does not have the time run out before the kill is noticed.
        await using var client = processes.Connect(Patient.Options);
        var key = NewKey();
        await client.SubmitAsync(Call("put", $"{key}0", "x"));
        var running = client.SubmitAsync(Call("slow", "240000", key)); // which no kill comes too late for
        await Task.Delay(500);
        await processes.Chaincode.KillAsync();

        var lost = await Assert.ThrowsAsync<LedgerException>(() => running);
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.ChaincodeUnavailable, false), (lost.Stage, lost.Code, lost.MayHaveCommitted));
        var away = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", key, "x")));
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.ChaincodeUnavailable, true), (away.Stage, away.Code, away.IsTransient));
        Assert.True((await client.GetChainInfoAsync()).Height > 0); // the peer itself goes on

        await processes.StartChaincodeAsync();
        await WriteAsync(client, key);
        Assert.Equal(1, await EffectsAsync(client, key));
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_hangs_costs_its_caller_the_deadline_and_nobody_else_anything()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        var (client, prefix) = (processes.Client, NewKey());
        await using var patient = processes.Connect(Patient.Options);
        var hanging = Enumerable.Range(0, 4).Select(_ => client.SubmitAsync(Call("hang"))).ToList();
        for (var i = 0; i < 10; i++)
            await patient.SubmitAsync(Call("put", $"{prefix}{i}", "x"));
        foreach (var hung in hanging)
        {
            var late = await Assert.ThrowsAsync<LedgerException>(() => hung);
            Assert.Equal((LedgerStage.Endorse, LedgerCodes.Timeout, false), (late.Stage, late.Code, late.MayHaveCommitted));
        }
        // By the client whose calls ran out of time, too: its only peer was late with one chaincode and serves the others.
        Assert.Equal(10, await CountAsync(client, prefix));
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_answers_slowly_delays_only_what_waits_for_it()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        await using var client = processes.Connect(Patient.Options);
        // Quick ones that wait for a slow one never come before the first of them; a machine that stops for a while lets slow ones end first.
        var (overtook, rounds) = (false, 0);
        for (; !overtook && rounds < 5; rounds++)
        {
            var prefix = NewKey();
            List<Task> slow = [.. Enumerable.Range(0, 3).Select(i => client.SubmitAsync(Call("slow", "8000", $"{prefix}slow{i}")))];
            await Task.Delay(500); // by then they are at it; where they are not, they have only longer to go
            var quick = Task.WhenAll(Enumerable.Range(0, 5).Select(i => client.SubmitAsync(Call("put", $"{prefix}{i}", "x"))));
            overtook = await Task.WhenAny([.. slow, quick]) == quick;
            await quick;
            await Task.WhenAll(slow);
            Assert.Equal(8, await CountAsync(client, prefix));
        }
        Assert.True(overtook, $"The quick calls came after the slow ones in each of {rounds} rounds.");
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_is_frozen_and_goes_on_serves_again_and_does_nothing_late()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        var (client, key) = (processes.Client, NewKey());
        await WriteAsync(client, $"{key}0");
        processes.Chaincode.Freeze();
        var late = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", key, "late")));
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.Timeout), (late.Stage, late.Code));
        processes.Chaincode.Thaw();

        await WriteAsync(client, key);
        Assert.Equal(1, await EffectsAsync(client, key));
        Assert.Null(await client.GetTransactionAsync(late.TransactionId));
    }

    [DevLedgerFact(Reason)]
    public async Task A_peer_that_is_frozen_in_the_middle_of_writing_leaves_no_doubt_afterwards()
    {
        const int writers = 4;
        await using var processes = await LedgerProcesses.StartAsync();
        var (client, prefix) = (processes.Client, NewKey());
        await WriteAsync(client, $"{prefix}~");
        using var patience = new CancellationTokenSource(Patience);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var over = false;
        // They go on until one has met the silence: however long the signal takes, it comes in the middle of a write.
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var written = 0;
            for (; written == 0 || !Volatile.Read(ref over); written++)
                await SafeWriter.PutAsync(client, $"{prefix}{writer}-{written}", patience.Token, Met);
            return written;
        }));
        processes.Ledger.Freeze();
        await late.Task.WaitAsync(patience.Token);
        processes.Ledger.Thaw();
        Volatile.Write(ref over, true);

        foreach (var (writer, count) in (await writing).Index())
        {
            for (var i = 0; i < count; i++)
                Assert.Equal(1, await EffectsAsync(client, $"{prefix}{writer}-{i}"));
        }

        void Met(LedgerException failure)
        {
            if (failure.Code is LedgerCodes.Timeout)
                late.TrySetResult();
        }
    }

    private static async Task WriteAsync(GatewayClient client, string key)
    {
        using var patience = new CancellationTokenSource(Patience);
        await SafeWriter.PutAsync(client, key, patience.Token);
    }

    private static async Task<int> EffectsAsync(GatewayClient client, string key) =>
        JsonNode.Parse(Text(await client.EvaluateAsync(Call("history", key))))!.AsArray().Count;

    private static async Task<int> CountAsync(GatewayClient client, string prefix) =>
        JsonNode.Parse(Text(await client.EvaluateAsync(Call("range", prefix, $"{prefix}~"))))!["rows"]!.AsArray().Count;
}
