using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.LedgerNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Transactions that reach a block without deserving it are flagged, and their writes have no effect.</summary>
public sealed class ValidationTests(LedgerNetwork network) : IClassFixture<LedgerNetwork>
{
    [Fact]
    public async Task Of_two_updates_of_one_key_the_second_is_a_conflict()
    {
        var client = network.Client();
        var first = await client.EndorseAsync(Call("update", "k", "1"));
        var second = await client.EndorseAsync(Call("update", "k", "2"));
        await client.SubmitEndorsedAsync(first);
        await client.SubmitEndorsedAsync(second);
        Assert.Equal(TxValidationCode.Valid, (await client.GetCommitStatusAsync(first.TransactionId)).Code);
        Assert.Equal(TxValidationCode.MvccReadConflict, (await client.GetCommitStatusAsync(second.TransactionId)).Code);
        Assert.Equal("1", Text(await client.EvaluateAsync(Call("get", "k"))));
    }

    [Theory]
    [InlineData("put", "range-5")]
    [InlineData("del", "range-1")]
    [InlineData("put", "range-1")]
    public async Task A_range_that_changed_between_endorsement_and_commit_is_a_phantom(string change, string key)
    {
        var client = network.Client();
        await client.SubmitAsync(Call("put", "range-1", Guid.NewGuid().ToString()));
        var counted = await client.EndorseAsync(Call("countInto", "range-", "range-~", "counted"));
        await client.SubmitAsync(change == "del" ? Call("del", key) : Call("put", key, "new"));
        await client.SubmitEndorsedAsync(counted);
        Assert.Equal(TxValidationCode.PhantomReadConflict, (await client.GetCommitStatusAsync(counted.TransactionId)).Code);
    }

    [Fact]
    public async Task A_write_just_outside_a_range_is_no_phantom()
    {
        var client = network.Client();
        var counted = await client.EndorseAsync(Call("countInto", "other-", "other-5", "counted-others"));
        await client.SubmitAsync(Call("put", "other-5", "x"));
        await client.SubmitEndorsedAsync(counted);
        Assert.True((await client.GetCommitStatusAsync(counted.TransactionId)).IsValid);
    }

    [Fact]
    public async Task One_endorsement_of_the_two_that_are_needed_fails_the_policy()
    {
        var alone = await network.Client().EndorseAsync(Call("put", "alone", "x") with { Organizations = ["NorthMSP"] });
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(alone.TransactionId, alone.Envelope));
        await Assert.ThrowsAsync<LedgerException>(() => network.Client().EvaluateAsync(Call("get", "alone")));
    }

    [Fact]
    public async Task The_same_endorsement_twice_counts_once()
    {
        var alone = await network.Client().EndorseAsync(Call("put", "twice", "x") with { Organizations = ["NorthMSP"] });
        var payload = Tampering.Change(alone.Envelope, action => action.Endorsements.Add(action.Endorsements[0]));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(alone.TransactionId, Sign(network.Identity(), payload)));
    }

    [Fact]
    public async Task A_client_s_signature_is_no_endorsement()
    {
        var alone = await network.Client().EndorseAsync(Call("put", "client", "x") with { Organizations = ["NorthMSP"] });
        var south = network.Identity("SouthMSP");
        var payload = Tampering.Change(alone.Envelope, action => action.Endorsements.Add(new Endorsement
        {
            Endorser = south.Creator,
            Signature = ByteString.CopyFrom(south.Sign([.. action.ProposalResponsePayload.Span, .. south.Creator.Span])),
        }));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(alone.TransactionId, Sign(network.Identity(), payload)));
    }

    [Fact]
    public async Task A_tampered_endorsement_signature_fails_the_policy()
    {
        var endorsed = await network.Client().EndorseAsync(Call("put", "tampered", "x"));
        var payload = Tampering.Change(endorsed.Envelope, action =>
            action.Endorsements[1].Signature = action.Endorsements[0].Signature);
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(endorsed.TransactionId, Sign(network.Identity(), payload)));
    }

    [Fact]
    public async Task Writes_changed_after_endorsement_fail_the_policy()
    {
        var endorsed = await network.Client().EndorseAsync(Call("put", "changed", "x"));
        var payload = Tampering.Change(endorsed.Envelope, action =>
        {
            var response = ProposalResponsePayload.Parser.ParseFrom(action.ProposalResponsePayload);
            var outcome = ChaincodeAction.Parser.ParseFrom(response.Extension);
            var set = Fabric.Protocol.Ledger.RwSet.TxReadWriteSet.Parser.ParseFrom(outcome.Results);
            var own = set.NsRwset.Single(ns => ns.Namespace == "asset");
            var kv = Fabric.Protocol.Ledger.KvRwSet.KVRWSet.Parser.ParseFrom(own.Rwset);
            kv.Writes[0].Value = ByteString.CopyFromUtf8("forged");
            own.Rwset = kv.ToByteString();
            outcome.Results = set.ToByteString();
            response.Extension = outcome.ToByteString();
            action.ProposalResponsePayload = response.ToByteString();
        });
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(endorsed.TransactionId, Sign(network.Identity(), payload)));
    }

    [Fact]
    public async Task Another_proposal_s_endorsement_does_not_fit()
    {
        var one = await network.Client().EndorseAsync(Call("put", "swap", "1"));
        var two = await network.Client().EndorseAsync(Call("put", "swap", "2"));
        ChaincodeEndorsedAction? other = null;
        Tampering.Change(two.Envelope, action => other = action.Clone());
        var payload = Tampering.Change(one.Envelope, action =>
        {
            action.ProposalResponsePayload = other!.ProposalResponsePayload;
            action.Endorsements.Clear();
            action.Endorsements.Add(other.Endorsements);
        });
        Assert.Equal(TxValidationCode.InvalidEndorserTransaction,
            await network.SubmitAsync(one.TransactionId, Sign(network.Identity(), payload)));
    }

    [Fact]
    public async Task A_transaction_submitted_twice_is_valid_once()
    {
        var client = network.Client();
        var endorsed = await client.EndorseAsync(Call("put", "once", "x"));
        await client.SubmitEndorsedAsync(endorsed);
        var status = await client.GetCommitStatusAsync(endorsed.TransactionId);
        await client.SubmitEndorsedAsync(endorsed);
        await client.SubmitAsync(Call("put", "after", "x"));
        Assert.Equal(status, await client.GetCommitStatusAsync(endorsed.TransactionId));
        var codes = new List<TxValidationCode>();
        for (var number = status.BlockNumber + 1; number < network.Host.Height; number++)
            codes.AddRange(Tampering.Codes(await client.GetBlockAsync(number)));
        Assert.Contains(TxValidationCode.DuplicateTxid, codes);
    }

    [Fact]
    public async Task An_id_that_does_not_come_from_nonce_and_creator_is_refused()
    {
        var endorsed = await network.Client().EndorseAsync(Call("put", "id", "x"));
        var id = new string('a', 64);
        var payload = Tampering.ChangeHeader(endorsed.Envelope, header => header.TxId = id);
        Assert.Equal(TxValidationCode.BadProposalTxid, await network.SubmitAsync(id, Sign(network.Identity(), payload)));
    }

    [Fact]
    public async Task Ordering_refuses_a_forged_creator_another_channel_a_configuration_and_garbage()
    {
        var endorsed = await network.Client().EndorseAsync(Call("put", "forged", "x"));
        await RefusedAsync(Sign(network.Identity("NorthMSP", "User2"), endorsed.Envelope.Payload), "status=FORBIDDEN");
        await RefusedAsync(new Envelope { Payload = endorsed.Envelope.Payload, Signature = ByteString.CopyFrom(1, 2) }, "status=FORBIDDEN");
        await RefusedAsync(Resigned(header => header.ChannelId = "elsewhere"), "status=BAD_REQUEST");
        await RefusedAsync(Resigned(header => header.Type = (int)HeaderType.ConfigUpdate), "status=BAD_REQUEST");
        await RefusedAsync(Sign(network.Identity(), ByteString.CopyFrom(0xFF, 0xFF)), "status=BAD_REQUEST");

        Envelope Resigned(Action<ChannelHeader> change) =>
            Sign(network.Identity(), Tampering.ChangeHeader(endorsed.Envelope, change));
    }

    [Fact]
    public async Task A_stranger_of_the_same_name_is_no_member()
    {
        using var stranger = new Support.TestAuthority("NorthMSP").Issue("User1", "client");
        var endorsed = await network.Client().EndorseAsync(Call("put", "stranger", "x"));
        await RefusedAsync(Sign(stranger, endorsed.Envelope.Payload), "status=FORBIDDEN");
        await using var channel = network.Dial();
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest
        {
            ProposedTransaction = Tampering.Proposal(stranger, Channel, "asset", "get", "a"),
        }));
        Assert.Equal(StatusCode.FailedPrecondition, error.Status);
    }

    private async Task RefusedAsync(Envelope envelope, string text)
    {
        await using var channel = network.Dial();
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Submit, new SubmitRequest
        {
            ChannelId = Channel,
            PreparedTransaction = envelope,
        }));
        Assert.Equal(StatusCode.Aborted, error.Status);
        Assert.Contains(text, error.Detail, StringComparison.Ordinal);
    }
}
