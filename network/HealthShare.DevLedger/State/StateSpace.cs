using System.Collections.Immutable;
using Google.Protobuf;

namespace HealthShare.DevLedger.State;

/// <summary>One key with its value and the version that wrote it.</summary>
internal sealed record StateEntry(string Key, ByteString Value, StateVersion Version)
{
    /// <summary>What is kept beside the value, as <see cref="KeyMetadata"/> lays it out; empty for nothing.</summary>
    public ByteString Metadata { get; init; } = ByteString.Empty;
}

/// <summary>Sorted keys of one name space. Immutable: a reader keeps what it began with while blocks are committed.</summary>
internal sealed class StateSpace
{
    private sealed class ByKey : IComparer<StateEntry>
    {
        public int Compare(StateEntry? x, StateEntry? y) => KeyOrder.Utf8.Compare(x!.Key, y!.Key);
    }

    public static StateSpace Empty { get; } = new(ImmutableSortedSet.Create<StateEntry>(new ByKey()));

    private readonly ImmutableSortedSet<StateEntry> entries;

    private StateSpace(ImmutableSortedSet<StateEntry> entries) => this.entries = entries;

    public int Count => entries.Count;

    public StateEntry? Get(string key) => entries.TryGetValue(Probe(key), out var entry) ? entry : null;

    public StateSpace Set(StateEntry entry) => new(entries.Remove(entry).Add(entry));

    public StateSpace Remove(string key) => new(entries.Remove(Probe(key)));

    /// <summary>Entries from <paramref name="start"/> up to, and not including, <paramref name="end"/>.</summary>
    /// <param name="start">First key; empty for the very first.</param>
    /// <param name="end">Key after the last; empty for no end.</param>
    /// <param name="includeEnd">Whether the end itself belongs to the range.</param>
    public IEnumerable<StateEntry> Range(string start, string end, bool includeEnd = false)
    {
        var index = entries.IndexOf(Probe(start));
        for (var i = index < 0 ? ~index : index; i < entries.Count; i++)
        {
            var entry = entries[i];
            var order = end.Length == 0 ? -1 : KeyOrder.Utf8.Compare(entry.Key, end);
            if (order > 0 || (order == 0 && !includeEnd))
                yield break;
            yield return entry;
        }
    }

    private static StateEntry Probe(string key) => new(key, ByteString.Empty, default);
}
