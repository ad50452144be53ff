using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>One transaction over an <see cref="InMemoryLedger"/>. Writes are kept apart until <see cref="Commit"/>.</summary>
public sealed class TestStub : IChaincodeStub
{
    private const string ImplicitPrefix = "_implicit_org_";
    private readonly InMemoryLedger ledger;
    private readonly Dictionary<(string Collection, string Key), TestWrite> writes = [];
    private readonly List<(string Collection, string Key)> order = [];
    private bool paged;

    internal TestStub(
        InMemoryLedger ledger, string transactionId, DateTimeOffset proposedAt, ReadOnlyMemory<byte> creator,
        IReadOnlyList<ReadOnlyMemory<byte>> arguments)
    {
        (this.ledger, TransactionId, ProposedAt, Creator, Arguments) = (ledger, transactionId, proposedAt, creator, arguments);
        Context = new TransactionContext(this);
    }

    /// <summary>The transaction as a contract's method takes it.</summary>
    public TransactionContext Context { get; }

    /// <inheritdoc/>
    public string ChannelId => ledger.ChannelId;

    /// <inheritdoc/>
    public string TransactionId { get; init; }

    /// <inheritdoc/>
    public DateTimeOffset ProposedAt { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Creator { get; set; }

    /// <summary>Transient values; add to it before the transaction runs.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Transient { get; } = new(StringComparer.Ordinal);

    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> IChaincodeStub.Transient => Transient;

    /// <summary>What the transaction wrote so far: the last write of each key, in the order of the first.</summary>
    public IReadOnlyList<TestWrite> Writes => [.. order.Select(key => writes[key])];

    /// <summary>The event so far.</summary>
    public TestEvent? Event { get; private set; }

    internal List<(string Collection, string Key, string? Version)> Reads { get; } = [];

    internal List<(string Start, string End, List<(string Key, string Version)> Found)> Ranges { get; } = [];

    /// <summary>Validates reads and ranges against what is committed by now, then applies the writes if all still hold.</summary>
    public TxValidationCode Commit() => ledger.Commit(this);

    /// <inheritdoc/>
    public Task<byte[]?> GetStateAsync(string key, CancellationToken ct = default)
    {
        KeyRules.Check(key);
        return Task.FromResult(ledger.Read(from =>
        {
            Reads.Add(("", key, from.VersionOf("", key)));
            return from.Public.GetValueOrDefault(key)?.Value.ToArray();
        }));
    }

    /// <inheritdoc/>
    public Task PutStateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken ct = default)
    {
        KeyRules.CheckValue(value);
        return WriteAsync("", key, value);
    }

    /// <inheritdoc/>
    public Task DeleteStateAsync(string key, CancellationToken ct = default) => WriteAsync("", key, null);

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> GetStateByRangeAsync(string startKey, string endKey, CancellationToken ct = default)
    {
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return RangeAsync(start, end, ct);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> GetStateByPartialCompositeKeyAsync(
        string objectType, IReadOnlyList<string> parts, CancellationToken ct = default)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return RangeAsync(start, end, ct);
    }

    /// <inheritdoc/>
    public Task<StatePage> GetStateByRangeWithPaginationAsync(
        string startKey, string endKey, int pageSize, string bookmark, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        if (writes.Count > 0)
            throw new LedgerCallException("GET_STATE_BY_RANGE", "a paged query in a transaction that writes");
        paged = true;
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        var found = ledger.Read(from => from.InRange(bookmark.Length > 0 ? bookmark : start, end).Take(pageSize + 1).ToArray());
        var page = found.Take(pageSize).Select(entry => new StateEntry(entry.Key, entry.Value.Value.ToArray())).ToArray();
        return Task.FromResult(new StatePage(page, page.Length, found.Length > pageSize ? found[^1].Key : ""));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyChange> GetHistoryForKeyAsync(string key, [EnumeratorCancellation] CancellationToken ct = default)
    {
        KeyRules.Check(key);
        await Task.CompletedTask;
        foreach (var change in ledger.Read(from => from.History.GetValueOrDefault(key)?.ToArray() ?? []))
            yield return change;
    }

    /// <inheritdoc/>
    public Task<byte[]?> GetPrivateDataAsync(string collection, string key, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        return Task.FromResult(ledger.Read(from =>
        {
            var found = from.Private.GetValueOrDefault((collection, key));
            var own = from.PeerMspId is not { } msp || !collection.StartsWith(ImplicitPrefix, StringComparison.Ordinal)
                || collection == ImplicitPrefix + msp;
            if (found is not null && !own)
                throw new LedgerCallException("GET_STATE", "the peer is outside the collection");
            Reads.Add((collection, key, found?.Version));
            return found?.Value.ToArray();
        }));
    }

    /// <inheritdoc/>
    public Task<byte[]?> GetPrivateDataHashAsync(string collection, string key, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        return Task.FromResult(ledger.Read(from =>
        {
            var found = from.Private.GetValueOrDefault((collection, key));
            Reads.Add((collection, key, found?.Version));
            return found is null ? null : SHA256.HashData(found.Value);
        }));
    }

    /// <inheritdoc/>
    public Task PutPrivateDataAsync(string collection, string key, ReadOnlyMemory<byte> value, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        KeyRules.CheckValue(value);
        return WriteAsync(collection, key, value);
    }

    /// <inheritdoc/>
    public Task DeletePrivateDataAsync(string collection, string key, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        return WriteAsync(collection, key, null);
    }

    /// <inheritdoc/>
    public Task PurgePrivateDataAsync(string collection, string key, CancellationToken ct = default) =>
        DeletePrivateDataAsync(collection, key, ct);

    /// <inheritdoc/>
    public void SetEvent(string name, ReadOnlyMemory<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Event = new(name, payload.ToArray());
    }

    private static void CheckPrivate(string collection, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        KeyRules.Check(key);
    }

    private Task WriteAsync(string collection, string key, ReadOnlyMemory<byte>? value)
    {
        KeyRules.Check(key);
        if (paged)
            throw new LedgerCallException("PUT_STATE", "a write in a transaction with a paged query");
        if (!writes.ContainsKey((collection, key)))
            order.Add((collection, key));
        // A null array would convert to an empty value, so the deletion is passed on as it is.
        writes[(collection, key)] = new(collection, key, value is { } given ? new ReadOnlyMemory<byte>(given.ToArray()) : value);
        return Task.CompletedTask;
    }

    private async IAsyncEnumerable<StateEntry> RangeAsync(string start, string end, [EnumeratorCancellation] CancellationToken ct)
    {
        var found = ledger.Read(from => from.InRange(start, end).ToArray());
        Ranges.Add((start, end, [.. found.Select(entry => (entry.Key, entry.Value.Version))]));
        foreach (var entry in found)
        {
            ct.ThrowIfCancellationRequested();
            yield return new(entry.Key, entry.Value.Value.ToArray());
            await Task.CompletedTask;
        }
    }
}
