using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.DevLedger.Simulation;

/// <summary>What a simulation left: the public read-write set, private values, and what an endorsement plan must know.</summary>
/// <param name="Results">Public set with hashes of private data.</param>
/// <param name="PrivateValues">Private writes, or null.</param>
/// <param name="PrivateReads">Collections whose values were read.</param>
internal sealed record SimulationResults(
    TxReadWriteSet Results, TxPvtReadWriteSet? PrivateValues, IReadOnlySet<string> PrivateReads);

/// <summary>
/// Runs one proposal of one organization against one state of the world: reads see that state only, never the transaction's
/// own writes nor later blocks. For one thread at a time.
/// </summary>
internal sealed class TransactionSimulator
{
    private readonly WorldState state;
    private readonly ChannelMembers members;
    private readonly string mspId;
    private readonly string chaincode;
    private readonly ReadWriteSetBuilder sets = new();
    private readonly List<RangeCursor> ranges = [];
    private readonly HashSet<string> privateReads = new(StringComparer.Ordinal);
    private bool wrote;
    private bool pagedQuery;
    private bool privateQuery;

    /// <param name="state">The state that all reads see.</param>
    /// <param name="members">Organizations of the channel.</param>
    /// <param name="mspId">Organization whose peer executes: it reads the private values of its own collection only.</param>
    /// <param name="chaincode">Name of the executing chaincode.</param>
    public TransactionSimulator(WorldState state, ChannelMembers members, string mspId, string chaincode)
    {
        (this.state, this.members, this.mspId, this.chaincode) = (state, members, mspId, chaincode);
        // A peer looks the definition up inside the simulation, so a transaction conflicts with a change of the definition.
        if (chaincode != Lifecycle.Namespace)
            Read(Lifecycle.Namespace, Lifecycle.SequenceKey(chaincode));
    }

    /// <summary>Name of the executing chaincode.</summary>
    public string Chaincode => chaincode;

    /// <summary>Number of blocks behind the state that is read.</summary>
    public ulong Height => state.Height;

    public ByteString Get(string key) => Read(chaincode, key)?.Value ?? ByteString.Empty;

    public void Put(string key, ByteString? value)
    {
        BeforeWrite(key);
        sets.AddWrite(chaincode, key, value);
    }

    /// <summary>A range that will be validated again at commit.</summary>
    public QueryCursor Range(string start, string end)
    {
        var cursor = new RangeCursor(state.Space(SpaceName.Public(chaincode)), chaincode, start, end);
        ranges.Add(cursor);
        return cursor;
    }

    /// <summary>A range read by pages; like private ranges not allowed beside writes.</summary>
    /// <exception cref="SimulationException">The transaction has written.</exception>
    public QueryCursor PagedRange(string start, string end)
    {
        if (wrote)
            throw new SimulationException("unsupported transaction: paginated queries are supported only in a read-only transaction");
        pagedQuery = true;
        return Range(start, end);
    }

    public ByteString GetPrivate(string collection, string key)
    {
        var owner = members.OwnerOf(chaincode, collection);
        var entry = owner == mspId ? state.Space(SpaceName.Private(chaincode, collection)).Get(key) : null;
        var committed = Hashed(collection, key)?.Version;
        if (entry?.Version != committed)
            throw new SimulationException(
                "private data matching public hash version is not available. " +
                $"Public hash version = {committed?.ToString() ?? "<nil>"}, Private data version = {entry?.Version.ToString() ?? "<nil>"}");
        sets.AddHashedRead(chaincode, collection, key, committed);
        privateReads.Add(collection);
        return entry?.Value ?? ByteString.Empty;
    }

    /// <summary>SHA-256 of a private value, which every organization knows; empty where there is none.</summary>
    public ByteString GetPrivateHash(string collection, string key)
    {
        members.OwnerOf(chaincode, collection);
        var entry = Hashed(collection, key);
        sets.AddHashedRead(chaincode, collection, key, entry?.Version);
        return entry?.Value ?? ByteString.Empty;
    }

    public void PutPrivate(string collection, string key, ByteString? value)
    {
        members.OwnerOf(chaincode, collection);
        BeforeWrite(key);
        sets.AddPrivateWrite(chaincode, collection, key, value);
    }

    /// <summary>A range of private values; empty at organizations that are not of the collection.</summary>
    /// <exception cref="SimulationException">The transaction has written.</exception>
    public QueryCursor PrivateRange(string collection, string start, string end)
    {
        var owner = members.OwnerOf(chaincode, collection);
        if (wrote)
            throw new SimulationException("unsupported transaction: queries on private data are supported only in a read-only transaction");
        privateQuery = true;
        privateReads.Add(collection);
        var space = owner == mspId ? state.Space(SpaceName.Private(chaincode, collection)) : StateSpace.Empty;
        return new PlainCursor(space.Range(start, end).Select(entry => new Fabric.Protocol.Ledger.QueryResult.KV
        {
            Namespace = chaincode,
            Key = entry.Key,
            Value = entry.Value,
        }));
    }

    /// <summary>Ends the simulation.</summary>
    public SimulationResults Finish()
    {
        foreach (var range in ranges)
            sets.AddRange(chaincode, range.Info);
        var (results, values) = sets.Build();
        return new SimulationResults(results, values, privateReads);
    }

    private StateEntry? Read(string ns, string key)
    {
        var entry = state.Space(SpaceName.Public(ns)).Get(key);
        sets.AddRead(ns, key, entry?.Version);
        return entry;
    }

    private StateEntry? Hashed(string collection, string key) =>
        state.Space(SpaceName.Hashed(chaincode, collection)).Get(KeyHash.Name(KeyHash.Of(key)));

    private void BeforeWrite(string key)
    {
        if (key.Length == 0)
            throw new SimulationException("a key must not be empty");
        if (privateQuery)
            throw new SimulationException("unsupported transaction: it has queried private data, so writes are not allowed");
        if (pagedQuery)
            throw new SimulationException("unsupported transaction: it has performed a paginated query, so writes are not allowed");
        wrote = true;
    }
}
