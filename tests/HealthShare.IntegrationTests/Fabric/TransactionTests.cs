using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.IntegrationTests.Support;
using static HealthShare.IntegrationTests.Fabric.AssetChannel;

namespace HealthShare.IntegrationTests.Fabric;

/// <summary>From a proposal to a block, and every way that can end.</summary>
[Collection(AssetCollection.Name)]
public sealed class TransactionTests(AssetChannel channel)
{
    [AssetFact]
    public async Task What_one_member_writes_every_member_reads_and_finds_by_its_id()
    {
        var key = NewKey();
        var written = await channel.SubmitAsync(channel.North, Call("put", key, "one"));

        await channel.EventuallyAsync(channel.South, "one", Call("get", key));
        var found = await channel.As(channel.North).GetTransactionAsync(written.TransactionId);
        Assert.Equal(TxValidationCode.Valid, found?.Code);
        var status = await channel.As(channel.North).GetCommitStatusAsync(written.TransactionId);
        Assert.Equal((TxValidationCode.Valid, written.BlockNumber), (status.Code, status.BlockNumber));
        Assert.Null(await channel.As(channel.North).GetTransactionAsync(new string('0', 64)));
    }

    [AssetFact]
    public async Task A_refusal_says_the_stage_and_the_chaincodes_code_and_writes_nothing()
    {
        var key = NewKey();
        var evaluate = await RefusedAsync(() => channel.As(channel.North).EvaluateAsync(Call("get", key)));
        Assert.Equal((LedgerStage.Evaluate, "asset.not_found"), (evaluate.Stage, evaluate.Code));

        var endorse = await RefusedAsync(() => channel.As(channel.North).SubmitAsync(Call("get", key)));
        Assert.Equal((LedgerStage.Endorse, "asset.not_found", false), (endorse.Stage, endorse.Code, endorse.MayHaveCommitted));
        Assert.NotEmpty(endorse.PeerErrors);

        var fault = await RefusedAsync(() => channel.As(channel.North).SubmitAsync(Call("fail")));
        Assert.Equal(LedgerStage.Endorse, fault.Stage);
        Assert.DoesNotContain("asked to fail", fault.Message, StringComparison.Ordinal); // a fault's own words stay where it happened

        var differ = await RefusedAsync(() => channel.As(channel.North).SubmitAsync(Call("random", key)));
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.Mismatch), (differ.Stage, differ.Code));
        Assert.Empty(await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task A_chaincode_or_function_that_is_not_there_is_told_apart_from_a_peer_that_is_away()
    {
        var chaincode = await RefusedAsync(() => channel.As(channel.North).SubmitAsync(new TransactionRequest("nochaincode", "put", "k", "v")));
        Assert.Equal((LedgerStage.Endorse, LedgerCodes.NotReady), (chaincode.Stage, chaincode.Code));
        var function = await RefusedAsync(() => channel.As(channel.North).EvaluateAsync(Call("nofunction")));
        Assert.Equal((LedgerStage.Evaluate, false), (function.Stage, function.IsTransient));
        Assert.NotNull(function.ChaincodeStatus);
    }

    [AssetFact]
    public async Task Of_two_transactions_that_read_and_write_one_key_the_first_is_valid_and_the_second_says_why_not()
    {
        var key = NewKey();
        await channel.SubmitAsync(channel.North, Call("put", key, "0"));
        var first = await EndorseAsync(Call("update", key, "1"));
        var second = await EndorseAsync(Call("update", key, "2"));
        var client = channel.As(channel.North);
        await client.SubmitEndorsedAsync(first);
        await client.SubmitEndorsedAsync(second);

        Assert.Equal(TxValidationCode.Valid, (await client.GetCommitStatusAsync(first.TransactionId)).Code);
        Assert.Equal(TxValidationCode.MvccReadConflict, (await client.GetCommitStatusAsync(second.TransactionId)).Code);
        Assert.Equal("1", await channel.EvaluateAsync(channel.North, "get", key));
        Assert.Equal(2, (await channel.HistoryAsync(channel.North, key)).Length);
    }

    [AssetFact]
    public async Task A_key_that_appears_in_a_range_that_was_read_makes_the_reader_a_phantom()
    {
        var prefix = NewKey();
        await channel.SubmitAsync(channel.North, Call("put", $"{prefix}a", "1"));
        var counting = await EndorseAsync(Call("countInto", $"{prefix}a", $"{prefix}z", $"{prefix}~count"));
        await channel.SubmitAsync(channel.North, Call("put", $"{prefix}b", "2"));
        var client = channel.As(channel.North);
        await client.SubmitEndorsedAsync(counting);

        var status = await client.GetCommitStatusAsync(counting.TransactionId);
        Assert.Equal(TxValidationCode.PhantomReadConflict, status.Code);
        var missing = await RefusedAsync(() => client.EvaluateAsync(Call("get", $"{prefix}~count")));
        Assert.Equal("asset.not_found", missing.Code);
    }

    [AssetFact]
    public async Task One_transaction_sent_twice_counts_once()
    {
        var key = NewKey();
        var client = channel.As(channel.North);
        var endorsed = await EndorseAsync(Call("put", key, "once"));
        await client.SubmitEndorsedAsync(endorsed);
        Assert.Equal(TxValidationCode.Valid, (await client.GetCommitStatusAsync(endorsed.TransactionId)).Code);
        await SendAgainAsync(client, endorsed);
        await channel.SubmitAsync(channel.North, Call("put", $"{key}~after", "x")); // a block later

        Assert.Equal([endorsed.TransactionId], await channel.HistoryAsync(channel.North, key));
        Assert.Equal(TxValidationCode.Valid, (await client.GetCommitStatusAsync(endorsed.TransactionId)).Code);
    }

    [AssetFact]
    public async Task Too_few_endorsements_are_found_at_commit()
    {
        var key = NewKey();
        var alone = await RefusedAsync(() => channel.As(channel.North).SubmitAsync(Call("put", key, "1") with { Organizations = [channel.North] }));
        Assert.Equal((LedgerStage.Commit, TxValidationCode.EndorsementPolicyFailure), (alone.Stage, alone.ValidationCode));
        Assert.Equal("commit.endorsement_policy_failure", alone.Code);
        Assert.Empty(await channel.HistoryAsync(channel.North, key));
    }

    [AssetFact]
    public async Task Many_at_once_each_take_effect_once()
    {
        const int count = 60;
        var prefix = NewKey();
        var members = new[] { channel.North, channel.South, channel.East };
        await Task.WhenAll(Enumerable.Range(0, count).Select(
            i => channel.SubmitAsync(members[i % members.Length], Call("put", $"{prefix}{i:D3}", $"{i}"))));

        var written = await channel.EvaluateAsync(channel.North, "range", prefix, $"{prefix}~");
        Assert.Equal(count, System.Text.Json.Nodes.JsonNode.Parse(written)!["rows"]!.AsArray().Count);
    }

    [AssetFact]
    public async Task Answers_and_arguments_of_a_megabyte_pass()
    {
        const int size = 1024 * 1024;
        var key = NewKey();
        Assert.Equal(size, (await channel.As(channel.North).EvaluateAsync(Call("large", $"{size}"))).Length);
        await channel.SubmitAsync(channel.North, Call("put", key, new string('x', size)));
        Assert.Equal(size, (await channel.As(channel.North).EvaluateAsync(Call("get", key))).Length);
    }

    [AssetFact]
    public async Task The_chaincode_sees_who_calls_with_the_attributes_of_the_certificate()
    {
        var member = channel.Profile.Organization(channel.South);
        using var identity = IssuedIdentity.Issue(member, DateTimeOffset.UtcNow.AddDays(1), ("role", "auditor"));
        await using var client = GatewayClient.Connect(
            [GatewayEndpoint.From(member.Peers[0], member.MspId)], identity, channel.Profile.Channel, Patient.Options);
        var caller = System.Text.Json.Nodes.JsonNode.Parse(Text(await client.EvaluateAsync(Call("whoami"))))!;
        Assert.Equal((channel.South, "auditor"), (caller["mspId"]!.GetValue<string>(), caller["role"]!.GetValue<string>()));
        Assert.Contains("CN=issued", caller["id"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    // A gateway may refuse it at once or hand it on; either is right as long as it does not count again.
    private static async Task SendAgainAsync(GatewayClient client, EndorsedTransaction endorsed)
    {
        try
        {
            await client.SubmitEndorsedAsync(endorsed);
        }
        catch (LedgerException e)
        {
            Assert.Equal(LedgerStage.Submit, e.Stage);
        }
    }

    private async Task<EndorsedTransaction> EndorseAsync(TransactionRequest request)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await channel.As(channel.North).EndorseAsync(request);
            }
            catch (LedgerException e) when (e.Code is LedgerCodes.Mismatch && attempt < 20)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task<LedgerException> RefusedAsync<T>(Func<Task<T>> call) => await Assert.ThrowsAsync<LedgerException>(call);
}
