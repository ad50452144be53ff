using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Chaincode.Shim.Server;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>
/// The committed state of a channel, for tests of chaincode without a peer: the same reads, the same order of keys, the same
/// validation of versions, ranges and policies of single keys at commit. Transactions may run at once; commits happen one after
/// another. One instance holds one chaincode's state; <see cref="Install"/> adds chaincodes that it may call.
/// </summary>
public sealed class InMemoryLedger
{
    // One for all ledgers: a transaction that called another chaincode commits in both or in none.
    private static readonly Lock Commits = new();

    // Versions are commits, not transaction ids: ledgers that call one another number their transactions each for itself.
    private static long commits;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Installed> chaincodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> ordered = new(StringComparer.Ordinal); // ids of all that was committed or found invalid
    private int transactions;

    /// <summary>Channel name. Default <c>channel</c>.</summary>
    public string ChannelId { get; init; } = "channel";

    /// <summary>Proposal time of transactions begun from now on. Default 2026-01-01T00:00:00Z.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// MSP id of the peer that executes. When set, private values of another organization's implicit collection
    /// (<c>_implicit_org_MSPID</c>) cannot be read, as on a real peer. Default null: every private value can.
    /// </summary>
    public string? PeerMspId { get; set; }

    /// <summary>
    /// Answers rich queries from what is committed: gets the query and all entries of the state, or of one collection, in key
    /// order. Default null: refused, as by a peer on LevelDB.
    /// </summary>
    public Func<string, IReadOnlyList<StateEntry>, IEnumerable<StateEntry>>? RichQueries { get; set; }

    /// <summary>Public state: key to value, ordered by the keys' UTF-8 bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> State
    {
        get
        {
            lock (gate)
                return Public.ToDictionary(entry => entry.Key, entry => entry.Value.Value, StringComparer.Ordinal);
        }
    }

    /// <summary>Events of committed transactions, in order.</summary>
    public IReadOnlyList<TestEvent> Events
    {
        get
        {
            lock (gate)
                return [.. CommittedEvents];
        }
    }

    internal SortedDictionary<string, Versioned> Public { get; } = new(Utf8KeyComparer.Instance);

    internal Dictionary<(string Collection, string Key), Versioned> Private { get; } = [];

    internal Dictionary<string, List<KeyChange>> History { get; } = new(StringComparer.Ordinal);

    private List<TestEvent> CommittedEvents { get; } = [];

    /// <summary>Adds a chaincode that chaincode of this ledger may call.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="chaincode">What it runs.</param>
    /// <param name="state">
    /// Its own state. With the same <see cref="ChannelId"/> its writes commit together with the caller's, with another they are
    /// dropped, as a peer does. Null (the default) makes an empty one of this channel.
    /// </param>
    /// <returns>Its state.</returns>
    public InMemoryLedger Install(string name, IChaincode chaincode, InMemoryLedger? state = null)
    {
        state ??= new InMemoryLedger { ChannelId = ChannelId, PeerMspId = PeerMspId };
        lock (gate)
            chaincodes[$"{name}/{state.ChannelId}"] = new(chaincode, state);
        return state;
    }

    /// <summary>Begins a transaction; nothing is kept until it commits.</summary>
    /// <param name="creator">The caller, from <see cref="TestIdentity"/>.</param>
    /// <param name="arguments">Function name and arguments, for chaincode that is called as a whole.</param>
    public TestStub Begin(ReadOnlyMemory<byte> creator, params IReadOnlyList<string> arguments) =>
        BeginRaw(creator, [.. arguments.Select(argument => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(argument))]);

    /// <summary>Begins a transaction whose arguments need not be text.</summary>
    /// <param name="creator">The caller, from <see cref="TestIdentity"/>.</param>
    /// <param name="arguments">Function name and arguments.</param>
    public TestStub BeginRaw(ReadOnlyMemory<byte> creator, IReadOnlyList<ReadOnlyMemory<byte>> arguments)
    {
        var number = Interlocked.Increment(ref transactions);
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"transaction {number}")));
        return new TestStub(this, id, Now, creator, arguments);
    }

    /// <summary>Runs a transaction and commits it when it succeeds.</summary>
    /// <returns>The answer, the transaction, and how validation at commit ended; null when it was not endorsed.</returns>
    public async Task<(ChaincodeResponse Response, TestStub Stub, TxValidationCode? Commit)> SubmitAsync(
        IChaincode chaincode, ReadOnlyMemory<byte> creator, params IReadOnlyList<string> arguments)
    {
        var stub = Begin(creator, arguments);
        var response = await chaincode.InvokeAsync(stub, CancellationToken.None);
        return (response, stub, response.IsSuccess ? stub.Commit() : null);
    }

    /// <summary>Runs a transaction and forgets its writes.</summary>
    public Task<ChaincodeResponse> EvaluateAsync(IChaincode chaincode, ReadOnlyMemory<byte> creator, params IReadOnlyList<string> arguments) =>
        chaincode.InvokeAsync(Begin(creator, arguments), CancellationToken.None);

    internal T Read<T>(Func<InMemoryLedger, T> read)
    {
        lock (gate)
            return read(this);
    }

    internal static TxValidationCode Commit(TestStub transaction)
    {
        TestStub[] all = [.. WithCalled(transaction)];
        lock (Commits)
        {
            // Of this ledger's own transactions: those that are called here carry their caller's id, from another numbering.
            if (!transaction.Ledger.ordered.Add(transaction.TransactionId))
                return TxValidationCode.DuplicateTxid;
            foreach (var stub in all)
            {
                if (stub.Ledger.Read(ledger => ledger.Validate(stub, transaction.Endorsers)) is var code and not TxValidationCode.Valid)
                    return code;
            }
            var version = (++commits).ToString(CultureInfo.InvariantCulture);
            foreach (var stub in all)
                stub.Ledger.Apply(stub, version);
            if (transaction.Event is { } raised)
            {
                lock (transaction.Ledger.gate)
                    transaction.Ledger.CommittedEvents.Add(raised);
            }
            return TxValidationCode.Valid;
        }
    }

    internal Installed? Find(string chaincode, string channel)
    {
        lock (gate)
            return chaincodes.GetValueOrDefault($"{chaincode}/{(channel.Length == 0 ? ChannelId : channel)}");
    }

    /// <exception cref="ContractException"><c>ledger.unsupported</c>: no test answers rich queries.</exception>
    internal List<StateEntry> Query(string collection, string query)
    {
        if (RichQueries is not { } answer)
            throw PeerRefusal.Of("GET_QUERY_RESULT", "ExecuteQuery not supported for leveldb");
        var entries = Read(_ => collection.Length == 0
            ? Public.Select(entry => new StateEntry(entry.Key, entry.Value.Value.ToArray())).ToArray()
            : Private.Where(entry => entry.Key.Collection == collection).OrderBy(entry => entry.Key.Key, Utf8KeyComparer.Instance)
                .Select(entry => new StateEntry(entry.Key.Key, entry.Value.Value.ToArray())).ToArray());
        return [.. answer(query, entries)];
    }

    internal IEnumerable<KeyValuePair<string, Versioned>> InRange(string start, string end) =>
        Public.Where(entry => IsWithin(entry.Key, start, end));

    internal static bool IsWithin(string key, string start, string end) => Utf8KeyComparer.Instance.Compare(key, start) >= 0
        && (end.Length == 0 || Utf8KeyComparer.Instance.Compare(key, end) < 0);

    internal string? VersionOf(string collection, string key) => EntryOf(collection, key)?.Version;

    internal byte[]? PolicyOf(string collection, string key) => EntryOf(collection, key)?.Policy;

    private Versioned? EntryOf(string collection, string key) =>
        collection.Length == 0 ? Public.GetValueOrDefault(key) : Private.GetValueOrDefault((collection, key));

    private static IEnumerable<TestStub> WithCalled(TestStub stub) => stub.Called.SelectMany(WithCalled).Prepend(stub);

    private TxValidationCode Validate(TestStub stub, IReadOnlyCollection<string>? endorsers)
    {
        var touched = stub.Writes.Select(write => (write.Collection, write.Key)).Concat(stub.Policies.Select(set => (set.Collection, set.Key)));
        if (endorsers is not null
            && touched.Any(key => PolicyOf(key.Collection, key.Key) is { } policy && !KeyPolicyCheck.IsSatisfied(policy, endorsers)))
            return TxValidationCode.EndorsementPolicyFailure;
        if (stub.Reads.Any(read => VersionOf(read.Collection, read.Key) != read.Version))
            return TxValidationCode.MvccReadConflict;
        return stub.Ranges.Any(range => !InRange(range.Start, range.End).Select(entry => (entry.Key, entry.Value.Version)).SequenceEqual(range.Found))
            ? TxValidationCode.PhantomReadConflict
            : TxValidationCode.Valid;
    }

    private void Apply(TestStub stub, string version)
    {
        lock (gate)
        {
            foreach (var write in stub.Writes)
                Apply(write, stub, version);
            foreach (var policy in stub.Policies)
            {
                // As on a peer: a policy needs a value, and makes a new version of it.
                if (EntryOf(policy.Collection, policy.Key) is { } entry)
                    Keep(policy.Collection, policy.Key, entry with
                    {
                        Version = version, Policy = policy.Policy.IsEmpty ? null : policy.Policy.ToArray(),
                    });
            }
        }
    }

    private void Apply(TestWrite write, TestStub stub, string version)
    {
        var value = write.Value?.ToArray();
        Keep(write.Collection, write.Key, value is null ? null : new(value, version, PolicyOf(write.Collection, write.Key)));
        if (write.Collection.Length > 0)
            return;
        if (!History.TryGetValue(write.Key, out var changes))
            History[write.Key] = changes = [];
        changes.Insert(0, new(stub.TransactionId, value ?? [], stub.ProposedAt, value is null));
    }

    private void Keep(string collection, string key, Versioned? entry)
    {
        switch (collection.Length, entry)
        {
            case (0, null):
                Public.Remove(key);
                break;
            case (0, _):
                Public[key] = entry;
                break;
            case (_, null):
                Private.Remove((collection, key));
                break;
            default:
                Private[(collection, key)] = entry;
                break;
        }
    }

    internal sealed record Versioned(byte[] Value, string Version, byte[]? Policy);

    internal sealed record Installed(IChaincode Chaincode, InMemoryLedger State);
}
