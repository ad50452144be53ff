using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>What clients see of the ledger, over the wire.</summary>
public sealed class GatewayTests(LedgerNetwork network) : IClassFixture<LedgerNetwork>
{
    [Fact]
    public async Task A_committed_value_is_read_at_every_member_and_its_transaction_is_found()
    {
        var result = await network.Client().SubmitAsync(Call("put", "a", "one"));
        foreach (var mspId in Endorsing.Append("WatchMSP"))
            Assert.Equal("one", Text(await network.Client(mspId).EvaluateAsync(Call("get", "a"))));
        var found = await network.Client("WatchMSP").GetTransactionAsync(result.TransactionId);
        Assert.Equal(TxValidationCode.Valid, found!.Code);
        Assert.Null(await network.Client().GetTransactionAsync(new string('0', 64)));
    }

    [Fact]
    public async Task The_transaction_carries_just_enough_endorsements_with_the_gateways_own_among_them()
    {
        var endorsed = await network.Client("SouthMSP").EndorseAsync(Call("put", "b", "1"));
        var endorsers = Tampering.Endorsers(endorsed.Envelope);
        Assert.Equal(2, endorsers.Count);
        Assert.Contains("SouthMSP", endorsers);
    }

    [Fact]
    public async Task Named_organizations_endorse_and_no_others()
    {
        var request = Call("put", "c", "1") with { Organizations = ["EastMSP", "NorthMSP"] };
        Assert.Equal(["EastMSP", "NorthMSP"],
            Tampering.Endorsers((await network.Client("SouthMSP").EndorseAsync(request)).Envelope).Order());
    }

    [Fact]
    public async Task A_refusal_of_the_chaincode_has_the_codes_and_texts_of_a_peers_gateway()
    {
        var evaluated = await Assert.ThrowsAsync<LedgerException>(() => network.Client().EvaluateAsync(Call("get", "absent")));
        Assert.Equal(StatusCode.Unknown, evaluated.Status);
        Assert.Equal(("asset.not_found", "absent"), (evaluated.Code, evaluated.ChaincodeMessage));
        var endorsed = await Assert.ThrowsAsync<LedgerException>(() => network.Client().EndorseAsync(Call("nothing")));
        Assert.Equal(StatusCode.Aborted, endorsed.Status);
        var detail = Assert.Single(endorsed.PeerErrors);
        Assert.Equal(("NorthMSP", "chaincode response 500, asset.no_function: nothing"), (detail.MspId, detail.Message));
        Assert.Equal(network.Host.Gateways["NorthMSP"].ToString(), detail.Address);
    }

    [Fact]
    public async Task Endorsers_that_disagree_are_reported_and_nothing_is_ordered()
    {
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Client().EndorseAsync(Call("random")));
        Assert.Equal(StatusCode.Aborted, error.Status);
        Assert.All(error.PeerErrors, detail => Assert.Equal("ProposalResponsePayloads do not match", detail.Message));
        Assert.Equal(2, error.PeerErrors.Count);
    }

    [Theory]
    [InlineData("unknown", StatusCode.FailedPrecondition)]
    [InlineData("lscc", StatusCode.FailedPrecondition)]
    public async Task A_chaincode_that_is_not_defined_is_refused(string chaincode, StatusCode code)
    {
        var request = new TransactionRequest(chaincode, "get", "a");
        Assert.Equal(code, (await Assert.ThrowsAsync<LedgerException>(() => network.Client().EvaluateAsync(request))).Status);
        Assert.Equal(code, (await Assert.ThrowsAsync<LedgerException>(() => network.Client().EndorseAsync(request))).Status);
    }

    [Fact]
    public async Task Organizations_without_endorsers_cannot_be_named()
    {
        var request = Call("put", "d", "1") with { Organizations = ["WatchMSP"] };
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Client().EndorseAsync(request));
        Assert.Equal(StatusCode.Unavailable, error.Status);
    }

    [Fact]
    public async Task A_forged_proposal_is_refused_before_it_is_executed()
    {
        await using var channel = network.Dial();
        var proposal = Tampering.Proposal(network.Identity(), Channel, "asset", "put", "e", "1");
        var forged = proposal.Clone();
        forged.Signature = ByteString.CopyFrom(network.Identity("NorthMSP", "User2").Sign(proposal.ProposalBytes.Span));
        var error = await EvaluateAsync(channel, forged);
        Assert.Equal(StatusCode.FailedPrecondition, error.Status);
        Assert.Contains($"access denied: channel [{Channel}] creator org [NorthMSP]", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_may_read_but_not_propose_for_it_is_no_writer()
    {
        await using var channel = network.Dial();
        using var peer = Tampering.PeerIdentity(network, "NorthMSP");
        var error = await EvaluateAsync(channel, Tampering.Proposal(peer, Channel, "asset", "get", "a"));
        Assert.Equal(StatusCode.FailedPrecondition, error.Status);
        Assert.Contains("/Channel/Application/Writers", error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("elsewhere", false, StatusCode.Unavailable, "failed to get config for channel [elsewhere]: could not get last config for channel elsewhere")]
    [InlineData(Channel, true, StatusCode.FailedPrecondition, "incorrectly computed txid")]
    public async Task A_proposal_for_another_channel_or_with_another_id_is_refused(
        string name, bool otherId, StatusCode code, string text)
    {
        await using var channel = network.Dial();
        var error = await EvaluateAsync(
            channel, Tampering.ProposalWithId(network.Identity(), name, "asset", otherId ? "00" : null, "get", "a"));
        Assert.Equal(code, error.Status);
        Assert.Contains(text, error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_for_a_proposal_is_an_invalid_argument()
    {
        await using var channel = network.Dial();
        var error = await EvaluateAsync(channel, new SignedProposal { ProposalBytes = ByteString.CopyFrom(0xFF, 0xFF, 0xFF) });
        Assert.Equal(StatusCode.InvalidArgument, error.Status);
    }

    [Fact]
    public async Task The_commit_status_is_told_to_readers_of_the_channel_only()
    {
        await using var channel = network.Dial();
        var request = new CommitStatusRequest
        {
            ChannelId = Channel,
            TransactionId = "00",
            Identity = network.Identity().Creator,
        }.ToByteString();
        var forged = new SignedCommitStatusRequest
        {
            Request = request,
            Signature = ByteString.CopyFrom(network.Identity("NorthMSP", "User2").Sign(request.Span)),
        };
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.CommitStatus, forged));
        Assert.Equal(StatusCode.PermissionDenied, error.Status);
    }

    [Fact]
    public async Task The_commit_status_waits_for_an_unknown_transaction_until_it_comes_or_the_deadline_passes()
    {
        var endorsed = await network.Client().EndorseAsync(Call("put", "late", "1"));
        var status = network.Client("EastMSP").GetCommitStatusAsync(endorsed.TransactionId);
        await network.Client().SubmitEndorsedAsync(endorsed);
        Assert.True((await status).IsValid);
        var hasty = network.Client(options: new GatewayOptions { CommitTimeout = TimeSpan.FromMilliseconds(200) });
        var error = await Assert.ThrowsAsync<LedgerException>(() => hasty.GetCommitStatusAsync(new string('0', 64)));
        Assert.Equal(LedgerCodes.Timeout, error.Code);
    }

    [Fact]
    public async Task Ranges_come_in_batches_and_pages_with_bookmarks_and_history_newest_first()
    {
        var client = network.Client();
        await Task.WhenAll(Enumerable.Range(0, 120).Select(i => client.SubmitAsync(Call("put", $"r{i:000}", "x"))));
        Assert.Equal("120", Text(await client.EvaluateAsync(Call("count", "r", "s"))));
        Assert.Equal("r000,r001|2|r002", Text(await client.EvaluateAsync(Call("page", "r", "s", "2", ""))));
        Assert.Equal("r118,r119|2|", Text(await client.EvaluateAsync(Call("page", "r", "s", "2", "r118"))));
        await client.SubmitAsync(Call("put", "r000", "y"));
        await client.SubmitAsync(Call("del", "r000"));
        Assert.Equal("-,y,x", Text(await client.EvaluateAsync(Call("history", "r000"))));
    }

    private static Task<RpcException> EvaluateAsync(GrpcChannel channel, SignedProposal proposal) =>
        Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest
        {
            ChannelId = Channel,
            ProposedTransaction = proposal,
        }));
}
