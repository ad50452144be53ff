using System.Security.Cryptography;

namespace HealthShare.Chaincode.Shim.Testing;

/// <content>Private collections.</content>
public sealed partial class TestStub
{
    private const string ImplicitPrefix = "_implicit_org_";

    /// <inheritdoc/>
    public Task<byte[]?> GetPrivateDataAsync(string collection, string key, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        return Task.FromResult(ledger.Read(from =>
        {
            var found = from.Private.GetValueOrDefault((collection, key));
            if (found is not null)
                RefuseOutsider("GET_STATE", collection);
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
        return WriteAsync("PUT_STATE", new(collection, key, value.ToArray()));
    }

    /// <inheritdoc/>
    public Task DeletePrivateDataAsync(string collection, string key, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        return WriteAsync("DEL_STATE", new(collection, key, null));
    }

    /// <inheritdoc/>
    public Task PurgePrivateDataAsync(string collection, string key, CancellationToken ct = default)
    {
        CheckPrivate(collection, key);
        return WriteAsync("PURGE_PRIVATE_DATA", new(collection, key, null, IsPurge: true));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> GetPrivateDataByRangeAsync(
        string collection, string startKey, string endKey, CancellationToken ct = default)
    {
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return PrivateRangeAsync(collection, start, end, ct);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> GetPrivateDataByPartialCompositeKeyAsync(
        string collection, string objectType, IReadOnlyList<string> parts, CancellationToken ct = default)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return PrivateRangeAsync(collection, start, end, ct);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> GetPrivateDataQueryResultAsync(string collection, string query, CancellationToken ct = default)
    {
        KeyRules.CheckCollection(collection);
        RefuseOutsider("GET_QUERY_RESULT", collection);
        BecomeReadOnly("GET_QUERY_RESULT", "a query of private data");
        return EachAsync(ledger.Query(collection, query), ct);
    }

    /// <inheritdoc/>
    public Task<byte[]?> GetPrivateDataValidationParameterAsync(string collection, string key, CancellationToken ct = default) =>
        ReadPolicyAsync(KeyRules.CheckCollection(collection), key);

    /// <inheritdoc/>
    public Task SetPrivateDataValidationParameterAsync(
        string collection, string key, ReadOnlyMemory<byte> policy, CancellationToken ct = default) =>
        WritePolicyAsync(KeyRules.CheckCollection(collection), key, policy);

    private IAsyncEnumerable<StateEntry> PrivateRangeAsync(string collection, string start, string end, CancellationToken ct)
    {
        KeyRules.CheckCollection(collection);
        RefuseOutsider("GET_STATE_BY_RANGE", collection);
        BecomeReadOnly("GET_STATE_BY_RANGE", "a query of private data");
        var found = ledger.Read(from => from.Private
            .Where(entry => entry.Key.Collection == collection && InMemoryLedger.IsWithin(entry.Key.Key, start, end))
            .OrderBy(entry => entry.Key.Key, Utf8KeyComparer.Instance)
            .Select(entry => new StateEntry(entry.Key.Key, entry.Value.Value.ToArray())).ToArray());
        return EachAsync(found, ct);
    }

    private void RefuseOutsider(string call, string collection)
    {
        if (ledger.PeerMspId is { } mspId && collection.StartsWith(ImplicitPrefix, StringComparison.Ordinal)
            && collection != ImplicitPrefix + mspId)
            throw new LedgerCallException(call, "the peer is outside the collection");
    }

    private static void CheckPrivate(string collection, string key)
    {
        KeyRules.CheckCollection(collection);
        KeyRules.Check(key);
    }
}
