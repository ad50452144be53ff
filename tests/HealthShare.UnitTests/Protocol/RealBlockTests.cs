using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using HealthShare.Fabric.Protocol.Policies;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Protocol;

/// <summary>Our reading of Fabric's formats held against blocks that a real peer made.</summary>
public sealed class RealBlockTests
{
    [Fact]
    public void Our_hashes_chain_real_blocks()
    {
        var previous = ByteString.Empty;
        foreach (var block in FabricBlocks.ReadAll())
        {
            var view = new BlockView(block);
            Assert.Equal(previous, view.Header.PreviousHash);
            Assert.Equal(BlockHashes.DataHash(block.Data), view.Header.DataHash);
            previous = view.Hash;
        }
    }

    [Fact]
    public void The_orderer_s_signature_covers_what_we_say_it_covers()
    {
        var config = ChannelConfig.FromBlock(FabricBlocks.Read(0));
        var lastConfig = 0UL;
        foreach (var block in FabricBlocks.ReadAll().Skip(1))
        {
            var view = new BlockView(block);
            var signature = Assert.Single(view.SignatureMetadata.Signatures);
            var creator = SignatureHeader.Parser.ParseFrom(signature.SignatureHeader).Creator;
            var signer = config.Identities.Verify(creator,
                BlockHashes.SignedBytes(view.SignatureMetadata.Value, signature.SignatureHeader, view.Header), signature.Signature, out var fault);
            Assert.Equal("", fault);
            Assert.True(config.Policies.Find(ChannelConfig.BlockValidationPolicy)!.IsSatisfiedBy([signer!]));
            lastConfig = view.Transactions[0].Type == HeaderType.Config ? view.Number : lastConfig;
            Assert.Equal(lastConfig, view.LastConfig);
        }
    }

    [Fact]
    public void The_configuration_of_a_real_channel_is_read()
    {
        var config = ChannelConfig.FromBlock(FabricBlocks.Read(0));

        Assert.Equal("health", config.ChannelId);
        Assert.Equal(["HospitalAMSP", "HospitalBMSP", "HospitalCMSP", "RegulatorMSP"], config.Organizations.Select(o => o.Msp.MspId));
        Assert.Equal(["OrdererMSP"], config.OrdererOrganizations.Select(o => o.Msp.MspId));
        Assert.Equal("127.0.0.1:19550", Assert.Single(config.OrdererOrganizations[0].OrdererEndpoints));
        Assert.Equal(new BatchSettings(500, 10 * 1024 * 1024, 2 * 1024 * 1024, TimeSpan.FromMilliseconds(200)), config.Batch);
        Assert.Equal("etcdraft", config.ConsensusType);
        Assert.Contains("V2_0", config.Capabilities);
        Assert.Contains("V2_5", config.ApplicationCapabilities);
    }

    [Fact]
    public void Our_policy_parser_gives_the_bytes_that_the_peer_command_gave()
    {
        Assert.Equal(
            SignaturePolicyParser.Parse("OR('HospitalAMSP.peer', AND('HospitalBMSP.peer','HospitalCMSP.peer'))").ToByteString(),
            PolicyOf("asset", 0)!.SignaturePolicy.ToByteString());
        Assert.Equal(
            SignaturePolicyParser.Parse("OutOf(2,'HospitalAMSP.peer','HospitalBMSP.peer','HospitalCMSP.peer')").ToByteString(),
            PolicyOf("other", 1)!.SignaturePolicy.ToByteString());
        Assert.Equal("/Channel/Application/Endorsement", PolicyOf("other", 0)!.ChannelConfigPolicyReference);
    }

    [Fact]
    public void Creators_and_endorsers_of_real_transactions_verify()
    {
        var identities = ChannelConfig.FromBlock(FabricBlocks.Read(0)).Identities;
        var seen = 0;
        foreach (var transaction in FabricBlocks.ReadAll().Skip(1).SelectMany(block => new BlockView(block).Transactions))
        {
            Assert.NotNull(identities.Verify(transaction.Creator, transaction.Envelope.Payload.Span, transaction.Envelope.Signature, out _));
            if (transaction.Type == HeaderType.Config)
                continue;
            Assert.Equal(TransactionId.Compute(transaction.SignatureHeader.Nonce, transaction.Creator), transaction.Id);
            foreach (var endorsement in transaction.Endorsed.Endorsements)
            {
                byte[] signed = [.. transaction.Endorsed.SignedResponse, .. endorsement.Endorser];
                var endorser = identities.Verify(endorsement.Endorser, signed, endorsement.Signature, out var fault);
                Assert.Equal("", fault);
                Assert.True(endorser!.HasRole(MSPRole.Types.MSPRoleType.Peer));
                seen++;
            }
        }
        Assert.True(seen > 100);
    }

    [Fact]
    public void A_real_transaction_is_seen_whole()
    {
        var transactions = FabricBlocks.ReadAll().SelectMany(block => new BlockView(block).Transactions).ToList();
        var put = transactions.First(t => t.Type == HeaderType.EndorserTransaction && t.Endorsed is { ChaincodeName: "asset", Function: "put" });
        Assert.Equal("HospitalAMSP", put.CreatorMspId);
        Assert.Equal(["k0", "v"], put.Endorsed.Arguments.Select(argument => argument.ToStringUtf8()));
        Assert.Equal(200, put.Endorsed.Response!.Status);
        Assert.Equal("put", put.Endorsed.Event!.EventName);
        Assert.Equal("k0", put.Endorsed.Event.Payload.ToStringUtf8());
        Assert.NotNull(put.Timestamp);
        var asset = Assert.Single(put.Endorsed.RwSets, set => set.Name == "asset");
        Assert.Equal("k0", Assert.Single(asset.Public.Writes).Key);

        var secret = transactions.First(t => t.Type == HeaderType.EndorserTransaction && t.Endorsed.Function == "putPrivate");
        var collection = Assert.Single(secret.Endorsed.RwSets.Single(set => set.Name == "asset").Collections);
        Assert.Equal("HospitalAMSP", collection.ImplicitOwner);
        Assert.Single(collection.Hashed.HashedWrites);
        Assert.Equal(
            [TxValidationCode.Valid, TxValidationCode.DuplicateTxid, TxValidationCode.EndorsementPolicyFailure, TxValidationCode.MvccReadConflict, TxValidationCode.PhantomReadConflict],
            transactions.Select(t => t.ValidationCode).Distinct().Order());
    }

    [Fact]
    public void However_a_block_is_cut_short_or_scrambled_only_the_documented_exception_comes()
    {
        var random = new Random(20260101);
        foreach (var number in new[] { 0, 1, 5, 24, 31 })
        {
            for (var i = 0; i < 300; i++)
            {
                var bytes = FabricBlocks.Bytes(number);
                if (i % 3 == 0)
                    bytes = bytes[..random.Next(bytes.Length)];
                for (var flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                LookAtEverything(bytes);
            }
        }
    }

    private static void LookAtEverything(byte[] bytes)
    {
        BlockView view;
        try
        {
            view = BlockView.Read(bytes);
        }
        catch (FabricDataException)
        {
            return;
        }
        Look(() => view.Hash);
        Look(() => view.LastConfig);
        Look(() => ChannelConfig.FromBlock(view.Block));
        foreach (var transaction in view.Transactions)
        {
            Look(() => transaction.ValidationCode);
            Look(() => transaction.Id);
            Look(() => transaction.Timestamp);
            Look(() => transaction.CreatorMspId);
            Look(() => transaction.Endorsed.Function);
            Look(() => transaction.Endorsed.Arguments);
            Look(() => transaction.Endorsed.Event);
            Look(() => transaction.Endorsed.Response);
            Look(() => transaction.Endorsed.RwSets);
        }

        static void Look<T>(Func<T> member)
        {
            try
            {
                member();
            }
            catch (FabricDataException)
            {
            }
        }
    }

    private static ApplicationPolicy? PolicyOf(string chaincode, int occurrence)
    {
        var key = $"namespaces/fields/{chaincode}/ValidationInfo";
        var value = FabricBlocks.ReadAll().SelectMany(block => new BlockView(block).Transactions)
            .Where(t => t.Type == HeaderType.EndorserTransaction && t.IsValid)
            .SelectMany(t => t.Endorsed.RwSets).Where(set => set.Name == "_lifecycle")
            .SelectMany(set => set.Public.Writes).Where(write => write.Key == key)
            .ElementAt(occurrence).Value;
        var info = ChaincodeValidationInfo.Parser.ParseFrom(StateData.Parser.ParseFrom(value).Bytes);
        Assert.Equal("vscc", info.ValidationPlugin);
        return ApplicationPolicy.Parser.ParseFrom(info.ValidationParameter);
    }
}
