using System.Globalization;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Simulation;

/// <summary>The open queries of one transaction, cut into the batches that the shim protocol knows.</summary>
internal sealed class OpenQueries : IDisposable
{
    /// <summary>Results in one message, as a peer sends them.</summary>
    public const int BatchSize = 100;

    /// <summary>Most results of one query: a peer's default, which cuts off in silence.</summary>
    public const int TotalLimit = 100_000;

    private sealed class Query(QueryCursor cursor, int limit, bool paged)
    {
        public QueryCursor Cursor { get; } = cursor;
        public int Limit { get; } = limit;
        public bool Paged { get; } = paged;
        public int Returned { get; set; }
        /// <summary>The result that was read to learn that a batch is not the last.</summary>
        public IMessage? Ahead { get; set; }
    }

    private readonly Dictionary<string, Query> queries = new(StringComparer.Ordinal);
    private int nextId;

    /// <summary>Opens a query and reads its first batch.</summary>
    /// <param name="cursor">The results; owned by this object from now on.</param>
    /// <param name="pageSize">Results of the one page; 0 or less for as many as there may be. Null for batches.</param>
    public QueryResponse Open(QueryCursor cursor, int? pageSize = null)
    {
        var query = new Query(cursor, pageSize > 0 ? Math.Min(pageSize.Value, TotalLimit) : TotalLimit, pageSize is not null);
        var id = (++nextId).ToString(CultureInfo.InvariantCulture);
        queries.Add(id, query);
        return Read(id, query);
    }

    /// <summary>Reads the next batch.</summary>
    /// <exception cref="SimulationException">The query is not open.</exception>
    public QueryResponse Next(string id) =>
        queries.TryGetValue(id, out var query) ? Read(id, query) : throw new SimulationException("query iterator not found");

    /// <summary>Closes a query; one that is closed already stays so.</summary>
    public QueryResponse Close(string id)
    {
        if (queries.Remove(id, out var query))
            query.Cursor.Dispose();
        return new QueryResponse { Id = id };
    }

    public void Dispose()
    {
        foreach (var query in queries.Values)
            query.Cursor.Dispose();
        queries.Clear();
    }

    private QueryResponse Read(string id, Query query)
    {
        var response = new QueryResponse { Id = id };
        if (query.Ahead is { } ahead)
            Add(response, ahead);
        query.Ahead = null;
        while (query.Returned < query.Limit)
        {
            var result = query.Cursor.Next();
            if (result is null)
                break;
            query.Returned++;
            if (!query.Paged && response.Results.Count == BatchSize)
            {
                query.Ahead = result;
                response.HasMore = true;
                return response;
            }
            Add(response, result);
        }
        if (query.Paged)
        {
            var metadata = new QueryResponseMetadata { FetchedRecordsCount = query.Returned, Bookmark = query.Cursor.Bookmark() };
            response.Metadata = metadata.ToByteString();
        }
        Close(id);
        return response;
    }

    private static void Add(QueryResponse response, IMessage result) =>
        response.Results.Add(new QueryResultBytes { ResultBytes = result.ToByteString() });
}
