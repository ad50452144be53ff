using System.Collections.Immutable;
using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Verifies a channel from its genesis block, trusting nobody but that block: the chain of hashes, the orderers' signatures,
/// creators', endorsers', endorsement policies as they stood, and what was read against what was written. It finds out itself
/// which flag each transaction deserves and compares. Takes blocks one by one; for one thread.
/// </summary>
public sealed class BlockVerifier
{
    private readonly WorldState state = new();
    private readonly ChaincodeDefinitions definitions;
    private readonly EndorsementCheck endorsements;
    private readonly SeenTransactionIds seen = new();
    private readonly SortedDictionary<TxValidationCode, long> outcomes = [];
    private readonly SortedDictionary<string, long> notChecked = new(StringComparer.Ordinal);
    private ChannelConfig? config;
    private ulong lastConfig;
    private ulong next;
    private ByteString previousHash = ByteString.Empty;
    private string genesisHash = "";
    private long transactions;
    private long signatures;
    private long withoutFlags;

    /// <summary>Starts before the genesis block.</summary>
    public BlockVerifier()
    {
        definitions = new ChaincodeDefinitions(state);
        endorsements = new EndorsementCheck(state, definitions);
    }

    /// <summary>The first fault; null while none was found. After it nothing more is taken.</summary>
    public BlockFault? Fault { get; private set; }

    /// <summary>
    /// What the transactions of the last block deserve, found out without the flags in it: those nobody signs. Empty before
    /// the first block and after a fault.
    /// </summary>
    public ImmutableArray<TxValidationCode> Outcomes { get; private set; } = [];

    /// <summary>What was verified so far.</summary>
    public VerificationSummary Summary => new(
        config?.ChannelId ?? "", genesisHash, [.. config?.Organizations.Select(organization => organization.Msp.MspId) ?? []],
        next, transactions, outcomes.ToImmutableSortedDictionary(), signatures, withoutFlags,
        notChecked.ToImmutableSortedDictionary(StringComparer.Ordinal));

    /// <summary>Verifies the next block.</summary>
    /// <param name="block">The block after the last one, or the genesis block.</param>
    /// <returns>The fault, or null.</returns>
    /// <exception cref="InvalidOperationException">A fault was found before; nothing that follows means anything.</exception>
    public BlockFault? Verify(Block block)
    {
        if (Fault is not null)
            throw new InvalidOperationException("A fault was found before this block.");
        Outcomes = [];
        try
        {
            var view = new BlockView(block);
            Fault = CheckChain(view) ?? (view.Number == 0 ? TakeGenesis(view) : CheckOrderers(view) ?? CheckTransactions(view));
            if (Fault is null)
            {
                previousHash = view.Hash;
                next++;
            }
        }
        catch (FabricDataException e)
        {
            Fault = new BlockFault(BlockFaultKind.Unreadable, next, null, null, e.Message);
        }
        return Fault;
    }

    /// <summary>Takes note that the next block cannot be read at all.</summary>
    /// <param name="reason">What is wrong.</param>
    public BlockFault Unreadable(string reason) => Fault = new BlockFault(BlockFaultKind.Unreadable, next, null, null, reason);

    private BlockFault? CheckChain(BlockView view)
    {
        if (view.Number != next)
            return OfBlock(BlockFaultKind.Number, $"It has the number {view.Number} where {next} should follow.");
        if (!view.Header.PreviousHash.Equals(previousHash))
            return OfBlock(BlockFaultKind.PreviousHash, next == 0
                ? "The genesis block names a predecessor."
                : $"It does not name the hash of block {next - 1}.");
        return BlockHashes.DataHash(view.Block.Data ?? new BlockData()).Equals(view.Header.DataHash)
            ? null
            : OfBlock(BlockFaultKind.DataHash, "Its transactions do not have the hash that its header names.");
    }

    private BlockFault? TakeGenesis(BlockView view)
    {
        try
        {
            config = ChannelConfig.FromBlock(view.Block);
        }
        catch (FabricDataException e)
        {
            return OfBlock(BlockFaultKind.Configuration, e.Message);
        }
        genesisHash = Convert.ToHexStringLower(view.Hash.Span);
        Count(Verdict.Valid);
        Outcomes = [Verdict.Valid.Code];
        seen.Add(view.Transactions[0].Id);
        return null;
    }

    private BlockFault? CheckOrderers(BlockView view)
    {
        var fault = BlockSignatures.FaultOf(view, config!, out var count);
        signatures += count;
        if (fault is not null)
            return OfBlock(BlockFaultKind.OrdererSignature, fault);
        var expected = IsConfig(view) ? view.Number : lastConfig;
        return view.LastConfig == expected
            ? null
            : OfBlock(BlockFaultKind.LastConfig, $"It names block {view.LastConfig} as the last configuration; that is block {expected}.");
    }

    private BlockFault? CheckTransactions(BlockView view)
    {
        var channel = config!;
        var found = new CheckedTransaction[view.Transactions.Count];
        Parallel.For(0, found.Length, i => found[i] = TransactionCheck.Run(view.Transactions[i], channel));
        signatures += found.Sum(transaction => (long)transaction.Signatures);

        state.BeginBlock();
        endorsements.BeginBlock();
        // A peer judges endorsements by the state before the block, so all come before the first write is applied.
        var verdicts = found.Select(transaction => Endorsed(transaction, channel)).ToArray();
        MarkRepeated(found, verdicts);
        for (var i = 0; i < found.Length; i++)
        {
            if (verdicts[i].IsValid && Commit(found[i], ref verdicts[i]) is { } fault)
                return fault;
            if (CompareFlag(view, found[i], verdicts[i]) is { } difference)
                return difference;
            Count(verdicts[i]);
        }
        foreach (var transaction in found)
        {
            if (!string.IsNullOrEmpty(transaction.Id))
                seen.Add(transaction.Id);
        }
        if (view.ValidationFlags.IsEmpty)
            withoutFlags++;
        Outcomes = [.. verdicts.Select(verdict => verdict.Code)];
        return null;
    }

    private Verdict Endorsed(CheckedTransaction transaction, ChannelConfig channel)
    {
        if (!transaction.Verdict.IsValid || transaction.View.Type != HeaderType.EndorserTransaction)
            return transaction.Verdict;
        if (seen.Contains(transaction.Id!))
            return new(TxValidationCode.DuplicateTxid, "a transaction of this id stands in an earlier block");
        try
        {
            return endorsements.Run(transaction, channel);
        }
        catch (NotSupportedException e)
        {
            // Then the peers' own flag is all there is to go by.
            NotChecked($"endorsement: {e.Message}");
            return new(transaction.View.ValidationCode, "its peers say so");
        }
    }

    private static void MarkRepeated(CheckedTransaction[] found, Verdict[] verdicts)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < found.Length; i++)
        {
            if (verdicts[i].IsValid && !string.IsNullOrEmpty(found[i].Id)
                && found[i].View.Type == HeaderType.EndorserTransaction && !ids.Add(found[i].Id!))
                verdicts[i] = new(TxValidationCode.DuplicateTxid, "a transaction of this id stands before it in the block");
        }
    }

    private BlockFault? Commit(CheckedTransaction transaction, ref Verdict verdict)
    {
        var view = transaction.View;
        if (view.Type == HeaderType.Config)
            return TakeConfig(transaction);
        var sets = view.Endorsed.RwSets;
        (verdict, var unjudged) = ReadCheck.Run(sets, state, definitions.Expires);
        if (unjudged)
            NotChecked("read of a private key that expires");
        if (verdict.IsValid)
            state.Apply(sets, new KeyVersion(view.Block.Number, (ulong)view.Index));
        return null;
    }

    private BlockFault? TakeConfig(CheckedTransaction transaction)
    {
        try
        {
            var proposed = ConfigEnvelope.Parser.Read(transaction.View.Payload.Data, "configuration");
            if (transaction.View.ChannelId != config!.ChannelId)
                return OfTransaction(BlockFaultKind.Configuration, transaction, "It configures another channel.");
            if (ConfigUpdateCheck.Run(config, proposed) is { } refusal)
                return OfTransaction(BlockFaultKind.Configuration, transaction, refusal);
            var changed = ChannelConfig.FromConfig(config.ChannelId, proposed.Config);
            config = changed;
            lastConfig = transaction.View.Block.Number;
            return null;
        }
        catch (FabricDataException e)
        {
            return OfTransaction(BlockFaultKind.Configuration, transaction, e.Message);
        }
    }

    private BlockFault? CompareFlag(BlockView view, CheckedTransaction transaction, Verdict verdict)
    {
        if (view.ValidationFlags.IsEmpty)
            return null;
        if (view.ValidationFlags.Length != view.Transactions.Count)
            return OfBlock(BlockFaultKind.ValidationFlag,
                $"It has {view.ValidationFlags.Length} validation flags for {view.Transactions.Count} transactions.");
        var flag = transaction.View.ValidationCode;
        return flag == verdict.Code
            ? null
            : OfTransaction(BlockFaultKind.ValidationFlag, transaction,
                $"It is flagged {flag} and should be {verdict.Code}: {verdict.Reason}.");
    }

    private static bool IsConfig(BlockView view)
    {
        try
        {
            return view.Transactions is [{ Type: HeaderType.Config }];
        }
        catch (FabricDataException)
        {
            return false;
        }
    }

    private void Count(Verdict verdict)
    {
        transactions++;
        outcomes[verdict.Code] = outcomes.GetValueOrDefault(verdict.Code) + 1;
    }

    private void NotChecked(string what) => notChecked[what] = notChecked.GetValueOrDefault(what) + 1;

    private BlockFault OfBlock(BlockFaultKind kind, string text) => new(kind, next, null, null, text);

    private BlockFault OfTransaction(BlockFaultKind kind, CheckedTransaction transaction, string text) =>
        new(kind, next, transaction.View.Index, string.IsNullOrEmpty(transaction.Id) ? null : transaction.Id, text);
}
