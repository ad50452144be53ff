using Google.Protobuf;
using HealthShare.DevLedger.Collections;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Simulation;

/// <summary>
/// Runs one proposal of one organization against one state of the world, as one chaincode sees it: reads see that state only,
/// never the transaction's own writes nor later blocks. For one thread at a time.
/// </summary>
internal sealed class TransactionSimulator
{
    private readonly Simulation simulation;
    private readonly string chaincode;

    /// <param name="state">The state that all reads see.</param>
    /// <param name="collections">Collections of the channel.</param>
    /// <param name="mspId">Organization whose peer executes: it reads private values of collections that it is a member of.</param>
    /// <param name="chaincode">Name of the executing chaincode.</param>
    /// <param name="transactionId">Id of the transaction, for messages.</param>
    /// <param name="creator">Whose proposal it is; null for nobody, who is a member of no collection.</param>
    public TransactionSimulator(
        WorldState state, ChannelCollections collections, string mspId, string chaincode, string transactionId = "", MspIdentity? creator = null)
        : this(new Simulation(state, collections, mspId, transactionId, creator), chaincode)
    {
    }

    private TransactionSimulator(Simulation simulation, string chaincode)
    {
        (this.simulation, this.chaincode) = (simulation, chaincode);
        // A peer looks the definition up inside the simulation, so a transaction conflicts with a change of the definition.
        if (chaincode != Lifecycle.Namespace)
            Read(Lifecycle.Namespace, Lifecycle.SequenceKey(chaincode));
    }

    /// <summary>Name of the executing chaincode.</summary>
    public string Chaincode => chaincode;

    /// <summary>The state that is read.</summary>
    public WorldState State => simulation.State;

    /// <summary>Whether anything was written to a collection.</summary>
    public bool WritesPrivately => simulation.Sets.WritesPrivately;

    /// <summary>Guards the simulation: a message may still be in work when the wait for the answer ends.</summary>
    public Lock Gate => simulation.Gate;

    /// <summary>The same simulation as another chaincode, called by this one, sees it.</summary>
    public TransactionSimulator For(string callee) => new(simulation, callee);

    public ByteString Get(string key) => Read(chaincode, key)?.Value ?? ByteString.Empty;

    public void Put(string key, ByteString? value)
    {
        simulation.BeforeWrite();
        simulation.Sets.AddWrite(chaincode, key, value);
    }

    /// <summary>What is kept beside a value; reading it is a read of the key.</summary>
    public IReadOnlyList<StateMetadata> GetMetadata(string key) =>
        Read(chaincode, key) is { } entry ? KeyMetadata.Entries(entry.Metadata) : [];

    /// <summary>Replaces all that is kept beside a value by one entry.</summary>
    public void PutMetadata(string key, string name, ByteString value)
    {
        simulation.BeforeWrite();
        simulation.Sets.AddMetadataWrite(chaincode, key, [new KVMetadataEntry { Name = name, Value = value }]);
    }

    /// <summary>A range that will be validated again at commit.</summary>
    public QueryCursor Range(string start, string end)
    {
        var cursor = new RangeCursor(State.Space(SpaceName.Public(chaincode)), chaincode, start, end);
        simulation.Add(cursor);
        return cursor;
    }

    /// <summary>A range read by pages; like private ranges not allowed beside writes.</summary>
    /// <exception cref="SimulationException">The transaction has written.</exception>
    public QueryCursor PagedRange(string start, string end)
    {
        simulation.BeforePagedQuery();
        return Range(start, end);
    }

    /// <summary>Refuses clients that a collection lets no values be read of, or written to.</summary>
    /// <exception cref="SimulationException">The proposal's creator is none of its members, or there is no such collection.</exception>
    public void RequireAccess(string channel, string collection, bool write)
    {
        if (ImplicitCollection.TryGetOwner(collection, out _))
            return; // open to every client; whether it is one of the channel is asked by what comes next
        ReadDefinition();
        var found = simulation.Collections.Find(State, chaincode, collection)
            ?? throw new SimulationException($"collection {channel}/{chaincode}/{collection} could not be found");
        if ((write ? found.MemberOnlyWrite : found.MemberOnlyRead) && (simulation.Creator is not { } creator || !found.Admits(creator)))
            throw new SimulationException($"tx creator does not have {(write ? "write" : "read")} access permission on privatedata in " +
                $"chaincodeName:{chaincode} collectionName: {collection}");
    }

    public ByteString GetPrivate(string collection, string key)
    {
        var entry = IsMember(collection) ? State.Space(SpaceName.Private(chaincode, collection)).Get(key) : null;
        var committed = Hashed(collection, key)?.Version;
        if (entry?.Version != committed)
            throw new SimulationException(
                "private data matching public hash version is not available. " +
                $"Public hash version = {committed?.ToString() ?? "<nil>"}, Private data version = {entry?.Version.ToString() ?? "<nil>"}");
        simulation.Sets.AddHashedRead(chaincode, collection, key, committed);
        simulation.NotePrivateRead(chaincode, collection);
        return entry?.Value ?? ByteString.Empty;
    }

    /// <summary>SHA-256 of a private value, which every organization knows; empty where there is none.</summary>
    public ByteString GetPrivateHash(string collection, string key) => ReadHash(collection, key)?.Value ?? ByteString.Empty;

    /// <summary>Writes a private value; null removes it.</summary>
    public void PutPrivate(string collection, string key, ByteString? value)
    {
        RequireCollection(collection);
        simulation.BeforeWrite();
        simulation.Sets.AddPrivateWrite(chaincode, collection, key, value);
    }

    /// <summary>Removes a private value and, once that is committed, every value the key ever had, from every store.</summary>
    public void PurgePrivate(string collection, string key)
    {
        RequireCollection(collection);
        simulation.BeforeWrite();
        simulation.Sets.AddPrivateWrite(chaincode, collection, key, value: null, purge: true);
    }

    /// <summary>What is kept beside a private key's hash, which every organization knows.</summary>
    public IReadOnlyList<StateMetadata> GetPrivateMetadata(string collection, string key) =>
        ReadHash(collection, key) is { } entry ? KeyMetadata.Entries(entry.Metadata) : [];

    /// <summary>Replaces all that is kept beside a private key's hash by one entry.</summary>
    public void PutPrivateMetadata(string collection, string key, string name, ByteString value)
    {
        RequireCollection(collection);
        simulation.BeforeWrite();
        simulation.Sets.AddPrivateMetadataWrite(chaincode, collection, key, [new KVMetadataEntry { Name = name, Value = value }]);
    }

    /// <summary>A range of private values; empty at organizations that are not of the collection.</summary>
    /// <exception cref="SimulationException">The transaction has written.</exception>
    public QueryCursor PrivateRange(string collection, string start, string end)
    {
        var member = IsMember(collection);
        simulation.BeforePrivateQuery();
        var space = member ? State.Space(SpaceName.Private(chaincode, collection)) : StateSpace.Empty;
        return new PlainCursor(space.Range(start, end).Select(entry => new Fabric.Protocol.Ledger.QueryResult.KV
        {
            Namespace = chaincode,
            Key = entry.Key,
            Value = entry.Value,
        }));
    }

    /// <summary>A rich query, which this kind of state cannot answer; a peer refuses it at the same moment.</summary>
    /// <returns>The refusal.</returns>
    /// <exception cref="SimulationException">The query is not allowed here anyway.</exception>
    public SimulationException RichQuery(string collection, bool paged)
    {
        if (collection.Length > 0)
        {
            RequireCollection(collection);
            simulation.BeforePrivateQuery();
        }
        else if (paged)
            simulation.BeforePagedQuery();
        return new SimulationException(paged && collection.Length == 0
            ? "ExecuteQueryWithMetadata not supported for leveldb"
            : "ExecuteQuery not supported for leveldb");
    }

    /// <summary>Ends the simulation.</summary>
    public SimulationResults Finish() => simulation.Finish();

    private StateEntry? Read(string ns, string key)
    {
        var entry = State.Space(SpaceName.Public(ns)).Get(key);
        simulation.Sets.AddRead(ns, key, entry?.Version);
        return entry;
    }

    private StateEntry? ReadHash(string collection, string key)
    {
        RequireCollection(collection);
        var entry = Hashed(collection, key);
        simulation.Sets.AddHashedRead(chaincode, collection, key, entry?.Version);
        return entry;
    }

    private StateEntry? Hashed(string collection, string key) =>
        State.Space(SpaceName.Hashed(chaincode, collection)).Get(KeyHash.Name(KeyHash.Of(key)));

    private bool IsMember(string collection) => RequireCollection(collection).HasMember(simulation.MspId);

    private Collection RequireCollection(string collection)
    {
        ReadDefinition();
        return simulation.Collections.Find(State, chaincode, collection) ?? throw new SimulationException(
            $"collection [{collection}] not defined in the collection config for chaincode [{chaincode}]");
    }

    // Where a collection comes in, a peer reads the chaincode's whole definition, and so the transaction depends on all of it.
    private void ReadDefinition()
    {
        foreach (var field in (ReadOnlySpan<string>)["Collections", "EndorsementInfo", "ValidationInfo"])
            Read(Lifecycle.Namespace, Lifecycle.FieldKey(chaincode, field));
        Read(Lifecycle.Namespace, Lifecycle.MetadataKey(chaincode));
    }
}
