using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Simulation;

/// <summary>What a simulation left: the public read-write set, private values, and what an endorsement plan must know.</summary>
/// <param name="Results">Public set with hashes of private data.</param>
/// <param name="PrivateValues">Private writes, or null.</param>
/// <param name="PrivateReads">Collections whose values were read, with their chaincodes.</param>
internal sealed record SimulationResults(
    TxReadWriteSet Results, TxPvtReadWriteSet? PrivateValues, IReadOnlySet<(string Chaincode, string Collection)> PrivateReads);

/// <summary>
/// What the chaincodes of one transaction share: the state that all of them see, the set they build, and which kinds of
/// access there were. Guarded by <see cref="Gate"/>.
/// </summary>
internal sealed class Simulation(
    WorldState state, ChannelCollections collections, string mspId, string transactionId, MspIdentity? creator)
{
    private readonly List<RangeCursor> ranges = [];
    private readonly HashSet<(string, string)> privateReads = [];
    private bool wrote;
    private bool pagedQuery;
    private bool privateQuery;

    /// <summary>Held while a chaincode's message is in work and while the simulation is ended.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The state that all reads see.</summary>
    public WorldState State => state;

    /// <summary>Collections of the channel.</summary>
    public ChannelCollections Collections => collections;

    /// <summary>Whose proposal is executed.</summary>
    public MspIdentity? Creator => creator;

    /// <summary>Organization whose peer executes.</summary>
    public string MspId => mspId;

    public ReadWriteSetBuilder Sets { get; } = new();

    public void Add(RangeCursor range) => ranges.Add(range);

    public void NotePrivateRead(string chaincode, string collection) => privateReads.Add((chaincode, collection));

    /// <exception cref="SimulationException">The transaction has made queries that no write may follow.</exception>
    public void BeforeWrite()
    {
        if (privateQuery)
            throw Unsupported("Transaction has already performed queries on pvt data. Writes are not allowed");
        if (pagedQuery)
            throw Unsupported("Transaction has already performed a paginated query. Writes are not allowed");
        wrote = true;
    }

    /// <exception cref="SimulationException">The transaction has written.</exception>
    public void BeforePagedQuery()
    {
        if (wrote)
            throw Unsupported("Paginated queries are supported only in a read-only transaction");
        pagedQuery = true;
    }

    /// <exception cref="SimulationException">The transaction has written.</exception>
    public void BeforePrivateQuery()
    {
        if (wrote)
            throw Unsupported("Queries on pvt data is supported only in a read-only transaction");
        privateQuery = true;
    }

    /// <summary>Ends the simulation.</summary>
    public SimulationResults Finish()
    {
        lock (Gate)
        {
            foreach (var range in ranges)
                Sets.AddRange(range.Namespace, range.Describe());
            ranges.Clear();
            var (results, values) = Sets.Build();
            return new SimulationResults(results, values, privateReads);
        }
    }

    // The misspelling is a peer's, and chaincodes compare texts.
    private SimulationException Unsupported(string reason) => new($"txid [{transactionId}]: unsuppored transaction. {reason}");
}
