using HealthShare.DevLedger;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using static HealthShare.UnitTests.DevLedger.ScriptNetwork;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Keys with endorsement policies of their own, public and private.</summary>
public sealed class KeyPolicyTests : IAsyncLifetime
{
    private const string South = "OR('SouthMSP.peer')";
    private ScriptNetwork network = null!;

    public async Task InitializeAsync() => network = await StartAsync();

    public async Task DisposeAsync() => await network.DisposeAsync();

    [Fact]
    public async Task A_keys_policy_takes_the_place_of_the_chaincodes_for_that_key_alone()
    {
        await network.SubmitAsync("put|k|1", $"policy|k|{South}");
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("SouthMSP", "put|k|2")));
        Assert.Equal("2", await network.EvaluateAsync("get|k"));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(Call("put|k|3") with { Organizations = ["NorthMSP", "EastMSP"] }));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(At("SouthMSP", "put|free|1")));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(At("SouthMSP", "put|k|3", "put|free|1")));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure,
            await network.SubmitAsync(At("NorthMSP", "policy|k|OR('NorthMSP.peer')")));
        network.Verify();
    }

    [Fact]
    public async Task The_gateway_asks_those_whom_the_keys_policies_name()
    {
        await network.SubmitAsync("put|k|1", $"policy|k|{South}");
        var endorsed = await network.Ledger.Client("EastMSP").EndorseAsync(Call("put|k|2"));
        Assert.Equal(["SouthMSP"], Tampering.Endorsers(endorsed.Envelope));
        var both = await network.Ledger.Client("EastMSP").EndorseAsync(Call("put|k|2", "put|free|1"));
        Assert.Contains("SouthMSP", Tampering.Endorsers(both.Envelope));
        Assert.Equal(2, Tampering.Endorsers(both.Envelope).Count);
        Assert.Equal(TxValidationCode.Valid, await network.Ledger.SubmitAsync(both.TransactionId, both.Envelope));
    }

    [Fact]
    public async Task A_policy_that_nobody_here_meets_leaves_no_combination()
    {
        await network.SubmitAsync("put|k|1", "policy|k|OR('StrangerMSP.peer')");
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Ledger.Client().EndorseAsync(Call("put|k|2")));
        Assert.Equal(StatusCode.FailedPrecondition, error.Status);
    }

    [Fact]
    public async Task What_follows_a_change_of_policy_in_its_block_is_refused_even_with_everyones_endorsement()
    {
        // A block is three transactions, however long they take to come.
        await using var threes = await StartAsync(options => options with
        {
            Batch = new BatchOptions { MaxMessageCount = 3, Timeout = TimeSpan.FromSeconds(10) },
        });
        await threes.RaceAsync(Call("put|k|1"), Call("put|a|1"), Call("put|b|1"));
        var all = Call("put|k|2") with { Organizations = LedgerNetwork.Endorsing };
        Assert.Equal(
            [TxValidationCode.Valid, TxValidationCode.EndorsementPolicyFailure, TxValidationCode.Valid],
            await threes.RaceAsync(Call($"policy|k|{South}"), all, Call("put|beside|1")));
        Assert.Equal("1", await threes.EvaluateAsync("get|k"));
        threes.Verify();
    }

    [Fact]
    public async Task A_change_that_was_itself_refused_stands_in_nobodys_way()
    {
        await network.SubmitAsync("put|k|1");
        Assert.Equal(
            [TxValidationCode.EndorsementPolicyFailure, TxValidationCode.Valid],
            await network.RaceAsync(At("NorthMSP", $"policy|k|{South}"), Call("put|k|2")));
        network.Verify();
    }

    [Fact]
    public async Task Metadata_is_read_back_counts_as_a_write_and_goes_with_its_key()
    {
        Assert.Equal("", await network.EvaluateAsync("meta|k"));
        await network.SubmitAsync("policy|k|OR('SouthMSP.peer')"); // of a key that is not there: no effect
        Assert.Equal("", await network.EvaluateAsync("meta|k"));
        await network.SubmitAsync("put|k|1", $"policy|k|{South}");
        Assert.StartsWith("VALIDATION_PARAMETER=", await network.EvaluateAsync("meta|k"), StringComparison.Ordinal);
        Assert.Equal([TxValidationCode.Valid, TxValidationCode.MvccReadConflict],
            await network.RaceAsync(At("SouthMSP", "policy|k|OR('SouthMSP.peer','EastMSP.peer')"), Call("get|k", "put|seen|1")));
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("EastMSP", "del|k")));
        await network.SubmitAsync("put|k|again");
        Assert.Equal("", await network.EvaluateAsync("meta|k"));
        network.Verify();
    }

    [Fact]
    public async Task An_empty_policy_gives_the_key_back_to_the_chaincodes()
    {
        await network.SubmitAsync("put|k|1", $"policy|k|{South}");
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("SouthMSP", "policy|k|")));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(At("SouthMSP", "put|k|2")));
        Assert.Equal(TxValidationCode.Valid,
            await network.SubmitAsync(Call("put|k|2") with { Organizations = ["NorthMSP", "EastMSP"] }));
        var error = await Assert.ThrowsAsync<LedgerException>(() => network.Ledger.Client().EndorseAsync(Call("put|k|3")));
        Assert.Contains("state based endorsement policy cannot be satisfied", error.Message, StringComparison.Ordinal);
        network.Verify();
    }

    [Fact]
    public async Task A_private_key_has_its_policy_beside_the_hash_and_its_value_stays_readable()
    {
        await network.SubmitAsync(At("NorthMSP", $"putp|{OfNorth}|p|secret"));
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("NorthMSP", $"policyp|{OfNorth}|p|{South}")));
        Assert.Equal("secret", await network.EvaluateAsync(At("NorthMSP", $"getp|{OfNorth}|p")));
        Assert.NotEqual("", await network.EvaluateAsync(At("EastMSP", $"metap|{OfNorth}|p")));
        Assert.Equal(TxValidationCode.EndorsementPolicyFailure, await network.SubmitAsync(At("NorthMSP", $"putp|{OfNorth}|p|new")));
        Assert.Equal(TxValidationCode.Valid, await network.SubmitAsync(At("SouthMSP", $"putp|{OfNorth}|p|new")));
        await network.Ledger.RestartAsync();
        Assert.Equal("new", await network.EvaluateAsync(At("NorthMSP", $"getp|{OfNorth}|p")));
        Assert.NotEqual("", await network.EvaluateAsync(At("EastMSP", $"metap|{OfNorth}|p")));
        network.Verify();
    }
}
