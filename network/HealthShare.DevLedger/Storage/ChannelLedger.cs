using Google.Protobuf;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.Simulation;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Storage;

/// <summary>
/// The channel's blocks, private values and state. The files are the truth; state and indexes are rebuilt from them at start,
/// checking every hash on the way. One thread appends, any number read.
/// </summary>
internal sealed class ChannelLedger : IKeyHistory, IDisposable
{
    private readonly BlockFile blocks;
    private readonly PrivateValueFile privateValues;
    private readonly TransactionIndex index = new();
    private const int ExpiryInterval = 100; // blocks, as at a peer: until then values whose time is over are there for nobody
    private readonly List<PurgedKey> pendingPurges = [];
    private bool expiryPending;
    private volatile WorldState state = WorldState.Empty;
    private readonly RecentBlocks recent = new();
    private TaskCompletionSource appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChannelLedger(BlockFile blocks, PrivateValueFile privateValues) => (this.blocks, this.privateValues) = (blocks, privateValues);

    /// <summary>The state after the last block, and with it the height.</summary>
    public WorldState State => state;

    /// <summary>Number of blocks.</summary>
    public ulong Height => state.Height;

    /// <summary>Header of the last block, or null before the first.</summary>
    public BlockHeader? LastHeader => recent.Newest?.Block.Header;

    /// <summary>Commit hash of the last block; empty up to block 0.</summary>
    public ByteString CommitHash { get; private set; } = ByteString.Empty;

    /// <summary>Number of the block that holds the configuration in force.</summary>
    public ulong LastConfig { get; private set; }

    /// <summary>Why purged values are still on the disk; null where none are.</summary>
    public Exception? PurgeFailure { get; private set; }

    /// <summary>Bytes of incomplete frames that were cut off when the ledger was opened.</summary>
    public long BytesCut => blocks.BytesCut + privateValues.BytesCut;

    /// <summary>Opens the ledger in a folder, made if absent, and rebuilds the state.</summary>
    /// <exception cref="LedgerCorruptException">The files hold something that this ledger did not write so.</exception>
    /// <exception cref="IOException">The files cannot be opened, or another process has them open.</exception>
    public static ChannelLedger Open(string folder, CancellationToken ct) =>
        Open(folder, height => PrivateValueFile.Open(Path.Combine(folder, "private.dat"), height), ct);

    internal static ChannelLedger Open(string folder, Func<ulong, PrivateValueFile> openPrivateValues, CancellationToken ct)
    {
        BlockFile? blocks = null;
        PrivateValueFile? values = null;
        try
        {
            blocks = BlockFile.Open(folder);
            values = openPrivateValues(blocks.Height);
            var ledger = new ChannelLedger(blocks, values);
            ledger.Rebuild(ct);
            return ledger;
        }
        catch (Exception e)
        {
            values?.Dispose();
            blocks?.Dispose();
            if (e is BlockFileException)
                throw new LedgerCorruptException(e.Message, e);
            throw;
        }
    }

    /// <summary>Reads a block below the height.</summary>
    public Block Read(ulong number) => recent.Find(number)?.Block ?? blocks.Read(number);

    /// <summary>What filtered streams show of the transactions of a block below the height.</summary>
    public IReadOnlyList<FilteredTransaction> ReadFiltered(ulong number) =>
        recent.Find(number)?.Filtered ?? FilteredTransactions.Of(new BlockView(blocks.Read(number)));

    /// <summary>Private values of a block, by position of the transaction.</summary>
    public IReadOnlyDictionary<ulong, TxPvtReadWriteSet> ReadPrivateValues(ulong number) => privateValues.Read(number);

    /// <summary>A chaincode's collection as the last definition below a block has it; null where it has none of the name.</summary>
    public Collection? CollectionBelow(ulong number, string chaincode, string name)
    {
        var definition = Of(Lifecycle.Namespace, Lifecycle.FieldKey(chaincode, DefinedCollections.Field), number).FirstOrDefault();
        return definition is null ? null : DefinedCollections.Package(definition.Value).Config
            .Select(config => config.StaticCollectionConfig).Where(config => config.Name == name)
            .Select(config => Collection.Of(chaincode, config)).FirstOrDefault();
    }

    /// <summary>Number of the block whose header has a hash, or null.</summary>
    public ulong? FindBlock(ByteString headerHash) => index.FindBlock(headerHash);

    public TransactionStatus? Find(string transactionId) => index.Find(transactionId);

    /// <summary>
    /// Appends a block; when this returns, it and its private values are on the disk, and what it purges is not any more.
    /// </summary>
    /// <param name="block">The validated block.</param>
    /// <param name="transactions">Its transactions, null where one could not be read.</param>
    /// <param name="values">Private values of its transactions.</param>
    /// <param name="after">The state with its writes; what its commit ends the time of is taken out here.</param>
    /// <exception cref="IOException">The disk is full or failing; the ledger is as before, and the same block may be appended again.</exception>
    public void Append(
        Block block, IReadOnlyList<EndorserTransaction?> transactions, IReadOnlyDictionary<int, TxPvtReadWriteSet> values,
        WorldState after)
    {
        // First what reads earlier blocks: once the block is on the disk, no failure may call it back.
        after = Expiry.Apply(after, Read, ReadPrivateValues);
        var purged = PurgedBy(block, transactions);
        privateValues.CutFrom(block.Header.Number); // an attempt before may have left some
        if (values.Count > 0)
            privateValues.Append(block.Header.Number, values);
        blocks.AppendDurably(block);
        pendingPurges.AddRange(purged);
        expiryPending |= block.Header.Number % ExpiryInterval == 0 && DefinedCollections.In(after).Timed.Count > 0;
        Purge(after); // before anyone is told: who learns of the commit finds the values gone
        Publish(block, transactions, after);
    }

    // The block is in, whatever becomes of this: a disk that refuses now is asked again with the next block and at the next start.
    private void Purge(WorldState after)
    {
        try
        {
            if (pendingPurges.Count > 0)
                privateValues.Purge(pendingPurges);
            pendingPurges.Clear();
            if (expiryPending)
                privateValues.Remove((written, values) => Expiry.Remove(values, written.Block, after));
            expiryPending = false;
            PurgeFailure = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LedgerCorruptException)
        {
            PurgeFailure = e;
        }
    }

    /// <summary>Waits until the height is above a number of blocks.</summary>
    public async Task WaitAboveAsync(ulong height, CancellationToken ct)
    {
        while (true)
        {
            var signal = Volatile.Read(ref appended).Task; // taken first, so that no block slips in between
            if (Height > height)
                return;
            await signal.WaitAsync(ct);
        }
    }

    /// <summary>Waits until a transaction is in a block.</summary>
    public async Task<TransactionStatus> WaitForAsync(string transactionId, CancellationToken ct)
    {
        while (true)
        {
            var signal = Volatile.Read(ref appended).Task;
            if (index.Find(transactionId) is { } status)
                return status;
            await signal.WaitAsync(ct);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyModification> Of(string chaincode, string key, ulong height)
    {
        foreach (var version in index.WritesOf(chaincode, key, height))
        {
            var transaction = EndorserTransaction.ReadValid(Read(version.Block).Data.Data[(int)version.Transaction]);
            var write = transaction.Set.Namespaces.First(ns => ns.Name == chaincode).Set.Writes.First(w => w.Key == key);
            yield return new KeyModification
            {
                TxId = transaction.Channel.TxId,
                Value = write.Value,
                Timestamp = transaction.Channel.Timestamp,
                IsDelete = write.IsDelete,
            };
        }
    }

    public void Dispose()
    {
        privateValues.Dispose();
        blocks.Dispose();
    }

    private void Rebuild(CancellationToken ct)
    {
        var purges = new PurgeLedger(blocks.Height);
        foreach (var block in blocks.ReadFrom())
        {
            ct.ThrowIfCancellationRequested();
            var replay = new BlockReplay(block, state, CommitHash, LastHeader);
            var transactions = replay.Run(privateValues.Read(block.Header.Number), purges);
            Publish(block, transactions, Expiry.Apply(replay.After, Read, ReadPrivateValues));
        }
        if (purges.FirstMissing is { } missing)
            throw new LedgerCorruptException($"Block {missing.Block} has a transaction ({missing.Transaction}) whose private values are missing though nobody purged them.");
        // The process may have ended between a block and the removal of what it purges.
        if (purges.Purged.Count > 0)
            privateValues.Purge(purges.Purged);
        if (DefinedCollections.In(state).Timed.Count > 0)
            privateValues.Remove((written, values) => Expiry.Remove(values, written.Block, state));
    }

    private static List<PurgedKey> PurgedBy(Block block, IReadOnlyList<EndorserTransaction?> transactions)
    {
        var view = new BlockView(block);
        return [.. Enumerable.Range(0, transactions.Count).Where(i => transactions[i] is not null && view.Transactions[i].IsValid)
            .SelectMany(i => PurgedKey.Of(transactions[i]!.Set, new StateVersion(view.Number, (ulong)i)))];
    }

    // State before index before signal: who sees a transaction's status also sees its writes.
    private void Publish(Block block, IReadOnlyList<EndorserTransaction?> transactions, WorldState after)
    {
        var view = new BlockView(block);
        for (var i = 0; i < transactions.Count; i++)
        {
            if (transactions[i] is { } transaction && view.Transactions[i].IsValid)
                IndexWrites(transaction, new StateVersion(view.Number, (ulong)i));
        }
        CommitHash = BlockReplay.CommitHashOf(block);
        if (view.Transactions is [{ Type: HeaderType.Config }])
            LastConfig = view.Number;
        index.AddBlock(BlockHashes.HeaderHash(block.Header), view.Number);
        recent.Add(new RecentBlock(block, FilteredTransactions.Of(view, transactions)));
        state = after;
        for (var i = 0; i < transactions.Count; i++)
            index.Add(transactions[i]?.Channel.TxId ?? TransactionIdOf(view.Transactions[i]),
                new TransactionStatus(view.Number, i, view.Transactions[i].ValidationCode));
        Interlocked.Exchange(ref appended, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private void IndexWrites(EndorserTransaction transaction, StateVersion version)
    {
        foreach (var ns in transaction.Set.Namespaces)
        {
            foreach (var write in ns.Set.Writes)
                index.AddWrite(ns.Name, write.Key, version);
        }
    }

    // A transaction that is refused for its form may still carry a readable id, by which its sender asks for it.
    private static string TransactionIdOf(TransactionView transaction)
    {
        try
        {
            return transaction.Id;
        }
        catch (Fabric.Protocol.FabricDataException)
        {
            return "";
        }
    }
}
