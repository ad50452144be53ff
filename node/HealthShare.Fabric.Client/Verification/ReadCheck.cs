using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Holds what a transaction read against the state it is committed to: a changed key is an MVCC conflict, a changed range a
/// phantom.
/// </summary>
internal static class ReadCheck
{
    /// <param name="sets">What the transaction read and wrote.</param>
    /// <param name="state">State after the transactions before it.</param>
    /// <param name="expires">
    /// Whether keys of a collection expire by themselves; then a version that differs proves nothing.
    /// </param>
    /// <returns>The verdict, and whether a read could not be judged.</returns>
    public static (Verdict Verdict, bool Unjudged) Run(
        IEnumerable<NamespaceRwSet> sets, WorldState state, Func<string, string, bool> expires)
    {
        var unjudged = false;
        foreach (var set in sets)
        {
            foreach (var read in set.Public.Reads)
            {
                if (state.WasWrittenInBlock(set.Name, read.Key) || state.Find(set.Name, read.Key)?.Version != VersionOf(read.Version))
                    return (new(TxValidationCode.MvccReadConflict, $"a key it read in '{set.Name}' had changed"), unjudged);
            }
            foreach (var query in set.Public.RangeQueriesInfo)
            {
                if (!SameRange(query, state.Range(set.Name, query.StartKey, query.EndKey, includeEnd: !query.ItrExhausted)))
                    return (new(TxValidationCode.PhantomReadConflict, $"a range it read in '{set.Name}' had changed"), unjudged);
            }
            foreach (var collection in set.Collections)
            {
                foreach (var read in collection.Hashed.HashedReads)
                {
                    if (!state.WasHashWrittenInBlock(set.Name, collection.Name, read.KeyHash)
                        && state.FindHashed(set.Name, collection.Name, read.KeyHash)?.Version == VersionOf(read.Version))
                        continue;
                    if (!expires(set.Name, collection.Name))
                        return (new(TxValidationCode.MvccReadConflict,
                            $"a private key it read in '{set.Name}' had changed"), unjudged);
                    unjudged = true;
                }
            }
        }
        return (Verdict.Valid, unjudged);
    }

    private static KeyVersion? VersionOf(Protocol.Ledger.KvRwSet.Version? version) =>
        version is null ? null : new(version.BlockNum, version.TxNum);

    private static bool SameRange(RangeQueryInfo query, IEnumerable<(string Key, KeyVersion Version)> now)
    {
        if (query.ReadsInfoCase == RangeQueryInfo.ReadsInfoOneofCase.ReadsMerkleHashes)
            return MerkleSummary.Of(now, query.ReadsMerkleHashes.MaxDegree) is { } summary
                && summary.Equals(query.ReadsMerkleHashes);
        var then = query.RawReads?.KvReads.Select(read => (read.Key, VersionOf(read.Version))) ?? [];
        return then.SequenceEqual(now.Select(entry => (entry.Key, (KeyVersion?)entry.Version)));
    }

    /// <summary>
    /// The summary in place of a long range's results: groups of results are hashed, groups of hashes hashed again, and the
    /// top level is kept. A group closes when it holds one more than the degree.
    /// </summary>
    private static class MerkleSummary
    {
        public static QueryReadsMerkleSummary? Of(IEnumerable<(string Key, KeyVersion Version)> results, uint degree)
        {
            if (degree < 2)
                return null;
            var levels = new List<List<byte[]>> { new() };
            var pending = new QueryReads();
            foreach (var (key, version) in results)
            {
                pending.KvReads.Add(new KVRead { Key = key, Version = new() { BlockNum = version.Block, TxNum = version.Transaction } });
                if (pending.KvReads.Count > degree)
                {
                    Add(levels, SHA256.HashData(pending.ToByteArray()), degree);
                    pending = new QueryReads();
                }
            }
            if (levels is [{ Count: 0 }])
                return null; // so few results are never summarized
            if (pending.KvReads.Count > 0)
                Add(levels, SHA256.HashData(pending.ToByteArray()), degree);
            Close(levels, degree);
            var summary = new QueryReadsMerkleSummary { MaxDegree = degree, MaxLevel = (uint)levels.Count };
            summary.MaxLevelHashes.Add(levels[^1].Select(hash => UnsafeByteOperations.UnsafeWrap(hash)));
            return summary;
        }

        private static void Add(List<List<byte[]>> levels, byte[] leaf, uint degree)
        {
            levels[0].Add(leaf);
            for (var level = 0; levels[level].Count > degree; level++)
            {
                if (level + 1 == levels.Count)
                    levels.Add([]);
                levels[level + 1].Add(Combine(levels[level]));
                levels[level].Clear();
            }
        }

        private static void Close(List<List<byte[]>> levels, uint degree)
        {
            for (var level = 0; level + 1 < levels.Count; level++)
            {
                var hashes = levels[level];
                if (hashes.Count == 0)
                    continue;
                levels[level + 1].Add(hashes.Count == 1 ? hashes[0] : Combine(hashes));
                hashes.Clear();
            }
            if (levels[^1].Count > degree)
            {
                var top = Combine(levels[^1]);
                levels[^1].Clear();
                levels.Add([top]);
            }
        }

        private static byte[] Combine(IEnumerable<byte[]> hashes)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var part in hashes)
                hash.AppendData(part);
            return hash.GetHashAndReset();
        }
    }
}
