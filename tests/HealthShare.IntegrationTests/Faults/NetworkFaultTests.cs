using System.Collections.Concurrent;
using System.Diagnostics;
using HealthShare.Fabric.Client;
using HealthShare.IntegrationTests.Fabric;
using HealthShare.IntegrationTests.Support;
using Xunit.Abstractions;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>
/// Processes of a real network are killed and frozen under load: nothing lost, nothing twice, a clear error, and clients that
/// recover without a restart.
/// </summary>
[Collection(AssetCollection.Name)]
public sealed class NetworkFaultTests(AssetChannel channel, ITestOutputHelper output)
{
    private const int Writers = 4, AtLeast = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly GatewayOptions Short = new()
    {
        EvaluateTimeout = TimeSpan.FromSeconds(5),
        EndorseTimeout = TimeSpan.FromSeconds(5),
        SubmitTimeout = TimeSpan.FromSeconds(5),
        CommitTimeout = TimeSpan.FromSeconds(15),
        MaxReconnectDelay = TimeSpan.FromSeconds(1),
        MaxBreakDuration = TimeSpan.FromSeconds(1),
    };

    [NetworkFaultFact]
    public Task The_gateway_peer_is_killed() => WriteThroughAsync([LedgerCodes.Unavailable, LedgerCodes.Timeout, LedgerCodes.Busy, LedgerCodes.NotReady], async () =>
    {
        await NetworkProcesses.KillAsync($"peer-{channel.North}");
        await Task.Delay(TimeSpan.FromSeconds(2));
        await NetworkProcesses.StartMissingAsync();
    });

    [NetworkFaultFact]
    public Task Every_ordering_node_is_killed_in_turn_the_leader_among_them() => WriteThroughAsync(null, async () =>
    {
        foreach (var orderer in NetworkProcesses.Named("orderer"))
        {
            await NetworkProcesses.KillAsync(orderer);
            await Task.Delay(TimeSpan.FromSeconds(4)); // the other two elect a leader
            await NetworkProcesses.StartMissingAsync();
        }
    });

    [NetworkFaultFact]
    public Task All_ordering_nodes_are_away_for_a_while() => WriteThroughAsync(null, async () =>
    {
        await NetworkProcesses.KillAsync(NetworkProcesses.Named("orderer"));
        await using var client = GatewayClient.Connect(channel.Profile, channel.North, "User1", Short);
        var endorsed = await client.EndorseAsync(Call("put", NewKey(), "never"));
        var refused = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitEndorsedAsync(endorsed));
        output.WriteLine($"without any orderer: {refused.Stage} {refused.Code}");
        Assert.Equal((LedgerStage.Submit, true), (refused.Stage, refused.MayHaveCommitted));
        await NetworkProcesses.StartMissingAsync();
    });

    [NetworkFaultFact]
    public Task The_chaincode_services_are_killed() => WriteThroughAsync(null, async () =>
    {
        await NetworkProcesses.KillAsync(NetworkProcesses.Named("cc-asset-"));
        await using var client = GatewayClient.Connect(channel.Profile, channel.North, "User1", Short);
        var away = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", NewKey(), "never")));
        output.WriteLine($"without the chaincode: {away.Stage} {away.Code}");
        Assert.Equal((LedgerStage.Endorse, false), (away.Stage, away.MayHaveCommitted));
        await NetworkProcesses.StartMissingAsync();
    });

    [NetworkFaultFact]
    public Task A_chaincode_service_hangs_for_a_while() => WriteThroughAsync(null, async () =>
    {
        var service = NetworkProcesses.Named("cc-asset-").Single(name => name.EndsWith(channel.North, StringComparison.Ordinal));
        await NetworkProcesses.FreezeAsync(service);
        await Task.Delay(TimeSpan.FromSeconds(8)); // longer than an endorsement may take
        await NetworkProcesses.ThawAsync(service);
    });

    [NetworkFaultFact]
    public async Task A_peer_that_lags_behind_is_no_reason_to_lose_or_repeat_anything()
    {
        const int updates = 10;
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Call("put", key, "0"));
        await NetworkProcesses.FreezeAsync($"peer-{channel.East}");
        for (var i = 1; i <= updates; i++)
        {
            await channel.SubmitAsync(channel.North, Call("update", key, $"{i}") with { Organizations = [channel.North, channel.South] });
        }
        await NetworkProcesses.ThawAsync($"peer-{channel.East}");

        // East's peer now endorses from what it had: a mismatch, or a conflict at commit, until it has caught up.
        var refusals = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await channel.As(channel.East).SubmitAsync(
                    Call("update", key, "last") with { Organizations = [channel.North, channel.East] }, patience.Token);
                break;
            }
            catch (LedgerException e) when (e.IsTransient)
            {
                refusals.Add($"{e.Stage} {e.Code}");
                await Task.Delay(100, patience.Token);
            }
        }
        output.WriteLine($"refusals while East lagged: {string.Join(", ", refusals.GroupBy(text => text).Select(group => $"{group.Count()} x {group.Key}"))}");
        await channel.EventuallyAsync(channel.North, "last", Call("get", key));
        Assert.Equal(updates + 2, (await channel.HistoryAsync(channel.North, key)).Length);
    }

    // A peer's state is locked against commits while a chaincode runs on it, so that peer's own blocks wait as long. The gateway asks
    // its own peer first and another one afterwards.
    [NetworkFaultFact]
    public async Task A_chaincode_that_answers_slowly_delays_only_what_goes_by_the_peer_that_it_runs_for()
    {
        const int slowMilliseconds = 20_000;
        var patient = new GatewayOptions { EndorseTimeout = TimeSpan.FromMinutes(3), CommitTimeout = TimeSpan.FromMinutes(3) };
        await using var north = GatewayClient.Connect(channel.Profile, channel.North, "User1", patient);
        await using var east = GatewayClient.Connect(channel.Profile, channel.East, "User1", patient);
        var prefix = NewKey();
        using var patience = new CancellationTokenSource(Patience);
        await north.SubmitAsync(Call("put", $"{prefix}north", "x"), patience.Token); // connected
        await east.SubmitAsync(Call("put", $"{prefix}east", "x"), patience.Token);
        var started = Stopwatch.GetTimestamp();
        var slow = MeasuredAsync(north, 3, i => Call("slow", $"{slowMilliseconds}", $"{prefix}slow{i}"));
        var beside = MeasuredAsync(north, 20, i => Call("put", $"{prefix}beside{i}", "x"));
        var elsewhere = MeasuredAsync(east, 20, i => Call("put", $"{prefix}elsewhere{i}", "x") with { Organizations = [channel.East, channel.South] });

        Assert.Same(elsewhere, await Task.WhenAny(slow, elsewhere));
        output.WriteLine($"20 transactions of other peers took {await elsewhere:F1} s, 20 by the peer that is slow {await beside:F1} s, 3 slow ones {await slow:F1} s");
        foreach (var (name, count) in new[] { ("slow", 3), ("beside", 20), ("elsewhere", 20) })
        {
            for (var i = 0; i < count; i++)
                Assert.Single(await channel.HistoryAsync(channel.North, $"{prefix}{name}{i}"));
        }

        async Task<double> MeasuredAsync(GatewayClient client, int count, Func<int, TransactionRequest> request)
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.SubmitAsync(request(i), patience.Token)));
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }

    [NetworkFaultFact]
    public async Task An_expired_certificate_is_named_and_refused_and_a_renewed_one_works()
    {
        var member = channel.Profile.Organization(channel.North);
        using var expired = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddSeconds(-1));
        using var renewed = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddHours(1));
        // A clock that is late, so that the peer has to refuse what the client itself would not send.
        await using var client = GatewayClient.Connect([GatewayEndpoint.From(member.Peers[0], member.MspId)], expired, channel.Profile.Channel,
            new GatewayOptions { TimeProvider = new LateClock() });
        var key = NewKey();
        using var patience = new CancellationTokenSource(Patience);

        var refused = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", key, "expired"), patience.Token));
        var blocks = await Assert.ThrowsAsync<LedgerException>(async () => await client.BlocksAsync(0).FirstAsync(patience.Token));
        output.WriteLine($"endorse: {refused.Status} {refused.Code}: {refused.Message}");
        output.WriteLine($"blocks: {blocks.Status} {blocks.Code}: {blocks.Message}");
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.CertificateExpired), (refused.Stage, refused.Code));
        Assert.False(refused.MayHaveCommitted || refused.IsTransient);
        Assert.Equal((LedgerStage.Events, LedgerCodes.Denied), (blocks.Stage, blocks.Code));

        client.Renew(renewed);

        await client.SubmitAsync(Call("put", key, "renewed"), patience.Token);
        Assert.Equal(0ul, (await client.BlocksAsync(0).FirstAsync(patience.Token)).Header.Number);
        Assert.Single(await channel.HistoryAsync(channel.North, key));
    }

    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(-5);
    }

    // Writers work on while the fault happens; each key must end up written exactly once, on every hospital's peer.
    private async Task WriteThroughAsync(string[]? codes, Func<Task> fault)
    {
        await using var client = GatewayClient.Connect(channel.Profile, channel.North, "User1", Short);
        var prefix = NewKey();
        using var patience = new CancellationTokenSource(Patience);
        await client.SubmitAsync(Call("put", $"{prefix}~", "x"), patience.Token);
        var keys = new ConcurrentQueue<string>();
        var over = false;
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var met = new List<LedgerException>();
            for (var i = 0; i < AtLeast || !Volatile.Read(ref over); i++)
            {
                var key = $"{prefix}{writer}-{i:D4}";
                met.AddRange(await SafeWriter.PutAsync(client, key, patience.Token));
                keys.Enqueue(key);
            }
            return met;
        }));
        try
        {
            while (keys.Count < Writers * 2)
                await Task.Delay(10, patience.Token);
            await fault();
        }
        finally
        {
            Volatile.Write(ref over, true);
        }
        var failures = (await writing).SelectMany(met => met).ToList();

        output.WriteLine($"{keys.Count} keys; failures on the way: " + string.Join(", ", failures
            .GroupBy(failure => $"{failure.Stage} {failure.Code}").OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} x {group.Key}")));
        if (codes is not null)
            Assert.All(failures, failure => Assert.Contains(failure.Code, codes));
        await SettleAsync(patience.Token);
        foreach (var key in keys)
        {
            await channel.EventuallyAsync(channel.South, key, Call("get", key) with { Organizations = [channel.South] });
            Assert.Single(await channel.HistoryAsync(channel.North, key));
        }
    }

    // The tests that follow find every gateway able to reach every hospital's peer.
    private async Task SettleAsync(CancellationToken ct)
    {
        string[] hospitals = [channel.North, channel.South, channel.East];
        foreach (var (gateway, endorser) in hospitals.SelectMany(gateway => hospitals.Select(endorser => (gateway, endorser))))
        {
            while (true)
            {
                try
                {
                    await channel.As(gateway).EvaluateAsync(Call("echo", "settled") with { Organizations = [endorser] }, ct);
                    break;
                }
                catch (LedgerException)
                {
                    await Task.Delay(200, ct); // until the patience ends
                }
            }
        }
    }
}
