using System.Globalization;
using HealthShare.Chaincode.Shim;

namespace HealthShare.AssetChaincode;

/// <content>Ranges, pages, composite keys, history and rich queries.</content>
public sealed partial class AssetContract
{
    /// <summary>Plain keys of a range, all of them or, with a page size, one page.</summary>
    [Transaction(Name = "range", Evaluate = true)]
    public async Task<Rows> RangeAsync(TransactionContext tx, string start, string end, string pageSize = "", string bookmark = "") =>
        pageSize.Length == 0
            ? await RowsOf(tx.Stub.GetStateByRangeAsync(start, end, tx.Cancellation))
            : RowsOf(await tx.Stub.GetStateByRangeWithPaginationAsync(start, end, Number(pageSize), bookmark, tx.Cancellation));

    /// <summary>Counts the keys of a range and writes the number: an insert in between makes it invalid at commit.</summary>
    [Transaction(Name = "countInto")]
    public async Task<string> CountIntoAsync(TransactionContext tx, string start, string end, string key)
    {
        var count = (await RowsOf(tx.Stub.GetStateByRangeAsync(start, end, tx.Cancellation))).Entries.Count;
        await tx.Stub.PutStateAsync(key, Bytes($"{count}"), tx.Cancellation);
        return $"{count}";
    }

    /// <summary>Writes a composite key without a value to speak of.</summary>
    [Transaction(Name = "index")]
    public Task IndexAsync(TransactionContext tx, string objectType, params string[] parts) =>
        tx.Stub.PutStateAsync(CompositeKey.Make(objectType, parts), new byte[] { 0 }, tx.Cancellation);

    /// <summary>The parts of all composite keys that begin as given.</summary>
    [Transaction(Name = "list", Evaluate = true)]
    public async Task<IReadOnlyList<IReadOnlyList<string>>> ListAsync(TransactionContext tx, string objectType, params string[] parts)
    {
        var found = new List<IReadOnlyList<string>>();
        await foreach (var key in tx.ListKeysAsync(objectType, parts))
            found.Add(key);
        return found;
    }

    /// <summary>One page of the composite keys that begin as given.</summary>
    [Transaction(Name = "listPage", Evaluate = true)]
    public async Task<Rows> ListPageAsync(TransactionContext tx, string pageSize, string bookmark, string objectType, params string[] parts) =>
        RowsOf(await tx.Stub.GetStateByPartialCompositeKeyWithPaginationAsync(objectType, parts, Number(pageSize), bookmark, tx.Cancellation));

    /// <summary>All changes of a key, newest first.</summary>
    [Transaction(Name = "history", Evaluate = true)]
    public async Task<IReadOnlyList<Change>> HistoryAsync(TransactionContext tx, string key)
    {
        var changes = new List<Change>();
        await foreach (var change in tx.Stub.GetHistoryForKeyAsync(key, tx.Cancellation))
            changes.Add(new(change.TransactionId, change.IsDelete, Text(change.Value), change.At));
        return changes;
    }

    /// <summary>A rich query, whole or one page of it.</summary>
    [Transaction(Name = "query", Evaluate = true)]
    public async Task<Rows> QueryAsync(TransactionContext tx, string query, string pageSize = "", string bookmark = "") =>
        pageSize.Length == 0
            ? await RowsOf(tx.Stub.GetQueryResultAsync(query, tx.Cancellation))
            : RowsOf(await tx.Stub.GetQueryResultWithPaginationAsync(query, Number(pageSize), bookmark, tx.Cancellation));

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new ContractException(ShimCodes.ArgumentsInvalid, "A number is not written in digits, or is too large.");

    private static async Task<Rows> RowsOf(IAsyncEnumerable<StateEntry> entries)
    {
        var rows = new List<Row>();
        await foreach (var entry in entries)
            rows.Add(new(entry.Key, Text(entry.Value)));
        return new Rows(rows, null, null);
    }

    private static Rows RowsOf(StatePage page) =>
        new([.. page.Entries.Select(entry => new Row(entry.Key, Text(entry.Value)))], page.Fetched, page.Bookmark);
}
