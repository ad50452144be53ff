using System.Diagnostics;
using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.DevLedger;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.Client;

/// <summary>The four streams of a channel, read from a ledger over the wire.</summary>
public sealed class LedgerStreamTests(LedgerNetwork network) : IClassFixture<LedgerNetwork>
{
    [Fact]
    public async Task All_four_streams_tell_of_the_same_transaction()
    {
        var client = network.Client();
        var put = await client.SubmitAsync(Call("put", "four", "streams"));
        var (start, last) = (EventStart.AtBlock(put.BlockNumber), put.BlockNumber);

        var block = Assert.Single(await ReadAsync(client.Blocks.ReadAsync(start, last)));
        var filtered = Assert.Single(await ReadAsync(client.FilteredBlocks.ReadAsync(start, last)));
        var full = Assert.Single(await ReadAsync(client.PrivateBlocks.ReadAsync(start, last)));
        var raised = (await ReadAsync(client.ChaincodeEvents("asset").ReadAsync(start, last))).Single(e => e.TransactionId == put.TransactionId);

        Assert.Equal(block.Header, full.Block.Header);
        Assert.Equal((put.BlockNumber, Channel), (filtered.Number, filtered.ChannelId));
        var shown = filtered.FilteredTransactions.Single(t => t.Txid == put.TransactionId);
        Assert.Equal(TxValidationCode.Valid, shown.TxValidationCode);
        Assert.Equal(shown.TransactionActions.ChaincodeActions.Single().ChaincodeEvent.EventName, raised.Name);
    }

    [Fact]
    public async Task Own_private_values_come_with_their_block_and_those_of_others_do_not()
    {
        var put = await network.Client().SubmitAsync(Call("putPrivate", "_implicit_org_NorthMSP", "p") with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = Encoding.UTF8.GetBytes("secret") },
            Organizations = ["NorthMSP"],
        });

        var own = await OfAsync("NorthMSP");
        var others = await OfAsync("SouthMSP");

        var written = own.PrivateData.Single(d => d.TransactionId == put.TransactionId);
        Assert.Equal(("asset", "_implicit_org_NorthMSP", TxValidationCode.Valid), (written.Chaincode, written.Collection, written.Code));
        Assert.Equal(("p", "secret"), (written.Writes.Single().Key, written.Writes.Single().Value.ToStringUtf8()));
        Assert.Empty(others.PrivateData);

        async Task<PrivateBlock> OfAsync(string mspId) =>
            Assert.Single(await ReadAsync(network.Client(mspId).PrivateBlocks.ReadAsync(put.BlockNumber, put.BlockNumber)));
    }

    [Fact]
    public async Task Streams_begin_where_they_are_told()
    {
        var client = network.Client();
        var first = await client.SubmitAsync(Call("put", "start-1", "x"));
        var second = await client.SubmitAsync(Call("put", "start-2", "x"));
        var height = (await client.GetChainInfoAsync()).Height;

        Assert.Equal(0ul, (await FirstAsync(client.Blocks.ReadAsync(EventStart.Oldest))).Header.Number);
        Assert.Equal(height - 1, (await FirstAsync(client.Blocks.ReadAsync(EventStart.Newest))).Header.Number);
        Assert.Equal(first.BlockNumber, (await FirstAsync(client.Blocks.ReadAsync(EventStart.After(first.TransactionId)))).Header.Number);
        Assert.Equal(first.BlockNumber, (await FirstAsync(client.FilteredBlocks.ReadAsync(first.BlockNumber))).Number);
        var events = client.ChaincodeEvents("asset");
        Assert.Equal(second.TransactionId, (await FirstAsync(events.ReadAsync(EventStart.After(first.TransactionId)))).TransactionId);
        Assert.Equal(second.TransactionId,
            (await FirstAsync(events.ReadAsync(EventStart.After(first.TransactionId), last: height - 1))).TransactionId);
        await using var next = client.Blocks.ReadAsync(EventStart.Next).GetAsyncEnumerator();
        var waiting = next.MoveNextAsync().AsTask();
        var began = Stopwatch.GetTimestamp();
        do
            await client.SubmitAsync(Call("put", "start-3", "x")); // the first one may be there before the peer is asked what it has
        while (!waiting.IsCompleted && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2));
        Assert.True(await waiting.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.InRange(next.Current.Header.Number, height, (await client.GetChainInfoAsync()).Height - 1);
    }

    [Fact]
    public async Task Events_behind_a_transaction_that_raised_none_are_not_waited_for_in_vain()
    {
        var client = network.Client();
        var silent = await client.SubmitAsync(Call("putPrivate", "_implicit_org_NorthMSP", "silent") with
        {
            Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["value"] = Encoding.UTF8.GetBytes("x") },
            Organizations = ["NorthMSP"],
        });
        var loud = await client.SubmitAsync(Call("put", "loud", "x"));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        var raised = await FirstAsync(client.ChaincodeEvents("asset").ReadAsync(EventStart.After(silent.TransactionId), ct: limit.Token));

        Assert.Equal(loud.TransactionId, raised.TransactionId);
    }

    [Fact]
    public async Task Events_read_from_blocks_are_those_that_the_gateway_streams()
    {
        var client = network.Client();
        var first = await client.SubmitAsync(Call("put", "same-1", "x"));
        var last = first;
        for (var i = 0; i < 5; i++)
        {
            last = await client.SubmitAsync(Call("put", $"same-{i}", "y"));
        }
        var streamed = new List<LedgerEvent>();
        await foreach (var item in client.ChaincodeEvents("asset").ReadAsync(first.BlockNumber))
        {
            streamed.Add(item);
            if (item.TransactionId == last.TransactionId)
            {
                break;
            }
        }

        var fromBlocks = await ReadAsync(client.ChaincodeEvents("asset").ReadAsync(first.BlockNumber, last.BlockNumber));

        Assert.Equal(streamed.Select(Told), fromBlocks.Select(Told));
        Assert.True(streamed.Count >= 6);

        static (ulong, string, string, string) Told(LedgerEvent e) => (e.BlockNumber, e.TransactionId, e.Name, Text(e.Payload));
    }

    [Fact]
    public async Task An_unknown_transaction_and_a_foreign_channel_are_errors()
    {
        var unknown = await Assert.ThrowsAsync<LedgerException>(
            () => FirstAsync(network.Client().Blocks.ReadAsync(EventStart.After("00"))));
        Assert.Equal(LedgerStage.Evaluate, unknown.Stage);

        await using var elsewhere = new GatewayClient(network.Dial(), network.Identity(), "elsewhere", new GatewayOptions
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(5),
        });
        var channel = await Assert.ThrowsAsync<LedgerException>(() => FirstAsync(elsewhere.FilteredBlocks.ReadAsync(EventStart.Oldest)));
        Assert.Equal((LedgerStage.Events, LedgerCodes.NotReady), (channel.Stage, channel.Code));
    }

    private static async Task<T> FirstAsync<T>(IAsyncEnumerable<T> items)
    {
        await foreach (var item in items)
        {
            return item;
        }
        throw new InvalidOperationException("The stream ended.");
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> items)
    {
        var read = new List<T>();
        await foreach (var item in items)
        {
            read.Add(item);
        }
        return read;
    }
}
