using Google.Protobuf;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Client;

public sealed class BlockVerifierOnRealBlocksTests
{
    [Fact]
    public void Every_block_that_a_real_peer_committed_is_found_right()
    {
        var verifier = new BlockVerifier();
        foreach (var block in FabricBlocks.ReadAll())
            Assert.Null(verifier.Verify(block)?.ToString());
        var summary = verifier.Summary;
        Assert.Equal((ulong)FabricBlocks.Count, summary.Blocks);
        Assert.Equal("health", summary.Channel);
        Assert.Empty(summary.NotChecked);
        Assert.Equal(0, summary.BlocksWithoutFlags);
        Assert.True(summary.Outcomes[TxValidationCode.MvccReadConflict] >= 2);
        Assert.True(summary.Outcomes[TxValidationCode.PhantomReadConflict] >= 4);
        Assert.True(summary.Outcomes[TxValidationCode.EndorsementPolicyFailure] >= 4);
    }

    [Fact]
    public void Blocks_without_flags_get_the_flags_they_deserve()
    {
        var (with, without) = (new BlockVerifier(), new BlockVerifier());
        foreach (var block in FabricBlocks.ReadAll())
        {
            Assert.Null(with.Verify(block));
            var bare = block.Clone();
            bare.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter] = ByteString.Empty;
            Assert.Null(without.Verify(bare));
        }
        Assert.Equal(with.Summary.Outcomes, without.Summary.Outcomes);
        Assert.Equal((long)FabricBlocks.Count - 1, without.Summary.BlocksWithoutFlags);
    }

    [Fact]
    public void Every_flag_that_is_turned_is_named_with_its_transaction()
    {
        var flags = 0;
        for (var number = 1; number < FabricBlocks.Count; number += 6)
        {
            var view = new BlockView(FabricBlocks.Read(number));
            for (var index = 0; index < view.Transactions.Count; index += 7)
            {
                var flipped = FabricBlocks.Read(number);
                var filter = flipped.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter].ToByteArray();
                filter[index] = filter[index] == 0 ? (byte)TxValidationCode.MvccReadConflict : (byte)0;
                flipped.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter] = ByteString.CopyFrom(filter);
                var fault = VerifyWith(number, flipped);
                Assert.Equal(BlockFaultKind.ValidationFlag, fault!.Kind);
                Assert.Equal((ulong)number, fault.Block);
                Assert.Equal(view.Transactions[index].Id, fault.TransactionId);
                flags++;
            }
        }
        Assert.True(flags >= 10);
    }

    [Fact]
    public void Wherever_a_byte_of_a_block_is_changed_the_block_is_named()
    {
        var random = new Random(7);
        foreach (var number in new[] { 0, 1, 12, 27 })
        {
            for (var i = 0; i < 20; i++)
            {
                var bytes = FabricBlocks.Bytes(number);
                var at = random.Next(bytes.Length);
                bytes[at] ^= (byte)(1 << random.Next(8));
                Block changed;
                try
                {
                    changed = Block.Parser.ParseFrom(bytes);
                }
                catch (InvalidProtocolBufferException)
                {
                    continue; // no block any more: what reads blocks reports it
                }
                if (IsOutsideWhatAnyoneSigns(number, changed))
                    continue;
                var fault = VerifyWith(number, changed);
                Assert.True(fault is not null, $"Byte {at} of block {number} was changed unseen.");
                // A genesis block that was changed is another channel's: the block after it does not fit.
                Assert.Equal(number == 0 && fault!.Block == 1 ? 1UL : (ulong)number, fault!.Block);
            }
        }
    }

    [Theory]
    [InlineData("number", BlockFaultKind.Number)]
    [InlineData("previous", BlockFaultKind.PreviousHash)]
    [InlineData("data", BlockFaultKind.DataHash)]
    [InlineData("added", BlockFaultKind.DataHash)]
    [InlineData("header", BlockFaultKind.DataHash)]
    [InlineData("rehashed", BlockFaultKind.OrdererSignature)]
    [InlineData("signature", BlockFaultKind.OrdererSignature)]
    [InlineData("unsigned", BlockFaultKind.OrdererSignature)]
    [InlineData("another's", BlockFaultKind.OrdererSignature)]
    [InlineData("headless", BlockFaultKind.Unreadable)]
    [InlineData("metadata", BlockFaultKind.OrdererSignature)]
    public void Each_kind_of_forgery_is_named_for_what_it_is(string forgery, BlockFaultKind kind)
    {
        var block = FabricBlocks.Read(6);
        switch (forgery)
        {
            case "number":
                block = FabricBlocks.Read(7);
                break;
            case "previous":
                block.Header.PreviousHash = FabricBlocks.Read(5).Header.PreviousHash;
                break;
            case "data":
                block.Data = FabricBlocks.Read(7).Data;
                break;
            case "added":
                block.Data.Data.Add(block.Data.Data[0]);
                break;
            case "header":
                block.Header.DataHash = FabricBlocks.Read(7).Header.DataHash;
                break;
            case "rehashed":
                block.Data = FabricBlocks.Read(7).Data;
                block.Header.DataHash = BlockHashes.DataHash(block.Data);
                break;
            case "signature":
            case "another's":
                var metadata = new BlockView(block).SignatureMetadata;
                metadata.Signatures[0].Signature = forgery == "signature"
                    ? metadata.Signatures[0].SignatureHeader
                    : new BlockView(FabricBlocks.Read(7)).SignatureMetadata.Signatures[0].Signature;
                block.Metadata.Metadata[0] = metadata.ToByteString();
                break;
            case "unsigned":
                block.Metadata.Metadata[0] = ByteString.Empty;
                break;
            case "headless":
                block.Header = null;
                break;
            case "metadata":
                block.Metadata = null;
                break;
        }
        var fault = VerifyWith(6, block);
        Assert.Equal((kind, 6UL), (fault!.Kind, fault.Block));
    }

    [Fact]
    public void A_missing_genesis_block_and_a_block_after_a_fault_are_refused()
    {
        var verifier = new BlockVerifier();
        Assert.Equal(BlockFaultKind.Number, verifier.Verify(FabricBlocks.Read(1))!.Kind);
        Assert.Throws<InvalidOperationException>(() => verifier.Verify(FabricBlocks.Read(0)));
        var noGenesis = FabricBlocks.Read(1);
        noGenesis.Header.Number = 0;
        noGenesis.Header.PreviousHash = ByteString.Empty;
        Assert.Equal(BlockFaultKind.Configuration, new BlockVerifier().Verify(noGenesis)!.Kind);
    }

    /// <summary>Metadata that neither orderers nor flags cover: the peer's own commit hash and empty entries.</summary>
    private static bool IsOutsideWhatAnyoneSigns(int number, Block changed)
    {
        var original = FabricBlocks.Read(number);
        var same = changed.Metadata is { } metadata && metadata.Metadata.Count >= 3
            && metadata.Metadata[2].Equals(original.Metadata.Metadata[2])
            && Equals(changed.Header, original.Header) && Equals(changed.Data, original.Data);
        if (!same)
            return false;
        try
        {
            var now = new BlockView(changed).SignatureMetadata.Clone();
            var then = new BlockView(original).SignatureMetadata.Clone();
            return number == 0 || now.Equals(then);
        }
        catch (Fabric.Protocol.FabricDataException)
        {
            return number == 0;
        }
    }

    private static BlockFault? VerifyWith(int number, Block replacement)
    {
        var verifier = new BlockVerifier();
        for (var i = 0; i < FabricBlocks.Count; i++)
        {
            if (verifier.Verify(i == number ? replacement : FabricBlocks.Read(i)) is { } fault)
                return fault;
            if (i > number)
                return null;
        }
        return null;
    }
}
