namespace HealthShare.Node.Problems;

/// <summary>Pages of lists that are read as a whole, since rules or settings bound how long they get.</summary>
internal static class ListPage
{
    /// <summary>Items of a page unless told, and at most.</summary>
    public const int UnlessTold = 200, Most = 500;

    /// <summary>A page, and the cursor of the next one; null on the last.</summary>
    /// <param name="seal">Makes the cursor opaque.</param>
    /// <param name="list">Names the list, for whose it is: only there its cursors open.</param>
    /// <param name="items">The whole list, in any order.</param>
    /// <param name="placeOf">
    /// Where an item stands: what is less comes first; no two items have the same. What comes up or goes meanwhile moves no other item, so
    /// nobody sees one twice or misses one.
    /// </param>
    /// <param name="cursor">What an earlier page gave; null for the first.</param>
    /// <param name="limit">Most items; null for <see cref="UnlessTold"/>.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the list gave no such cursor.</exception>
    public static (IReadOnlyList<T> Items, string? Next) PageOf<T>(
        this CursorSeal seal, string list, IEnumerable<T> items, Func<T, (long Number, string Id)> placeOf, string? cursor, int? limit)
    {
        var most = limit ?? UnlessTold;
        var placed = items.Select(item => (Item: item, Place: placeOf(item)));
        if (PageCursor.Parse(seal.OpenCursor(list, cursor), 2) is [var number, var id])
        {
            var last = PageCursor.Number(number);
            placed = placed.Where(one => one.Place.Number > last || (one.Place.Number == last && string.CompareOrdinal(one.Place.Id, id) > 0));
        }
        var rest = placed.OrderBy(one => one.Place.Number).ThenBy(one => one.Place.Id, StringComparer.Ordinal).Take(most + 1).ToList();
        var next = rest.Count > most ? PageCursor.Of(PageCursor.Number(rest[most - 1].Place.Number), rest[most - 1].Place.Id) : null;
        return ([.. rest.Take(most).Select(one => one.Item)], seal.SealCursor(list, next));
    }
}
