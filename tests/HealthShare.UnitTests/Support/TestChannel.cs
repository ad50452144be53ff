using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.UnitTests.Support;

/// <summary>
/// A channel of two members whose orderer and endorsers sign whatever a test asks of them: what colluding members could forge.
/// Its one chaincode needs both members' peers.
/// </summary>
public sealed class TestChannel
{
    private readonly SigningIdentity orderer;
    private readonly string channelId;
    private ByteString previous = ByteString.Empty;
    private ulong next;

    public TestChannel(string channelId = "test", string chaincode = "cc")
    {
        this.channelId = channelId;
        var ordererAuthority = new TestAuthority("OrdererMSP");
        orderer = ordererAuthority.Issue("orderer0", "orderer");
        Client = North.Issue("client0");
        NorthPeer = North.Issue("peer0", "peer");
        SouthPeer = South.Issue("peer0", "peer");
        var root = new ConfigGroup
        {
            Groups =
            {
                ["Application"] = new()
                {
                    Groups = { ["North"] = Organization(North), ["South"] = Organization(South) },
                    Policies = { ["LifecycleEndorsement"] = Policy("OR('NorthMSP.peer')") },
                },
                ["Orderer"] = new()
                {
                    Groups = { ["Orderer"] = Organization(ordererAuthority) },
                    Policies = { ["BlockValidation"] = Policy("OR('OrdererMSP.orderer')") },
                },
            },
        };
        Genesis = Block(Envelope(Client, HeaderType.Config, "", new ConfigEnvelope { Config = new() { ChannelGroup = root } }.ToByteString()));
        Definition = Block(Invoke(new Call(
            "_lifecycle",
            Write($"namespaces/metadata/{chaincode}", new Fabric.Protocol.Peer.Lifecycle.StateMetadata { Datatype = "ChaincodeDefinition" }),
            Write($"namespaces/fields/{chaincode}/ValidationInfo", new StateData
            {
                Bytes = new ChaincodeValidationInfo
                {
                    ValidationPlugin = "vscc",
                    ValidationParameter = new ApplicationPolicy
                    {
                        SignaturePolicy = SignaturePolicyParser.Parse("AND('NorthMSP.peer', 'SouthMSP.peer')"),
                    }.ToByteString(),
                }.ToByteString(),
            }))));
    }

    public TestAuthority North { get; } = new("NorthMSP");

    public TestAuthority South { get; } = new("SouthMSP");

    public SigningIdentity Client { get; }

    public SigningIdentity NorthPeer { get; }

    public SigningIdentity SouthPeer { get; }

    /// <summary>The genesis block.</summary>
    public Block Genesis { get; }

    /// <summary>Block 1, which defines the chaincode.</summary>
    public Block Definition { get; }

    public static KVWrite Write(string key, IMessage value) => new() { Key = key, Value = value.ToByteString() };

    public static KVWrite Write(string key, string value) => new() { Key = key, Value = ByteString.CopyFromUtf8(value) };

    /// <summary>Makes and signs the next block; every transaction is flagged valid unless flags are given.</summary>
    public Block Block(params ByteString[] envelopes) => Block(new byte[envelopes.Length], envelopes);

    public Block Block(byte[] flags, params ByteString[] envelopes)
    {
        var block = new Block
        {
            Header = new() { Number = next, PreviousHash = previous },
            Data = new() { Data = { envelopes } },
            Metadata = new(),
        };
        block.Header.DataHash = BlockHashes.DataHash(block.Data);
        var value = new OrdererBlockMetadata { LastConfig = new LastConfig() }.ToByteString();
        var header = new SignatureHeader { Creator = orderer.Creator, Nonce = TransactionId.NewNonce() }.ToByteString();
        var signature = ByteString.CopyFrom(orderer.Sign(BlockHashes.SignedBytes(value, header, block.Header)));
        block.Metadata.Metadata.Add(new Metadata
        {
            Value = value,
            Signatures = { new MetadataSignature { SignatureHeader = header, Signature = signature } },
        }.ToByteString());
        block.Metadata.Metadata.Add(ByteString.Empty);
        block.Metadata.Metadata.Add(ByteString.CopyFrom(flags));
        (previous, next) = (BlockHashes.HeaderHash(block.Header), next + 1);
        return block;
    }

    /// <summary>An endorsed call, signed by the client.</summary>
    public ByteString Invoke(Call call)
    {
        var creator = call.Creator ?? Client;
        var nonce = call.Nonce ?? TransactionId.NewNonce();
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            ChannelId = call.ChannelId ?? channelId,
            Timestamp = call.ProposedAt is { } time ? Timestamp.FromDateTimeOffset(time) : null,
            TxId = call.Id ?? TransactionId.Compute(nonce, creator.Creator),
            Extension = new ChaincodeHeaderExtension { ChaincodeId = new() { Name = call.Chaincode } }.ToByteString(),
        }.ToByteString();
        var signatureHeader = new SignatureHeader { Creator = creator.Creator, Nonce = nonce }.ToByteString();
        var proposal = new ChaincodeProposalPayload().ToByteString();
        var rwset = new NsReadWriteSet
        {
            Namespace = call.Chaincode,
            Rwset = new KVRWSet { Writes = { call.Writes }, Reads = { call.Reads } }.ToByteString(),
        };
        rwset.CollectionHashedRwset.Add(call.Collections.Select(entry => new CollectionHashedReadWriteSet
        {
            CollectionName = entry.Name,
            HashedRwset = entry.Hashed.ToByteString(),
        }));
        byte[] proposed = [.. channelHeader, .. signatureHeader, .. proposal];
        var response = new ProposalResponsePayload
        {
            ProposalHash = call.ProposalHash ?? ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(proposed)),
            Extension = new ChaincodeAction
            {
                Results = new TxReadWriteSet { NsRwset = { rwset } }.ToByteString(),
                Response = new() { Status = 200 },
                ChaincodeId = new() { Name = call.Chaincode, Version = "1.0" },
            }.ToByteString(),
        }.ToByteString();
        var endorsements = (call.Endorsers ?? [NorthPeer, SouthPeer]).Select(endorser => new Endorsement
        {
            Endorser = endorser.Creator,
            Signature = ByteString.CopyFrom(endorser.Sign([.. response, .. endorser.Creator])),
        }).ToList();
        if (call.SpoilEndorsement)
            endorsements[^1].Signature = endorsements[0].Signature;
        var payload = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = proposal,
            Action = new() { ProposalResponsePayload = response, Endorsements = { endorsements } },
        };
        var transaction = new Transaction { Actions = { new TransactionAction { Header = signatureHeader, Payload = payload.ToByteString() } } };
        return Sign(call.Signer ?? creator, channelHeader, signatureHeader, transaction.ToByteString());
    }

    private ByteString Envelope(SigningIdentity signer, HeaderType type, string id, ByteString data) => Sign(
        signer,
        new ChannelHeader { Type = (int)type, ChannelId = channelId, TxId = id }.ToByteString(),
        new SignatureHeader { Creator = signer.Creator, Nonce = TransactionId.NewNonce() }.ToByteString(),
        data);

    private static ByteString Sign(SigningIdentity signer, ByteString channelHeader, ByteString signatureHeader, ByteString data)
    {
        var payload = new Payload
        {
            Header = new() { ChannelHeader = channelHeader, SignatureHeader = signatureHeader },
            Data = data,
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = ByteString.CopyFrom(signer.Sign(payload.Span)) }.ToByteString();
    }

    private static ConfigGroup Organization(TestAuthority authority) => new()
    {
        Values = { ["MSP"] = new() { Value = new MSPConfig { Config = authority.Config().ToByteString() }.ToByteString() } },
        Policies = { ["Endorsement"] = Policy($"OR('{authority.MspId}.peer')") },
    };

    private static ConfigPolicy Policy(string text) => new()
    {
        Policy = new()
        {
            Type = (int)HealthShare.Fabric.Protocol.Common.Policy.Types.PolicyType.Signature,
            Value = SignaturePolicyParser.Parse(text).ToByteString(),
        },
    };

    /// <summary>What a call of a chaincode shall look like; what is left out is as it should be.</summary>
    public sealed record Call(string Chaincode, params KVWrite[] Writes)
    {
        public KVRead[] Reads { get; init; } = [];

        public (string Name, HashedRWSet Hashed)[] Collections { get; init; } = [];

        public SigningIdentity[]? Endorsers { get; init; }

        public SigningIdentity? Creator { get; init; }

        public SigningIdentity? Signer { get; init; }

        public ByteString? Nonce { get; init; }

        public string? Id { get; init; }

        public string? ChannelId { get; init; }

        public DateTimeOffset? ProposedAt { get; init; }

        public ByteString? ProposalHash { get; init; }

        public bool SpoilEndorsement { get; init; }
    }
}
