using System.Text.Json.Nodes;
using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>Processes are killed and frozen under load: nothing lost, nothing twice, a clear error, recovery without a restart.</summary>
public sealed class ProcessFaultTests
{
    private const string Reason = "kills processes of its ledger";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [DevLedgerFact(Reason)]
    public async Task A_ledger_that_is_killed_under_load_keeps_what_it_acknowledged_and_nothing_twice()
    {
        const int writers = 6, each = 10, kills = 3;
        await using var processes = await LedgerProcesses.StartAsync();
        var client = processes.Client;
        var prefix = NewKey();
        using var patience = new CancellationTokenSource(Patience);
        var done = 0;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var met = new List<LedgerException>();
            for (var i = 0; i < each; i++)
            {
                met.AddRange(await SafeWriter.PutAsync(client, $"{prefix}{writer}-{i}", lookups: 3, patience.Token));
                Interlocked.Increment(ref done);
            }
            return met;
        }));
        var underLoad = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            while (Volatile.Read(ref done) < kill * writers * each / (kills + 1) && !writing.IsCompleted)
                await Task.Delay(5, patience.Token);
            underLoad += writing.IsCompleted ? 0 : 1;
            await processes.Ledger.KillAsync();
            await processes.StartLedgerAsync();
        }
        var failures = (await writing).SelectMany(met => met).ToList();

        Assert.True(underLoad > 0, "all was written before the first kill");
        Assert.All(failures, failure => Assert.Contains(failure.Code, (string[])[LedgerCodes.Unavailable, LedgerCodes.Timeout]));
        for (var i = 0; i < writers * each; i++)
            Assert.Equal(1, await EffectsAsync(client, $"{prefix}{i / each}-{i % each}"));
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_is_killed_while_it_endorses_and_started_again_is_used_again()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        var (client, key) = (processes.Client, NewKey());
        await client.SubmitAsync(Call("put", $"{key}0", "x"));
        var running = client.SubmitAsync(Call("slow", "20000", key));
        await Task.Delay(500);
        await processes.Chaincode.KillAsync();

        var lost = await Assert.ThrowsAsync<LedgerException>(() => running);
        Assert.Equal((LedgerStage.Endorse, false), (lost.Stage, lost.MayHaveCommitted));
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
        await using var patient = processes.Connect(new GatewayOptions { EndorseTimeout = TimeSpan.FromMinutes(1) });
        var hanging = Enumerable.Range(0, 4).Select(_ => client.SubmitAsync(Call("hang"))).ToList();
        for (var i = 0; i < 10; i++)
            await patient.SubmitAsync(Call("put", $"{prefix}{i}", "x"));
        foreach (var hung in hanging)
        {
            var late = await Assert.ThrowsAsync<LedgerException>(() => hung);
            Assert.Equal((LedgerStage.Endorse, LedgerCodes.Timeout, false), (late.Stage, late.Code, late.MayHaveCommitted));
        }
        // Not by the client whose calls ran out of time: for a moment it does not ask the peer that kept it waiting.
        Assert.Equal(10, await CountAsync(patient, prefix));
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_answers_slowly_delays_only_what_waits_for_it()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        await using var client = processes.Connect(new GatewayOptions { EndorseTimeout = TimeSpan.FromMinutes(1) });
        var prefix = NewKey();
        var slow = Task.WhenAll(Enumerable.Range(0, 3).Select(i => client.SubmitAsync(Call("slow", "8000", $"{prefix}slow{i}"))));
        var quick = Task.WhenAll(Enumerable.Range(0, 5).Select(i => client.SubmitAsync(Call("put", $"{prefix}{i}", "x"))));
        Assert.Same(quick, await Task.WhenAny(slow, quick));
        await quick;
        await slow;
        Assert.Equal(8, await CountAsync(client, prefix));
    }

    [DevLedgerFact(Reason)]
    public async Task A_chaincode_that_is_frozen_and_goes_on_serves_again_and_does_nothing_late()
    {
        await using var processes = await LedgerProcesses.StartAsync();
        var (client, key) = (processes.Client, NewKey());
        await client.SubmitAsync(Call("put", $"{key}0", "x"));
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
        await client.SubmitAsync(Call("put", $"{prefix}~", "x"));
        using var patience = new CancellationTokenSource(Patience);
        var writing = Enumerable.Range(0, writers).Select(i => SafeWriter.PutAsync(client, $"{prefix}{i}", lookups: 10, patience.Token)).ToList();
        processes.Ledger.Freeze();
        await Task.Delay(TimeSpan.FromSeconds(6), patience.Token); // longer than any stage may take
        processes.Ledger.Thaw();
        var failures = await Task.WhenAll(writing);

        Assert.Contains(failures.SelectMany(met => met), failure => failure.Code is LedgerCodes.Timeout);
        for (var i = 0; i < writers; i++)
            Assert.Equal(1, await EffectsAsync(client, $"{prefix}{i}"));
    }

    private static async Task WriteAsync(GatewayClient client, string key)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await SafeWriter.PutAsync(client, key, lookups: 10, patience.Token);
    }

    private static async Task<int> EffectsAsync(GatewayClient client, string key) =>
        JsonNode.Parse(Text(await client.EvaluateAsync(Call("history", key))))!.AsArray().Count;

    private static async Task<int> CountAsync(GatewayClient client, string prefix) =>
        JsonNode.Parse(Text(await client.EvaluateAsync(Call("range", prefix, $"{prefix}~"))))!["rows"]!.AsArray().Count;
}
