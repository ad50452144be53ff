using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Client;

/// <summary>What a peer sends that is broken or has other plans never reaches a reader, and does not keep one waiting for ever.</summary>
public sealed class LedgerStreamHostileTests
{
    private const string Channel = "channel-1";
    private readonly TestChannel chain = new(Channel);

    public static TheoryData<string> Tricks => ["header", "data", "order", "repeat", "fork", "content", "channel", "kind"];

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task A_wrong_block_is_left_out_and_the_right_one_asked_for_again(string trick)
    {
        await using var scene = await GatewayScene.StartAsync();
        Block[] blocks = [chain.Genesis, chain.Definition, chain.Block(), chain.Block()];
        var attempts = 0;
        scene.Gateway.Deliver = async (seek, stream, _) =>
        {
            foreach (var number in Enumerable.Range((int)seek.Start.Specified.Number, blocks.Length - (int)seek.Start.Specified.Number))
            {
                if (number == 2 && Interlocked.Increment(ref attempts) <= 2)
                {
                    await stream.WriteAsync(Spoil(trick, blocks));
                    return;
                }
                await stream.WriteAsync(new DeliverResponse { Block = blocks[number] });
            }
        };

        var read = await ReadAsync(scene.Client.Blocks.ReadAsync(EventStart.Oldest, last: 3));

        Assert.Equal(blocks, read);
        Assert.True(attempts > 1);
    }

    [Fact]
    public async Task A_peer_that_never_sends_what_is_due_is_given_up_with_an_error()
    {
        await using var scene = await GatewayScene.StartAsync();
        scene.Gateway.Deliver = (_, stream, _) => stream.WriteAsync(FakeGateway.Block(7));
        scene.Gateway.Events = (_, _) => EventsAsync(new ChaincodeEventsResponse
        {
            BlockNumber = 1,
            Events = { new ChaincodeEvent { ChaincodeId = "another", TxId = "a" } },
        });

        var blocks = await Assert.ThrowsAsync<LedgerException>(() => ReadAsync(scene.Client.BlocksAsync(0)));
        var events = await Assert.ThrowsAsync<LedgerException>(
            () => ReadAsync(scene.Client.ChaincodeEvents("basic").ReadAsync(EventStart.Oldest)));

        Assert.Equal((LedgerStage.Events, LedgerCodes.BadAnswer), (blocks.Stage, blocks.Code));
        Assert.Contains("where block 0 was due", blocks.Message, StringComparison.Ordinal);
        Assert.Equal((LedgerStage.Events, LedgerCodes.BadAnswer), (events.Stage, events.Code));
    }

    [Fact]
    public async Task A_block_that_a_lagging_peer_does_not_have_yet_is_waited_for_once_the_channel_is_known()
    {
        await using var scene = await GatewayScene.StartAsync();
        var refusals = 0;
        scene.Gateway.Deliver = async (seek, stream, _) =>
        {
            var next = seek.Start.Specified.Number;
            await stream.WriteAsync(next > 0 && Interlocked.Increment(ref refusals) < 20
                ? new DeliverResponse { Status = Status.NotFound }
                : FakeGateway.Block(next));
            throw new RpcException(StatusCode.Unavailable, "the peer restarts");
        };

        Assert.Equal(2, (await ReadAsync(scene.Client.BlocksAsync(0, last: 1))).Count);
    }

    [Fact]
    public async Task Filtered_blocks_are_held_to_number_and_channel()
    {
        await using var scene = await GatewayScene.StartAsync();
        var attempts = 0;
        scene.Gateway.DeliverFiltered = async (seek, stream, _) =>
        {
            var next = seek.Start.Specified.Number;
            FilteredBlock[] sent = Interlocked.Increment(ref attempts) switch
            {
                1 => [Filtered(next), Filtered(next)],
                2 => [Filtered(next), Filtered(next + 2)],
                3 => [Filtered(next, "elsewhere")],
                _ => [Filtered(next)],
            };
            foreach (var block in sent)
            {
                await stream.WriteAsync(new DeliverResponse { FilteredBlock = block });
            }
            throw new RpcException(StatusCode.Unavailable, "the peer restarts");
        };

        var read = await ReadAsync(scene.Client.FilteredBlocks.ReadAsync(4, last: 9));

        Assert.Equal([4ul, 5, 6, 7, 8, 9], read.Select(block => block.Number));

        static FilteredBlock Filtered(ulong number, string channel = Channel) => new() { ChannelId = channel, Number = number };
    }

    [Fact]
    public async Task Private_values_come_only_as_the_block_has_their_hashes()
    {
        await using var scene = await GatewayScene.StartAsync();
        var block = PrivateBlock("key", "value");
        var lies = new Queue<BlockAndPrivateData>(
        [
            With(block, 9, "_implicit_org_Org1MSP", "key", "value"),
            With(block, 0, "_implicit_org_Org1MSP", "key", "forged"),
            With(block, 0, "_implicit_org_Org1MSP", "forged", "value"),
            With(block, 0, "_implicit_org_Org2MSP", "key", "value"),
            With(block, 0, "_implicit_org_Org1MSP", "key", ""),
            new BlockAndPrivateData { Block = block, PrivateDataMap = { [0] = Garbage() } },
            new BlockAndPrivateData(),
        ]);
        scene.Gateway.DeliverPrivate = (_, stream, _) => stream.WriteAsync(new DeliverResponse
        {
            BlockAndPrivateData = lies.TryDequeue(out var lie) ? lie : With(block, 0, "_implicit_org_Org1MSP", "key", "value"),
        });

        var read = Assert.Single(await ReadAsync(scene.Client.PrivateBlocks.ReadAsync(2, last: 2)));

        Assert.Empty(lies);
        var written = Assert.Single(read.PrivateData);
        Assert.Equal((0, "cc", "_implicit_org_Org1MSP", TxValidationCode.Valid),
            (written.TransactionIndex, written.Chaincode, written.Collection, written.Code));
        Assert.Equal(("key", "value"), (written.Writes.Single().Key, written.Writes.Single().Value.ToStringUtf8()));
        Assert.DoesNotContain("value", read.PrivateData[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_reader_holds_the_peer_back_instead_of_filling_memory()
    {
        const int Size = 256 * 1024, Plenty = 2000;
        await using var scene = await GatewayScene.StartAsync();
        var written = 0;
        scene.Gateway.Deliver = async (_, stream, context) =>
        {
            var data = new BlockData { Data = { ByteString.CopyFrom(new byte[Size]) } };
            var previous = ByteString.Empty;
            for (var n = 0ul; n < Plenty; n++)
            {
                var block = new Block { Header = new() { Number = n, PreviousHash = previous, DataHash = BlockHashes.DataHash(data) }, Data = data };
                await stream.WriteAsync(new DeliverResponse { Block = block }, context.CancellationToken);
                previous = BlockHashes.HeaderHash(block.Header);
                Interlocked.Increment(ref written);
            }
        };

        await using var blocks = scene.Client.BlocksAsync(0).GetAsyncEnumerator();
        Assert.True(await blocks.MoveNextAsync());
        var before = -1;
        while (before < 1 || before != Volatile.Read(ref written))
        {
            before = Volatile.Read(ref written);
            await Task.Delay(200);
        }

        // 16 MiB of window and as much again on the way: far below the 500 MiB on offer.
        Assert.InRange(before, 1, 32 * 1024 * 1024 / Size);
    }

    private static TxPvtReadWriteSet Garbage() => new()
    {
        NsPvtRwset =
        {
            new NsPvtReadWriteSet
            {
                Namespace = "cc",
                CollectionPvtRwset =
                {
                    new CollectionPvtReadWriteSet { CollectionName = "_implicit_org_Org1MSP", Rwset = ByteString.CopyFrom(0xff) },
                },
            },
        },
    };

    private static BlockAndPrivateData With(Block block, ulong transaction, string collection, string key, string value)
    {
        var data = new TxPvtReadWriteSet
        {
            NsPvtRwset =
            {
                new NsPvtReadWriteSet
                {
                    Namespace = "cc",
                    CollectionPvtRwset =
                    {
                        new CollectionPvtReadWriteSet
                        {
                            CollectionName = collection,
                            Rwset = new KVRWSet { Writes = { TestChannel.Write(key, value) } }.ToByteString(),
                        },
                    },
                },
            },
        };
        return new BlockAndPrivateData { Block = block, PrivateDataMap = { [transaction] = data } };
    }

    private static async IAsyncEnumerable<ChaincodeEventsResponse> EventsAsync(ChaincodeEventsResponse answer)
    {
        await Task.Yield();
        yield return answer;
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

    private Block PrivateBlock(string key, string value)
    {
        var hashed = new HashedRWSet
        {
            HashedWrites = { new KVWriteHash { KeyHash = Hash(key), ValueHash = Hash(value) } },
        };
        return chain.Block(chain.Invoke(new TestChannel.Call("cc") { Collections = [("_implicit_org_Org1MSP", hashed)] }));

        static ByteString Hash(string text) => ByteString.CopyFrom(SHA256.HashData(ByteString.CopyFromUtf8(text).Span));
    }

    private DeliverResponse Spoil(string trick, Block[] blocks)
    {
        var block = blocks[2].Clone();
        switch (trick)
        {
            case "header":
                block.Header = null;
                break;
            case "data":
                block.Data = null;
                break;
            case "order":
                block = blocks[3];
                break;
            case "repeat":
                block = blocks[1];
                break;
            case "fork":
                block.Header.PreviousHash = ByteString.CopyFrom(new byte[32]);
                break;
            case "content":
                block.Data.Data.Add(ByteString.CopyFrom(1, 2, 3));
                break;
            case "channel":
                block.Data.Data.Add(chain.Invoke(new TestChannel.Call("cc") { ChannelId = "elsewhere" }));
                block.Header.DataHash = BlockHashes.DataHash(block.Data);
                break;
            default:
                return new DeliverResponse { FilteredBlock = new FilteredBlock { Number = 2, ChannelId = Channel } };
        }
        return new DeliverResponse { Block = block };
    }
}
