using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.Ordering;

/// <summary>Makes a block of a batch: chains, signs, validates and stores it. For one thread at a time.</summary>
internal sealed partial class BlockCommitter(
    ChannelLedger ledger, TransactionValidator validator, TransientValues transient, SigningIdentity orderer, ILogger logger)
{
    private static readonly int MetadataCount = BlockReplay.CommitHashIndex + 1;

    /// <summary>Commits a batch; when this returns the block is on the disk.</summary>
    /// <exception cref="IOException">The disk is full or failing; nothing was committed.</exception>
    public Block Commit(IReadOnlyList<OrderedTransaction> batch)
    {
        var before = ledger.State;
        var block = NewBlock(ledger.LastHeader, batch.Select(transaction => transaction.Envelope));
        Sign(block, ledger.LastConfig);
        var verdicts = Validate(batch, before);
        var (state, values) = Apply(verdicts, before, block.Header.Number);

        Seal(block, Array.ConvertAll(verdicts, verdict => (byte)verdict.Code), state,
            Array.ConvertAll(verdicts, verdict => verdict.Transaction), values);
        transient.Remove(verdicts.Select(verdict => verdict.Transaction?.Channel.TxId).OfType<string>(), ledger.Height);
        return block;
    }

    /// <summary>Commits a new configuration in a block of its own; from then on transactions are judged by another validator.</summary>
    /// <exception cref="IOException">The disk is full or failing; nothing was committed.</exception>
    public void CommitConfiguration(Envelope config, TransactionValidator next)
    {
        var block = NewBlock(ledger.LastHeader, [config.ToByteString()]);
        Sign(block, block.Header.Number);
        Seal(block, [(byte)TxValidationCode.Valid], new BlockState(ledger.State, block.Header.Number), [null], []);
        validator = next;
    }

    /// <summary>The first block: the channel's configuration, which nobody signs and which needs no validation.</summary>
    public static Block Genesis(Envelope config)
    {
        var block = NewBlock(null, [config.ToByteString()]);
        var lastConfig = new LastConfig { Index = 0 };
        block.Metadata.Metadata[(int)BlockMetadataIndex.LastConfig] =
            new Metadata { Value = lastConfig.ToByteString() }.ToByteString();
        block.Metadata.Metadata[(int)BlockMetadataIndex.Signatures] =
            new Metadata { Value = new OrdererBlockMetadata { LastConfig = lastConfig }.ToByteString() }.ToByteString();
        block.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter] = ByteString.CopyFrom((byte)TxValidationCode.Valid);
        return block;
    }

    private void Seal(
        Block block, byte[] flags, BlockState state, IReadOnlyList<EndorserTransaction?> transactions,
        Dictionary<int, TxPvtReadWriteSet> values)
    {
        block.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter] = ByteString.CopyFrom(flags);
        var commitHash = CommitHash.Of(flags, state.Writes, ledger.CommitHash.Span);
        block.Metadata.Metadata[BlockReplay.CommitHashIndex] =
            new Metadata { Value = ByteString.CopyFrom(commitHash) }.ToByteString();
        ledger.Append(block, transactions, values, state.Current);
        if (ledger.PurgeFailure is { } refused)
            LogNotPurged(refused);
    }

    private static Block NewBlock(BlockHeader? previous, IEnumerable<ByteString> envelopes)
    {
        var block = new Block { Header = new BlockHeader(), Data = new BlockData(), Metadata = new BlockMetadata() };
        block.Data.Data.Add(envelopes);
        block.Metadata.Metadata.Add(Enumerable.Repeat(ByteString.Empty, MetadataCount));
        if (previous is not null)
        {
            block.Header.Number = previous.Number + 1;
            block.Header.PreviousHash = BlockHashes.HeaderHash(previous);
        }
        block.Header.DataHash = BlockHashes.DataHash(block.Data);
        return block;
    }

    private void Sign(Block block, ulong config)
    {
        var lastConfig = new LastConfig { Index = config };
        var value = new OrdererBlockMetadata { LastConfig = lastConfig }.ToByteString();
        var header = new SignatureHeader { Creator = orderer.Creator, Nonce = TransactionId.NewNonce() }.ToByteString();
        var signature = orderer.Sign(BlockHashes.SignedBytes(value, header, block.Header));
        block.Metadata.Metadata[(int)BlockMetadataIndex.Signatures] = new Metadata
        {
            Value = value,
            Signatures = { new MetadataSignature { SignatureHeader = header, Signature = ByteString.CopyFrom(signature) } },
        }.ToByteString();
        block.Metadata.Metadata[(int)BlockMetadataIndex.LastConfig] =
            new Metadata { Value = lastConfig.ToByteString() }.ToByteString();
    }

    private (TxValidationCode Code, EndorserTransaction? Transaction)[] Validate(
        IReadOnlyList<OrderedTransaction> batch, WorldState before)
    {
        var verdicts = new (TxValidationCode Code, EndorserTransaction? Transaction)[batch.Count];
        // Signatures are what takes time, and those were verified when they were made and when the transaction was taken.
        for (var i = 0; i < verdicts.Length; i++)
            verdicts[i] = Validate(batch[i], before);
        HashSet<string> ids = new(StringComparer.Ordinal);
        var policyChanges = new KeyPolicyChanges();
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] is not (TxValidationCode.Valid, { } transaction))
                continue;
            var id = transaction.Channel.TxId;
            if (ledger.Find(id) is not null || !ids.Add(id))
                verdicts[i].Code = TxValidationCode.DuplicateTxid;
            else if (policyChanges.Affect(transaction.Set))
                verdicts[i].Code = TxValidationCode.EndorsementPolicyFailure;
            else
                policyChanges.Add(transaction.Set);
        }
        return verdicts;
    }

    // A transaction that this code fails on is invalid; it must stop neither its block nor the ledger.
    private (TxValidationCode, EndorserTransaction?) Validate(OrderedTransaction ordered, WorldState before)
    {
        try
        {
            return validator.Validate(ordered, before);
        }
        catch (Exception e)
        {
            LogUnexpected(e);
            return (TxValidationCode.InvalidOtherReason, null);
        }
    }

    private (BlockState State, Dictionary<int, TxPvtReadWriteSet> Values) Apply(
        (TxValidationCode Code, EndorserTransaction? Transaction)[] verdicts, WorldState before, ulong number)
    {
        while (true)
        {
            var state = new BlockState(before, number);
            Dictionary<int, TxPvtReadWriteSet> values = [];
            var at = 0;
            try
            {
                for (; at < verdicts.Length; at++)
                    Apply(verdicts, at, state, values);
                return (state, values);
            }
            catch (Exception e)
            {
                LogUnexpected(e);
                verdicts[at].Code = TxValidationCode.InvalidOtherReason; // and once more without it, since it may be half applied
            }
        }
    }

    private void Apply(
        (TxValidationCode Code, EndorserTransaction? Transaction)[] verdicts, int i, BlockState state,
        Dictionary<int, TxPvtReadWriteSet> values)
    {
        if (verdicts[i].Transaction is not { } transaction)
            return;
        var own = transient.Find(transaction.Channel.TxId, transaction.Set);
        // Values were there when the transaction was submitted; should they be gone, no hash may stay without its value.
        if (verdicts[i].Code is TxValidationCode.Valid)
            verdicts[i].Code = transaction.Set.HasPrivateValues && own is null
                ? TxValidationCode.InvalidOtherReason
                : state.Check(transaction.Set);
        if (verdicts[i].Code is TxValidationCode.Valid)
            state.Apply(transaction.Set, own, i);
        if (own is not null)
            values.Add(i, own); // of an invalid transaction, too, though no key has them: so at a peer
    }

    [LoggerMessage(3006, LogLevel.Error, "A transaction could not be judged and is taken for invalid.")]
    private partial void LogUnexpected(Exception e);

    [LoggerMessage(3009, LogLevel.Error, "Purged private values are still on the disk. The next block tries again, and the next start.")]
    private partial void LogNotPurged(Exception e);
}
