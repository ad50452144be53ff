using System.Diagnostics;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Fabric;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Faults;

/// <summary>The way to the gateway peer fails at each stage: nothing lost, nothing twice, a clear error, recovery by itself.</summary>
[Collection(AssetCollection.Name)]
public sealed class GatewayFaultTests(AssetChannel channel)
{
    // Long limits, so that a busy machine does not have the time run out before the fault is noticed; short pauses.
    private static readonly GatewayOptions Short = Patient.Options with
    {
        SilenceLimit = TimeSpan.FromMinutes(1),
        ReconnectDelay = TimeSpan.FromMilliseconds(10),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
        BreakDuration = TimeSpan.FromMilliseconds(50),
        MaxBreakDuration = TimeSpan.FromMilliseconds(200),
    };

    [AssetFact]
    public async Task A_gateway_that_goes_in_the_middle_of_endorsing_leaves_nothing_behind()
    {
        var (link, client) = channel.Faulty(channel.North, Short);
        await using var _ = link;
        await using var __ = client;
        var key = NewKey();
        Assert.Equal("there", Text(await client.EvaluateAsync(Call("echo", "there")))); // the connection is up
        var sent = link.BytesUp;
        var running = client.SubmitAsync(Call("slow", "240000", key)); // which no fault comes too late for
        while (link.BytesUp == sent)
            await Task.Delay(10);
        link.Close();

        var lost = await Assert.ThrowsAsync<LedgerException>(() => running);
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.Unavailable), (lost.Stage, lost.Code));
        Assert.True(lost is { MayHaveCommitted: false, IsTransient: true });
        Assert.Null(await channel.As(channel.South).GetTransactionAsync(lost.TransactionId));

        link.Mend();
        await WriteAsync(client, key);
        Assert.Single(await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task A_gateway_that_falls_silent_while_submitting_leaves_an_outcome_that_is_looked_up()
    {
        var (link, client) = channel.Faulty(channel.North, Short with { SubmitTimeout = TimeSpan.FromSeconds(30) });
        await using var _ = link;
        await using var __ = client;
        var key = NewKey();
        var endorsed = await client.EndorseAsync(Call("put", key, "1"));
        var elsewhere = channel.As(channel.South).GetCommitStatusAsync(endorsed.TransactionId);
        link.Silence();

        var unknown = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitEndorsedAsync(endorsed));
        Assert.Equal((LedgerStage.Submit, LedgerCodes.Timeout), (unknown.Stage, unknown.Code));
        Assert.True(unknown is { MayHaveCommitted: true, IsTransient: false });
        Assert.Equal(endorsed.TransactionId, unknown.TransactionId);
        Assert.Equal(TxValidationCode.Valid, (await elsewhere).Code); // it was heard, while its sender heard nothing

        link.Mend();
        Assert.Equal(TxValidationCode.Valid, (await client.GetCommitStatusAsync(unknown.TransactionId)).Code);
        Assert.Equal(TxValidationCode.Valid, (await client.GetTransactionAsync(unknown.TransactionId))?.Code);
        Assert.Equal([endorsed.TransactionId], await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task A_gateway_that_is_away_while_submitting_leaves_a_transaction_that_may_be_sent_again()
    {
        var (link, client) = channel.Faulty(channel.North, Short);
        await using var _ = link;
        await using var __ = client;
        var key = NewKey();
        var endorsed = await client.EndorseAsync(Call("put", key, "1"));
        link.Close();
        var lost = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitEndorsedAsync(endorsed));
        Assert.Equal((LedgerStage.Submit, LedgerCodes.Unavailable, true), (lost.Stage, lost.Code, lost.MayHaveCommitted));

        link.Mend();
        await EventuallyAsync(() => client.SubmitEndorsedAsync(endorsed));
        Assert.Equal(TxValidationCode.Valid, (await client.GetCommitStatusAsync(endorsed.TransactionId)).Code);
        Assert.Equal([endorsed.TransactionId], await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task A_gateway_that_goes_during_the_wait_for_the_block_is_asked_again()
    {
        var (link, client) = channel.Faulty(channel.North, Short);
        await using var _ = link;
        await using var __ = client;
        var key = NewKey();
        var endorsed = await client.EndorseAsync(Call("put", key, "1"));
        var sent = link.BytesUp;
        var waiting = client.GetCommitStatusAsync(endorsed.TransactionId); // before it is sent, so that the wait surely lasts
        while (link.BytesUp == sent)
            await Task.Delay(10);
        link.Close();
        await channel.As(channel.South).SubmitEndorsedAsync(endorsed);
        link.Mend();

        Assert.Equal(TxValidationCode.Valid, (await waiting).Code);
        Assert.Equal([endorsed.TransactionId], await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task Writers_over_a_link_that_keeps_breaking_lose_nothing_and_write_nothing_twice()
    {
        const int writers = 4, each = 8, enough = 6;
        var (link, client) = channel.Faulty(channel.North, Short);
        await using var _ = link;
        await using var __ = client;
        var prefix = NewKey();
        var breaks = 0;
        var done = 0;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var calm = new CancellationTokenSource();
        var breaking = Task.Run(async () =>
        {
            for (var i = 0; !calm.IsCancellationRequested; i++)
            {
                // Something gets through between two breaks, however slow the machine is.
                for (var before = Volatile.Read(ref done); Volatile.Read(ref done) == before && !calm.IsCancellationRequested;)
                    await Task.Delay(10, CancellationToken.None);
                await Task.Delay(i % 3 == 2 ? 200 : 50, CancellationToken.None);
                if (i % 3 == 2)
                    link.Silence();
                else
                    link.Close();
                await Task.Delay(100, CancellationToken.None);
                link.Mend();
                Interlocked.Increment(ref breaks);
            }
        });
        // A fast ledger is done before much is broken: it goes on until enough was.
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var keys = new List<string>();
            while (keys.Count < each || Volatile.Read(ref breaks) < enough)
            {
                keys.Add($"{prefix}{writer}-{keys.Count}");
                await SafeWriter.PutAsync(client, keys[^1], patience.Token);
                Interlocked.Increment(ref done);
            }
            return keys;
        }));
        await Task.WhenAny(writing, breaking);
        await calm.CancelAsync();
        await breaking;

        foreach (var key in (await writing).SelectMany(keys => keys))
            Assert.Single(await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task With_a_second_gateway_the_loss_of_the_first_is_not_noticed()
    {
        var (link, client) = channel.Faulty(channel.North, Short);
        await client.DisposeAsync();
        await using var _ = link;
        var (north, south) = (channel.Profile.Organization(channel.North), channel.Profile.Organization(channel.South));
        using var identity = north.LoadIdentity("User1");
        var through = GatewayEndpoint.From(north.Peers[0] with { Endpoint = link.Endpoint }, north.MspId);
        await using var two = GatewayClient.Connect(
            [through, GatewayEndpoint.From(south.Peers[0], south.MspId)], identity, channel.Profile.Channel, Short);
        var prefix = NewKey();
        await two.SubmitAsync(Call("put", $"{prefix}0", "x"));
        link.Close();
        for (var i = 1; i < 4; i++)
            await WriteAsync(two, $"{prefix}{i}");

        Assert.NotEqual(GatewayPeerState.Healthy, two.Peers[0].State);
        Assert.Equal(GatewayPeerState.Healthy, two.Peers[1].State);
        for (var i = 0; i < 4; i++)
            Assert.Single(await channel.HistoryAsync(channel.South, $"{prefix}{i}"));
        link.Mend();
        await EventuallyAsync(async () =>
        {
            await two.EvaluateAsync(Call("echo", "back"));
            Assert.Equal(GatewayPeerState.Healthy, two.Peers[0].State);
        });
    }

    [AssetFact]
    public async Task A_peer_that_vanishes_without_a_word_is_noticed_and_its_stream_goes_on_at_another()
    {
        var north = channel.Profile.Organization(channel.North);
        await using var link = new FaultyLink(north.Peers[0].Endpoint);
        var detour = north.Peers[0] with { Endpoint = link.Endpoint, TlsServerName = north.Peers[0].TlsServerName ?? north.Peers[0].Address.Host };
        var profile = channel.Profile with
        {
            Organizations = [north with { Peers = [detour] }, channel.Profile.Organization(channel.South)],
        };
        // Peers of network/fabric drop clients that ask for signs of life more often than every ten seconds.
        await using var client = GatewayClient.Connect(profile, channel.North, "User1", Short with
        {
            KeepAliveDelay = TimeSpan.FromSeconds(Backend.IsFabric ? 12 : 1), KeepAliveTimeout = TimeSpan.FromSeconds(5),
        }, othersToo: true);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await using var blocks = client.BlocksAsync(0, ct: patience.Token).GetAsyncEnumerator();
        Assert.True(await blocks.MoveNextAsync());
        Assert.NotEqual(0, link.Accepted);
        link.Silence();
        var lost = Stopwatch.GetTimestamp();

        var written = await channel.SubmitAsync(channel.South, Call("put", NewKey(), "x"));
        for (var last = 0ul; last < written.BlockNumber; last++)
        {
            Assert.True(await blocks.MoveNextAsync());
            Assert.Equal(last + 1, blocks.Current.Header.Number);
        }
        // With the settings' defaults it would have taken 110 seconds, or 80 where the other end is asked and does not answer.
        Assert.InRange(Stopwatch.GetElapsedTime(lost), TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [AssetFact]
    public async Task An_expired_certificate_is_named_at_every_door()
    {
        var member = channel.Profile.Organization(channel.North);
        using var expired = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddSeconds(-1));
        await using var client = GatewayClient.Connect(
            [GatewayEndpoint.From(member.Peers[0], member.MspId)], expired, channel.Profile.Channel, Patient.Options);
        var key = NewKey();

        var evaluate = await Assert.ThrowsAsync<LedgerException>(() => client.EvaluateAsync(Call("echo", "hello")));
        var endorse = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", key, "1")));
        Assert.Equal([LedgerStage.Evaluate, LedgerStage.Endorse], [evaluate.Stage, endorse.Stage]);
        Assert.All([evaluate, endorse], refusal => Assert.Equal((LedgerCodes.CertificateExpired, false), (refusal.Code, refusal.IsTransient)));

        var blocks = await Assert.ThrowsAsync<LedgerException>(async () =>
        {
            await foreach (var block in client.BlocksAsync(0))
                Assert.Fail($"block {block.Header.Number} came");
        });
        Assert.Equal((LedgerStage.Events, LedgerCodes.CertificateExpired), (blocks.Stage, blocks.Code));
        Assert.Empty(await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task An_expired_certificate_is_refused_by_the_peers_where_the_clients_clock_is_late()
    {
        var member = channel.Profile.Organization(channel.North);
        using var expired = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddSeconds(-1));
        await using var client = GatewayClient.Connect([GatewayEndpoint.From(member.Peers[0], member.MspId)], expired, channel.Profile.Channel,
            Patient.Options with { TimeProvider = new LateClock() });
        var key = NewKey();

        // At another member's peer: what a Fabric gateway evaluates at its own peer passes that peer's check by.
        var evaluate = await Assert.ThrowsAsync<LedgerException>(
            () => client.EvaluateAsync(Call("echo", "hello") with { Organizations = [channel.South] }));
        var endorse = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", key, "1")));
        Assert.All([evaluate, endorse], refusal => Assert.Equal((LedgerCodes.CertificateExpired, false), (refusal.Code, refusal.IsTransient)));
        var blocks = await Assert.ThrowsAsync<LedgerException>(async () => await client.BlocksAsync(0).FirstAsync());
        Assert.Equal((LedgerStage.Events, LedgerCodes.Denied), (blocks.Stage, blocks.Code));
        Assert.Empty(await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task A_client_whose_certificate_has_expired_goes_on_with_the_renewed_one()
    {
        var member = channel.Profile.Organization(channel.North);
        using var expired = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddSeconds(-1));
        using var renewed = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddHours(1));
        await using var client = GatewayClient.Connect(
            [GatewayEndpoint.From(member.Peers[0], member.MspId)], expired, channel.Profile.Channel, Patient.Options);
        var key = NewKey();
        var refused = await Assert.ThrowsAsync<LedgerException>(() => client.SubmitAsync(Call("put", key, "1")));
        Assert.Equal((LedgerCodes.CertificateExpired, false), (refused.Code, refused.MayHaveCommitted));

        client.Renew(renewed);

        await client.SubmitAsync(Call("put", key, "2"));
        Assert.Equal(0ul, (await client.BlocksAsync(0).FirstAsync()).Header.Number);
        Assert.Single(await channel.HistoryAsync(channel.North, key));
    }

    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(-5);
    }

    private static async Task WriteAsync(GatewayClient client, string key)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await SafeWriter.PutAsync(client, key, patience.Token);
    }

    private static async Task EventuallyAsync(Func<Task> attempt)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception e) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(4) && e is LedgerException or Xunit.Sdk.XunitException)
            {
                await Task.Delay(100);
            }
        }
    }
}
