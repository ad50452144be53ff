using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Node.Support;

/// <summary>Makes blocks that continue each other, with transactions that write what the test wants. Nothing is signed.</summary>
internal sealed class TestChain
{
    private ByteString previous = ByteString.Empty;
    private ulong next;

    /// <summary>The next block.</summary>
    public Block Block(params TestTransaction[] transactions)
    {
        var data = new BlockData();
        data.Data.AddRange(transactions.Select(transaction => transaction.ToEnvelope().ToByteString()));
        var block = new Block
        {
            Header = new BlockHeader { Number = next++, PreviousHash = previous, DataHash = BlockHashes.DataHash(data) },
            Data = data,
            Metadata = new BlockMetadata(),
        };
        block.Metadata.Metadata.Add(ByteString.Empty);
        block.Metadata.Metadata.Add(ByteString.Empty);
        block.Metadata.Metadata.Add(ByteString.CopyFrom([.. transactions.Select(transaction => (byte)transaction.Code)]));
        previous = BlockHashes.HeaderHash(block.Header);
        return block;
    }
}

/// <summary>A transaction and what peers found it to be.</summary>
internal sealed record TestTransaction(params IReadOnlyList<(string Key, string? Json)> Writes)
{
    public TxValidationCode Code { get; init; } = TxValidationCode.Valid;

    public string Namespace { get; init; } = "healthshare";

    public string Creator { get; init; } = "NorthMSP";

    /// <summary>When it was proposed; null for a header without a time.</summary>
    public DateTimeOffset? ProposedAt { get; init; }

    /// <summary>When it was proposed, in seconds that need not make a time; null for none but <see cref="ProposedAt"/>.</summary>
    public long? Seconds { get; init; }

    /// <summary>Keys that are given an endorsement policy of their own.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Collections in which it writes something private, of which a block holds hashes.</summary>
    public IReadOnlyList<string> PrivateIn { get; init; } = [];

    /// <summary>What the transaction announces, whatever it writes; null for nothing.</summary>
    public LedgerEvent? Announces { get; init; }

    public string Id { get; init; } = Guid.NewGuid().ToString("n");

    public Envelope ToEnvelope()
    {
        var writes = new KVRWSet();
        writes.Writes.AddRange(Writes.Select(write => new KVWrite
        {
            Key = write.Key,
            IsDelete = write.Json is null,
            Value = ByteString.CopyFrom(Encoding.UTF8.GetBytes(write.Json ?? "")),
        }));
        writes.MetadataWrites.AddRange(Policies.Select(key => new KVMetadataWrite { Key = key }));
        var own = new NsReadWriteSet { Namespace = Namespace, Rwset = writes.ToByteString() };
        own.CollectionHashedRwset.AddRange(PrivateIn.Select(collection => new CollectionHashedReadWriteSet
        {
            CollectionName = collection,
            HashedRwset = new HashedRWSet
            {
                HashedWrites = { new KVWriteHash { KeyHash = ByteString.CopyFrom(new byte[32]), ValueHash = ByteString.CopyFrom(new byte[32]) } },
            }.ToByteString(),
        }));
        var sets = new TxReadWriteSet { NsRwset = { own } };
        var chaincodeAction = new ChaincodeAction { Results = sets.ToByteString() };
        if (Announces is not null)
        {
            chaincodeAction.Events = new ChaincodeEvent
            {
                ChaincodeId = Namespace, TxId = Id, EventName = LedgerEvent.Name,
                Payload = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(Announces, LedgerJson.Default.LedgerEvent)),
            }.ToByteString();
        }
        var response = new ProposalResponsePayload { Extension = chaincodeAction.ToByteString() };
        var action = new ChaincodeActionPayload
        {
            Action = new ChaincodeEndorsedAction { ProposalResponsePayload = response.ToByteString() },
        };
        var channelHeader = new ChannelHeader { Type = (int)HeaderType.EndorserTransaction, TxId = Id, ChannelId = "health" };
        if (ProposedAt is { } time)
            channelHeader.Timestamp = Timestamp.FromDateTimeOffset(time);
        if (Seconds is { } seconds)
            channelHeader.Timestamp = new Timestamp { Seconds = seconds };
        var header = new Header
        {
            ChannelHeader = channelHeader.ToByteString(),
            SignatureHeader = new SignatureHeader { Creator = new SerializedIdentity { Mspid = Creator }.ToByteString() }.ToByteString(),
        };
        var payload = new Payload
        {
            Header = header,
            Data = new Transaction { Actions = { new TransactionAction { Payload = action.ToByteString() } } }.ToByteString(),
        };
        return new Envelope { Payload = payload.ToByteString() };
    }
}
