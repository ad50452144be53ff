using System.Diagnostics;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Blocks and events: in order, again from anywhere, for readers only.</summary>
public sealed class DeliverTests(LedgerNetwork network) : IClassFixture<LedgerNetwork>
{
    [Fact]
    public async Task Blocks_come_from_genesis_in_order_and_their_hashes_chain()
    {
        await network.Client().SubmitAsync(Call("put", "a", "1"));
        ByteString? previous = null;
        var next = 0UL;
        await foreach (var block in network.Client("WatchMSP").BlocksAsync(0, network.Host.Height - 1))
        {
            Assert.Equal(next++, block.Header.Number);
            Assert.Equal(previous ?? ByteString.Empty, block.Header.PreviousHash);
            Assert.Equal(BlockHashes.DataHash(block.Data), block.Header.DataHash);
            previous = BlockHashes.HeaderHash(block.Header);
        }
        Assert.True(next > 2);
    }

    [Fact]
    public async Task The_config_block_names_the_members_and_the_orderer_signs_every_block_after_it()
    {
        var client = network.Client();
        var config = ChannelConfig.FromBlock(await client.GetBlockAsync(0));
        Assert.Equal(Channel, config.ChannelId);
        Assert.Equal(["EastMSP", "NorthMSP", "SouthMSP", "WatchMSP"], config.Organizations.Select(o => o.Msp.MspId));
        var view = new BlockView(await client.GetBlockAsync(1));
        var signature = Assert.Single(view.SignatureMetadata.Signatures);
        var creator = SignatureHeader.Parser.ParseFrom(signature.SignatureHeader).Creator;
        var signer = config.Identities.Verify(
            creator, BlockHashes.SignedBytes(view.SignatureMetadata.Value, signature.SignatureHeader, view.Header),
            signature.Signature, out var fault);
        Assert.True(signer is not null, fault);
        Assert.True(config.Policies.Find(ChannelConfig.BlockValidationPolicy)!.IsSatisfiedBy([signer]));
        Assert.Equal(0UL, view.LastConfig);
    }

    [Fact]
    public async Task Filtered_blocks_show_ids_codes_and_events_without_their_payload()
    {
        var result = await network.Client().SubmitAsync(Call("put", "filtered", "1"));
        await using var channel = network.Dial();
        var responses = await SeekAsync(channel, FabricMethods.DeliverFiltered,
            SeekRequests.Signed(network.Identity(), SeekRequests.Blocks(result.BlockNumber, result.BlockNumber)));
        var shown = responses[0].FilteredBlock.FilteredTransactions.Single(t => t.Txid == result.TransactionId);
        Assert.Equal(TxValidationCode.Valid, shown.TxValidationCode);
        var raised = Assert.Single(shown.TransactionActions.ChaincodeActions).ChaincodeEvent;
        Assert.Equal(("put", "asset", 0), (raised.EventName, raised.ChaincodeId, raised.Payload.Length));
        Assert.Equal(Status.Success, responses[^1].Status);
    }

    [Fact]
    public async Task Requests_that_are_forged_late_or_for_another_channel_get_no_block()
    {
        var identity = network.Identity();
        var all = SeekRequests.Blocks(0, 0);
        var forged = SeekRequests.Signed(identity, all);
        forged.Signature = SeekRequests.Signed(identity, all).Signature;
        Assert.Equal(Status.Forbidden, await RefusalAsync(forged));
        Assert.Equal(Status.BadRequest, await RefusalAsync(SeekRequests.Signed(identity, all, age: TimeSpan.FromHours(1))));
        Assert.Equal(Status.NotFound, await RefusalAsync(SeekRequests.Signed(identity, all, "elsewhere")));
        Assert.Equal(Status.BadRequest, await RefusalAsync(SeekRequests.Signed(identity, SeekRequests.Blocks(2, 1))));
        Assert.Equal(Status.BadRequest, await RefusalAsync(SeekRequests.Signed(identity, new SeekInfo())));
        Assert.Equal(Status.NotFound, await RefusalAsync(SeekRequests.Signed(identity, SeekRequests.Blocks(9999, 9999))));
        Assert.Equal(Status.BadRequest, await RefusalAsync(new Envelope { Payload = ByteString.CopyFrom(0xFF) }));
    }

    [Fact]
    public async Task A_block_that_is_not_there_yet_fails_or_is_waited_for_as_asked()
    {
        var next = network.Host.Height;
        var seek = SeekRequests.Blocks(next, next);
        seek.Behavior = SeekInfo.Types.SeekBehavior.FailIfNotReady;
        Assert.Equal(Status.NotFound, await RefusalAsync(SeekRequests.Signed(network.Identity(), seek)));

        await using var channel = network.Dial();
        var waiting = SeekAsync(channel, FabricMethods.Deliver, SeekRequests.Signed(network.Identity(), SeekRequests.Blocks(next, next)));
        await network.Client().SubmitAsync(Call("put", "awaited", "1"));
        Assert.Equal(next, (await waiting)[0].Block.Header.Number);
    }

    [Fact]
    public async Task The_next_commit_is_waited_for_and_is_none_that_was_there()
    {
        var height = network.Host.Height;
        await using var channel = network.Dial();
        await using var call = await channel.DuplexAsync(FabricMethods.Deliver);
        await call.WriteAsync(SeekRequests.Signed(
            network.Identity(), new SeekInfo { Start = new SeekPosition { NextCommit = new() }, Stop = SeekRequests.At(ulong.MaxValue) }));
        await using var answers = call.ReadAllAsync().GetAsyncEnumerator();
        var first = answers.MoveNextAsync().AsTask();
        var began = Stopwatch.GetTimestamp();
        do
            await network.Client().SubmitAsync(Call("put", "awaited", "1")); // nobody is told when the peer has heard of it: it may have missed some
        while (!first.IsCompleted && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2));
        Assert.True(await first.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.InRange(answers.Current.Block.Header.Number, height, network.Host.Height - 1);
    }

    [Fact]
    public async Task The_newest_block_is_one_block()
    {
        await using var channel = network.Dial();
        var newest = new SeekPosition { Newest = new() };
        var responses = await SeekAsync(channel, FabricMethods.Deliver,
            SeekRequests.Signed(network.Identity(), new SeekInfo { Start = newest, Stop = newest }));
        Assert.Equal(2, responses.Count);
        Assert.NotNull(responses[0].Block);
    }

    [Fact]
    public async Task Events_replay_from_a_block_and_go_on_behind_a_transaction()
    {
        var client = network.Client();
        var first = await client.SubmitAsync(Call("put", "event-1", "x"));
        var second = await client.SubmitAsync(Call("put", "event-2", "x"));
        foreach (var _ in Enumerable.Range(0, 2))
            Assert.Equal(first.TransactionId, (await FirstEventAsync(new EventPosition(first.BlockNumber))).TransactionId);
        var next = await FirstEventAsync(new EventPosition(first.BlockNumber, first.TransactionId));
        Assert.Equal((second.TransactionId, "put"), (next.TransactionId, next.Name));
    }

    [Fact]
    public async Task Events_are_for_readers_of_the_channel()
    {
        await using var channel = network.Dial();
        var request = new ChaincodeEventsRequest { ChannelId = Channel, ChaincodeId = "asset", Identity = network.Identity().Creator };
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in channel.ServerStreamAsync(FabricMethods.ChaincodeEvents,
                new SignedChaincodeEventsRequest { Request = request.ToByteString(), Signature = ByteString.CopyFrom(1) }))
                break;
        });
        Assert.Equal(StatusCode.PermissionDenied, error.Status);
    }

    private async Task<LedgerEvent> FirstEventAsync(EventPosition from)
    {
        await foreach (var found in network.Client().ChaincodeEventsAsync("asset", from))
            return found;
        throw new InvalidOperationException("The stream ended.");
    }

    private async Task<Status> RefusalAsync(Envelope envelope)
    {
        await using var channel = network.Dial();
        return Assert.Single(await SeekAsync(channel, FabricMethods.Deliver, envelope)).Status;
    }

    private static async Task<List<DeliverResponse>> SeekAsync(
        GrpcChannel channel, GrpcMethod<Envelope, DeliverResponse> method, Envelope envelope)
    {
        await using var call = await channel.DuplexAsync(method);
        await call.WriteAsync(envelope);
        await call.CompleteAsync();
        List<DeliverResponse> responses = [];
        await foreach (var response in call.ReadAllAsync())
            responses.Add(response);
        return responses;
    }
}
