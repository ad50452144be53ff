using System.Security.Cryptography;
using System.Text;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>
/// The committed state of a channel, for tests of chaincode without a peer: the same reads, the same order of keys, the same
/// validation of versions and ranges at commit. Transactions may run at once; commits happen one after another.
/// </summary>
public sealed class InMemoryLedger
{
    private readonly Lock gate = new();
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

    internal TxValidationCode Commit(TestStub stub)
    {
        lock (gate)
        {
            if (stub.Reads.Any(read => VersionOf(read.Collection, read.Key) != read.Version))
                return TxValidationCode.MvccReadConflict;
            if (stub.Ranges.Any(range => !InRange(range.Start, range.End).Select(entry => (entry.Key, entry.Value.Version)).SequenceEqual(range.Found)))
                return TxValidationCode.PhantomReadConflict;
            foreach (var write in stub.Writes)
                Apply(write, stub);
            if (stub.Event is { } raised)
                CommittedEvents.Add(raised);
            return TxValidationCode.Valid;
        }
    }

    internal IEnumerable<KeyValuePair<string, Versioned>> InRange(string start, string end) => Public
        .Where(entry => Utf8KeyComparer.Instance.Compare(entry.Key, start) >= 0
            && (end.Length == 0 || Utf8KeyComparer.Instance.Compare(entry.Key, end) < 0));

    internal string? VersionOf(string collection, string key) => collection.Length == 0
        ? Public.GetValueOrDefault(key)?.Version
        : Private.GetValueOrDefault((collection, key))?.Version;

    private void Apply(TestWrite write, TestStub stub)
    {
        var value = write.Value?.ToArray();
        if (write.Collection.Length > 0)
        {
            if (value is null)
                Private.Remove((write.Collection, write.Key));
            else
                Private[(write.Collection, write.Key)] = new(value, stub.TransactionId);
            return;
        }
        if (value is null)
            Public.Remove(write.Key);
        else
            Public[write.Key] = new(value, stub.TransactionId);
        if (!History.TryGetValue(write.Key, out var changes))
            History[write.Key] = changes = [];
        changes.Insert(0, new(stub.TransactionId, value ?? [], stub.ProposedAt, value is null));
    }

    internal sealed record Versioned(byte[] Value, string Version);
}

/// <summary>A write that a transaction asked for.</summary>
/// <param name="Collection">Private collection; empty for public state.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; null for a deletion.</param>
public sealed record TestWrite(string Collection, string Key, ReadOnlyMemory<byte>? Value);

/// <summary>An event that a transaction raised.</summary>
/// <param name="Name">Event name.</param>
/// <param name="Payload">Payload bytes.</param>
public sealed record TestEvent(string Name, ReadOnlyMemory<byte> Payload);
