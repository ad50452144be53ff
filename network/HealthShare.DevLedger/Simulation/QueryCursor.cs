using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Ledger.QueryResult;

namespace HealthShare.DevLedger.Simulation;

/// <summary>An open query of one transaction, read in batches.</summary>
internal abstract class QueryCursor : IDisposable
{
    /// <summary>The next result, or null after the last.</summary>
    public abstract IMessage? Next();

    /// <summary>Where a paged query goes on; empty where it is at its end.</summary>
    public virtual string Bookmark() => "";

    public abstract void Dispose();
}

/// <summary>A query whose results leave no trace in the read set: history and private ranges.</summary>
internal sealed class PlainCursor(IEnumerable<IMessage> results) : QueryCursor
{
    private readonly IEnumerator<IMessage> results = results.GetEnumerator();

    public override IMessage? Next() => results.MoveNext() ? results.Current : null;

    public override void Dispose() => results.Dispose();
}

/// <summary>
/// A range read that records what it saw, so that the same read at commit shows whether a key was added, changed or removed
/// in between. What is recorded ends where the chaincode stopped reading.
/// </summary>
internal sealed class RangeCursor : QueryCursor
{
    private readonly string ns;
    private readonly string endKey;
    private readonly IEnumerator<StateEntry> entries;
    private readonly RangeQueryInfo info;
    private readonly RangeSummary reads = new();

    public RangeCursor(StateSpace space, string ns, string startKey, string endKey)
    {
        this.endKey = endKey;
        entries = space.Range(startKey, endKey).GetEnumerator();
        this.ns = ns;
        info = new RangeQueryInfo { StartKey = startKey };
    }

    /// <summary>Name of the chaincode whose keys are read.</summary>
    public string Namespace => ns;

    /// <summary>Describes what was read; nothing is read afterwards.</summary>
    public RangeQueryInfo Describe()
    {
        reads.WriteTo(info);
        return info;
    }

    public override IMessage? Next()
    {
        if (!entries.MoveNext())
        {
            info.ItrExhausted = true;
            info.EndKey = endKey;
            return null;
        }
        var entry = entries.Current;
        reads.Add(entry.Key, entry.Version);
        info.EndKey = entry.Key;
        return new KV { Namespace = ns, Key = entry.Key, Value = entry.Value };
    }

    public override string Bookmark() => entries.MoveNext() ? entries.Current.Key : "";

    public override void Dispose() => entries.Dispose();
}
