using Google.Protobuf;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Support;
using Call = HealthShare.UnitTests.Support.TestChannel.Call;

namespace HealthShare.UnitTests.Client;

/// <summary>What the verifier makes of blocks whose orderer is in league with the forger.</summary>
public sealed class BlockVerifierTests
{
    private readonly TestChannel channel = new();
    private readonly BlockVerifier verifier = new();

    public BlockVerifierTests()
    {
        Assert.Null(verifier.Verify(channel.Genesis)?.ToString());
        Assert.Null(verifier.Verify(channel.Definition)?.ToString());
    }

    [Fact]
    public void A_rightly_endorsed_transaction_passes()
    {
        Assert.Null(verifier.Verify(channel.Block(channel.Invoke(Put("k"))))?.ToString());
        Assert.Equal(3, verifier.Summary.Transactions);
    }

    [Theory]
    [InlineData("another signed", TxValidationCode.BadCreatorSignature)]
    [InlineData("stranger", TxValidationCode.BadCreatorSignature)]
    [InlineData("other id", TxValidationCode.BadProposalTxid)]
    [InlineData("other proposal", TxValidationCode.InvalidEndorserTransaction)]
    [InlineData("other channel", TxValidationCode.TargetChainNotFound)]
    [InlineData("one endorser", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("same endorser twice", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("client endorses", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("stranger endorses", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("spoiled endorsement", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("unknown chaincode", TxValidationCode.InvalidChaincode)]
    [InlineData("own definition", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("stale read", TxValidationCode.MvccReadConflict)]
    [InlineData("another's collection", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("own collection and public", TxValidationCode.EndorsementPolicyFailure)]
    [InlineData("collection of nobody", TxValidationCode.EndorsementPolicyFailure)]
    public void A_forged_transaction_that_is_flagged_valid_is_named(string forgery, TxValidationCode deserved)
    {
        var stranger = new TestAuthority("NorthMSP").Issue("stranger", "peer");
        var call = forgery switch
        {
            "another signed" => Put("k") with { Signer = channel.SouthPeer },
            "stranger" => Put("k") with { Creator = stranger },
            "other id" => Put("k") with { Id = new string('0', 64) },
            "other proposal" => Put("k") with { ProposalHash = ByteString.CopyFrom(new byte[32]) },
            "other channel" => Put("k") with { ChannelId = "elsewhere" },
            "one endorser" => Put("k") with { Endorsers = [channel.NorthPeer] },
            "same endorser twice" => Put("k") with { Endorsers = [channel.NorthPeer, channel.NorthPeer] },
            "client endorses" => Put("k") with { Endorsers = [channel.SouthPeer, channel.Client] },
            "stranger endorses" => Put("k") with { Endorsers = [channel.SouthPeer, stranger] },
            "spoiled endorsement" => Put("k") with { SpoilEndorsement = true },
            "unknown chaincode" => new Call("none", TestChannel.Write("k", "v")),
            "own definition" => new Call("_lifecycle", TestChannel.Write("namespaces/fields/cc/ValidationInfo", "mine"))
            {
                Endorsers = [channel.SouthPeer],
            },
            "stale read" => Put("k") with { Reads = [new KVRead { Key = "k", Version = new() { BlockNum = 7 } }] },
            "another's collection" => Private("_implicit_org_SouthMSP") with { Endorsers = [channel.NorthPeer] },
            "own collection and public" => Private("_implicit_org_NorthMSP", TestChannel.Write("k", "v")) with { Endorsers = [channel.NorthPeer] },
            _ => Private("_implicit_org_EastMSP"),
        };
        var fault = verifier.Verify(channel.Block(channel.Invoke(Put("other")), channel.Invoke(call)));

        Assert.Equal(BlockFaultKind.ValidationFlag, fault!.Kind);
        Assert.Equal((2UL, 1), (fault.Block, fault.TransactionIndex));
        Assert.StartsWith($"It is flagged Valid and should be {deserved}", fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_writes_to_its_own_collection_by_its_own_endorsement() =>
        Assert.Null(verifier.Verify(channel.Block(channel.Invoke(
            Private("_implicit_org_NorthMSP") with { Endorsers = [channel.NorthPeer] })))?.ToString());

    [Fact]
    public void A_repeated_transaction_is_no_second_one_within_a_block_or_later()
    {
        var transaction = channel.Invoke(Put("k"));
        Assert.Null(verifier.Verify(channel.Block([0, (byte)TxValidationCode.DuplicateTxid], transaction, transaction))?.ToString());
        var fault = verifier.Verify(channel.Block(transaction));
        Assert.Contains("should be DuplicateTxid", fault!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_valid_transaction_wrote_is_what_the_next_must_have_read()
    {
        Assert.Null(verifier.Verify(channel.Block(channel.Invoke(Put("k"))))?.ToString());
        var read = Put("k") with { Reads = [new KVRead { Key = "k", Version = new() { BlockNum = 2, TxNum = 0 } }] };
        // Both read the same version; the first wins, and a valid flag on the second is a lie.
        var fault = verifier.Verify(channel.Block(channel.Invoke(read), channel.Invoke(read)));
        Assert.Equal((3UL, 1), (fault!.Block, fault.TransactionIndex));
        Assert.Contains("should be MvccReadConflict", fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_in_place_of_a_transaction_is_flagged_and_not_thrown_over()
    {
        Assert.Null(verifier.Verify(channel.Block(
            [(byte)TxValidationCode.InvalidOtherReason, 0], ByteString.CopyFrom(0xff, 0xff), channel.Invoke(Put("k"))))?.ToString());
        Assert.Contains("should be InvalidOtherReason",
            verifier.Verify(channel.Block(ByteString.CopyFrom(0xff, 0xff)))!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_honest_transaction_flagged_invalid_is_named_too()
    {
        var fault = verifier.Verify(channel.Block([(byte)TxValidationCode.MvccReadConflict], channel.Invoke(Put("k"))));
        Assert.Contains("flagged MvccReadConflict and should be Valid", fault!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_ordered_by_code_point_as_in_the_peer_s_database()
    {
        string[] ordered = ["", "A", "AB", "B", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "\U0010ffffa"];
        Assert.Equal(ordered, ordered.Reverse().Order(KeyOrder.Instance));
        Assert.Equal(ordered.Select(key => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(key))),
            ordered.Select(key => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(key))).Order(StringComparer.Ordinal));
    }

    private static Call Put(string key) => new("cc", TestChannel.Write(key, "v"));

    private static Call Private(string collection, params KVWrite[] writes) => new("cc", writes)
    {
        Collections =
        [
            (collection, new HashedRWSet { HashedWrites = { new KVWriteHash { KeyHash = TransactionId.NewNonce(), ValueHash = TransactionId.NewNonce() } } }),
        ],
    };
}
