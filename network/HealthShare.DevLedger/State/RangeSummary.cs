using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.DevLedger.State;

/// <summary>
/// What a range read leaves in the read set: up to <see cref="Degree"/> results as they are, more as a Merkle summary. Results
/// are hashed in groups, groups of hashes are hashed again, and the hashes of the top level stay. A group closes when it holds
/// one more than the degree.
/// </summary>
internal sealed class RangeSummary(uint degree = RangeSummary.Degree)
{
    /// <summary>A peer's degree.</summary>
    public const uint Degree = 50;

    private readonly List<List<byte[]>> levels = [[]];
    private QueryReads pending = new();
    private bool hashed;

    /// <summary>Adds the next result.</summary>
    public void Add(string key, StateVersion version)
    {
        pending.KvReads.Add(new KVRead { Key = key, Version = version.ToMessage() });
        if (pending.KvReads.Count > degree)
            AddLeaf();
    }

    /// <summary>Ends the summary and writes it into the range's description; call once.</summary>
    public void WriteTo(RangeQueryInfo range)
    {
        if (Finish() is { } summary)
            range.ReadsMerkleHashes = summary;
        else if (pending.KvReads.Count > 0)
            range.RawReads = pending;
    }

    /// <summary>Whether a summary is that of these entries.</summary>
    public static bool Confirms(QueryReadsMerkleSummary summary, IEnumerable<StateEntry> entries)
    {
        if (summary.MaxDegree < 2)
            return false;
        var now = new RangeSummary(summary.MaxDegree);
        foreach (var entry in entries)
            now.Add(entry.Key, entry.Version);
        return now.Finish()?.Equals(summary) == true;
    }

    private QueryReadsMerkleSummary? Finish()
    {
        if (!hashed)
            return null;
        if (pending.KvReads.Count > 0)
            AddLeaf();
        for (var level = 0; level + 1 < levels.Count; level++)
        {
            if (levels[level].Count > 0)
                Lift(level);
        }
        if (levels[^1].Count > degree)
            Lift(levels.Count - 1);
        var summary = new QueryReadsMerkleSummary { MaxDegree = degree, MaxLevel = (uint)levels.Count };
        summary.MaxLevelHashes.Add(levels[^1].Select(hash => UnsafeByteOperations.UnsafeWrap(hash)));
        return summary;
    }

    private void AddLeaf()
    {
        hashed = true;
        levels[0].Add(SHA256.HashData(pending.ToByteArray()));
        pending = new QueryReads();
        for (var level = 0; levels[level].Count > degree; level++)
            Lift(level);
    }

    // One hash alone rises as it is.
    private void Lift(int level)
    {
        if (level + 1 == levels.Count)
            levels.Add([]);
        var hashes = levels[level];
        levels[level + 1].Add(hashes.Count == 1 ? hashes[0] : SHA256.HashData([.. hashes.SelectMany(hash => hash)]));
        hashes.Clear();
    }
}
