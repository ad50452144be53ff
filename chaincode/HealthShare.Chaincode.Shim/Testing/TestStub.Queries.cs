using System.Runtime.CompilerServices;

namespace HealthShare.Chaincode.Shim.Testing;

/// <content>Ranges, pages, rich queries and history.</content>
public sealed partial class TestStub
{
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
        var (start, end) = KeyRules.PlainRange(startKey, endKey);
        return Task.FromResult(Page(start, end, pageSize, bookmark));
    }

    /// <inheritdoc/>
    public Task<StatePage> GetStateByPartialCompositeKeyWithPaginationAsync(
        string objectType, IReadOnlyList<string> parts, int pageSize, string bookmark, CancellationToken ct = default)
    {
        var (start, end) = CompositeKey.RangeOf(objectType, parts);
        return Task.FromResult(Page(start, end, pageSize, bookmark));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StateEntry> GetQueryResultAsync(string query, CancellationToken ct = default) =>
        EachAsync(ledger.Query("", query), ct);

    /// <inheritdoc/>
    public Task<StatePage> GetQueryResultWithPaginationAsync(
        string query, int pageSize, string bookmark, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        BecomeReadOnly("GET_QUERY_RESULT", "a paged query");
        var found = ledger.Query("", query);
        var first = bookmark.Length == 0 ? 0 : int.Parse(bookmark, System.Globalization.CultureInfo.InvariantCulture);
        var page = found.Skip(first).Take(pageSize).ToArray();
        var next = first + page.Length;
        return Task.FromResult(new StatePage(
            page, page.Length, next < found.Count ? next.ToString(System.Globalization.CultureInfo.InvariantCulture) : ""));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<KeyChange> GetHistoryForKeyAsync(string key, CancellationToken ct = default)
    {
        KeyRules.Check(key);
        return EachAsync(ledger.Read(from => from.History.GetValueOrDefault(key)?.ToArray() ?? []), ct);
    }

    private IAsyncEnumerable<StateEntry> RangeAsync(string start, string end, CancellationToken ct)
    {
        var found = ledger.Read(from => from.InRange(start, end).ToArray());
        Ranges.Add((start, end, [.. found.Select(entry => (entry.Key, entry.Value.Version))]));
        return EachAsync(found.Select(entry => new StateEntry(entry.Key, entry.Value.Value.ToArray())), ct);
    }

    private StatePage Page(string start, string end, int pageSize, string bookmark)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        BecomeReadOnly("GET_STATE_BY_RANGE", "a paged query");
        var found = ledger.Read(from => from.InRange(bookmark.Length > 0 ? bookmark : start, end).Take(pageSize + 1).ToArray());
        var page = found.Take(pageSize).Select(entry => new StateEntry(entry.Key, entry.Value.Value.ToArray())).ToArray();
        return new StatePage(page, page.Length, found.Length > pageSize ? found[^1].Key : "");
    }

    private static async IAsyncEnumerable<T> EachAsync<T>(IEnumerable<T> found, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var item in found)
        {
            ct.ThrowIfCancellationRequested();
            yield return item;
            await Task.CompletedTask;
        }
    }
}
