using HealthShare.Fabric.Client;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>Blocks and events: in order, each once, whatever happens to the connection.</summary>
[Collection(AssetCollection.Name)]
public sealed class StreamTests(AssetChannel channel)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [AssetFact]
    public async Task Every_block_from_the_first_on_proves_itself()
    {
        await channel.SubmitAsync(channel.North, Call("put", NewKey(), "one more block"));
        var verifier = new BlockVerifier();
        var height = (await channel.As(channel.North).GetChainInfoAsync()).Height;
        var expected = 0ul;
        await foreach (var block in channel.As(channel.North).BlocksAsync(0, height - 1))
        {
            Assert.Equal(expected++, block.Header.Number);
            Assert.Null(verifier.Verify(block));
        }
        Assert.Equal(height, expected);
    }

    [AssetFact]
    public async Task Events_come_in_order_and_again_when_asked_from_their_block()
    {
        var prefix = NewKey();
        var first = await channel.SubmitAsync(channel.North, Call("put", $"{prefix}0", "x"));
        for (var i = 1; i < 5; i++)
            await channel.SubmitAsync(channel.North, Call("put", $"{prefix}{i}", "x"));
        for (var again = 0; again < 2; again++)
            Assert.Equal([.. Enumerable.Range(0, 5).Select(i => $"{prefix}{i}")], await EventsAsync(channel.As(channel.North), prefix, 5, new EventPosition(first.BlockNumber)));
        // After the first transaction of its block: that one does not come again.
        Assert.Equal($"{prefix}1", (await EventsAsync(channel.As(channel.North), prefix, 1, new EventPosition(first.BlockNumber, first.TransactionId)))[0]);
    }

    [AssetFact]
    public async Task Of_an_invalid_transaction_there_is_no_event()
    {
        var prefix = NewKey();
        var start = (await channel.As(channel.North).GetChainInfoAsync()).Height;
        await Assert.ThrowsAsync<LedgerException>(
            () => channel.SubmitAsync(channel.North, Call("put", $"{prefix}invalid", "x") with { Organizations = [channel.North] }));
        await channel.SubmitAsync(channel.North, Call("put", $"{prefix}valid", "x"));
        Assert.Equal([$"{prefix}valid"], await EventsAsync(channel.As(channel.North), prefix, 1, new EventPosition(start)));
    }

    [AssetFact]
    public async Task A_block_stream_that_is_cut_again_and_again_misses_nothing_and_repeats_nothing()
    {
        const int transactions = 24;
        var (link, client) = channel.Faulty(channel.South, QuickReconnect);
        await using var _ = link;
        await using var __ = client;
        var prefix = NewKey();
        var start = (await channel.As(channel.South).GetChainInfoAsync()).Height;
        using var patience = new CancellationTokenSource(Patience);
        var seen = new List<ulong>();
        var keys = new HashSet<string>();
        var known = 0;
        var reading = Task.Run(async () =>
        {
            await foreach (var block in client.BlocksAsync(start, ct: patience.Token))
            {
                seen.Add(block.Header.Number);
                keys.UnionWith(KeysOf(block, prefix));
                Volatile.Write(ref known, keys.Count);
                if (keys.Count == transactions)
                    return;
            }
        });
        for (var i = 0; i < transactions; i++)
        {
            await channel.SubmitAsync(channel.North, Call("put", $"{prefix}{i:D2}", "x"));
            if (i % 4 == 3)
            {
                // Each cut is one in the middle of reading, however slow the reader is.
                while (Volatile.Read(ref known) <= i && !reading.IsCompleted)
                    await Task.Delay(10, patience.Token);
                link.Cut();
            }
            if (i % 8 == 5)
                link.Close();
            else
                link.Mend();
        }
        link.Mend();
        await reading;
        Assert.Equal(Enumerable.Range(0, seen.Count).Select(i => start + (ulong)i), seen);
        Assert.True(link.Accepted > 2, $"{link.Accepted} connections");
    }

    [AssetFact]
    public async Task An_event_stream_that_is_cut_and_a_reader_that_starts_again_see_each_event_once()
    {
        const int transactions = 20;
        var (link, client) = channel.Faulty(channel.South, QuickReconnect);
        await using var _ = link;
        await using var __ = client;
        var prefix = NewKey();
        var position = new EventPosition((await channel.As(channel.South).GetChainInfoAsync()).Height);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < transactions; i++)
            {
                await channel.SubmitAsync(channel.North, Call("put", $"{prefix}{i:D2}", "x"));
                link.Cut();
            }
        });
        var seen = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        // Each reader takes three and goes, as one that was killed would; the next begins where it stood.
        while (seen.Count < transactions)
        {
            var taken = 0;
            await foreach (var item in client.ChaincodeEventsAsync(AssetName, position, patience.Token))
            {
                position = new EventPosition(item.BlockNumber, item.TransactionId);
                if (Text(item.Payload).StartsWith(prefix, StringComparison.Ordinal))
                    seen.Add(Text(item.Payload));
                if (++taken == 3 || seen.Count == transactions)
                    break;
            }
        }
        await writing;
        Assert.Equal(Enumerable.Range(0, transactions).Select(i => $"{prefix}{i:D2}"), seen);
    }

    [AssetFact]
    public async Task Filtered_blocks_name_the_transactions_and_whether_they_are_valid_and_nothing_they_wrote()
    {
        var prefix = NewKey();
        var start = (await channel.As(channel.North).GetChainInfoAsync()).Height;
        var valid = await channel.SubmitAsync(channel.North, Call("put", prefix, "x"));
        var invalid = await Assert.ThrowsAsync<LedgerException>(
            () => channel.SubmitAsync(channel.North, Call("put", $"{prefix}invalid", "x") with { Organizations = [channel.North] }));
        var codes = new Dictionary<string, TxValidationCode>();
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var block in channel.As(channel.North).FilteredBlocks.ReadAsync(start, ct: patience.Token))
        {
            Assert.Equal(channel.Profile.Channel, block.ChannelId);
            foreach (var transaction in block.FilteredTransactions)
            {
                codes[transaction.Txid] = transaction.TxValidationCode;
                Assert.All(transaction.TransactionActions?.ChaincodeActions ?? [], action => Assert.True(action.ChaincodeEvent?.Payload.IsEmpty ?? true));
            }
            if (codes.ContainsKey(valid.TransactionId) && codes.ContainsKey(invalid.TransactionId))
                break;
        }
        Assert.Equal(TxValidationCode.Valid, codes[valid.TransactionId]);
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, codes[invalid.TransactionId]);
    }

    [AssetFact]
    public async Task Private_values_come_to_their_owner_only_with_the_block_that_holds_their_hash()
    {
        var (collection, key) = ($"_implicit_org_{channel.North}", NewKey());
        var start = (await channel.As(channel.North).GetChainInfoAsync()).Height;
        var written = await channel.SubmitAsync(channel.North, Call("putPrivate", collection, key) with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = "for North"u8.ToArray() },
            Organizations = [channel.North],
        });

        var own = Assert.Single(await PrivateWritesAsync(channel.North, start, written));
        Assert.Equal((collection, written.TransactionId, TxValidationCode.Valid), (own.Collection, own.TransactionId, own.Code));
        var write = Assert.Single(own.Writes);
        Assert.Equal((key, "for North"), (write.Key, write.Value.ToStringUtf8()));
        // South's peer holds no value of North's, and gives the block all the same.
        Assert.Empty(await PrivateWritesAsync(channel.South, start, written));
    }

    private async Task<List<PrivateWrites>> PrivateWritesAsync(string mspId, ulong start, TransactionResult transaction)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var block in channel.As(mspId).PrivateBlocks.ReadAsync(start, transaction.BlockNumber, patience.Token))
        {
            if (block.Block.Header.Number == transaction.BlockNumber)
                return [.. block.PrivateData.Where(writes => writes.TransactionId == transaction.TransactionId)];
        }
        throw new InvalidOperationException("The block did not come.");
    }

    private static GatewayOptions QuickReconnect => Patient.Options with { ReconnectDelay = TimeSpan.FromMilliseconds(10), MaxReconnectDelay = TimeSpan.FromMilliseconds(200) };

    private static async Task<List<string>> EventsAsync(GatewayClient client, string prefix, int count, EventPosition start)
    {
        using var patience = new CancellationTokenSource(Patience);
        var found = new List<string>();
        await foreach (var item in client.ChaincodeEventsAsync(AssetName, start, patience.Token))
        {
            if (Text(item.Payload).StartsWith(prefix, StringComparison.Ordinal))
                found.Add(Text(item.Payload));
            if (found.Count == count)
                break;
        }
        return found;
    }

    private static IEnumerable<string> KeysOf(Block block, string prefix) =>
        new HealthShare.Fabric.Protocol.Ledger.BlockView(block).Transactions
            .Where(transaction => transaction is { IsValid: true, Type: HeaderType.EndorserTransaction })
            .SelectMany(transaction => transaction.Endorsed.RwSets)
            .SelectMany(set => set.Public.Writes.Select(write => write.Key)).Where(key => key.StartsWith(prefix, StringComparison.Ordinal));
}
