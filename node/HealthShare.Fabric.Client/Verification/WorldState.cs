using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// The versions of all keys, as the valid transactions so far left them: what reads are held against. Values are kept only
/// where they say how to verify, so the memory needed grows with the number of keys, not with what they hold.
/// </summary>
internal sealed class WorldState
{
    private const string PolicyEntry = "VALIDATION_PARAMETER";
    private readonly Dictionary<string, PublicSpace> spaces = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Collection, ByteString KeyHash), KeyState> hashed = [];
    private readonly HashSet<(string Namespace, string Key)> writtenInBlock = [];
    private readonly HashSet<(string Namespace, string Collection, ByteString KeyHash)> hashWrittenInBlock = [];

    /// <summary>Forgets which keys the block before wrote: reads within a block see none of its writes.</summary>
    public void BeginBlock()
    {
        writtenInBlock.Clear();
        hashWrittenInBlock.Clear();
    }

    public KeyState? Find(string space, string key) => spaces.GetValueOrDefault(space)?.Keys.GetValueOrDefault(key);

    public KeyState? FindHashed(string space, string collection, ByteString keyHash) =>
        hashed.GetValueOrDefault((space, collection, keyHash));

    public bool WasWrittenInBlock(string space, string key) => writtenInBlock.Contains((space, key));

    public bool WasHashWrittenInBlock(string space, string collection, ByteString keyHash) =>
        hashWrittenInBlock.Contains((space, collection, keyHash));

    /// <summary>Keys from start (inclusive) to end, in order; an empty end is no end.</summary>
    public IEnumerable<(string Key, KeyVersion Version)> Range(string space, string start, string end, bool includeEnd)
    {
        if (!spaces.TryGetValue(space, out var found) || found.Order.Count == 0)
            yield break;
        var upper = end.Length == 0 ? found.Order.Max! : end;
        if (KeyOrder.Instance.Compare(start, upper) > 0)
            yield break;
        foreach (var key in found.Order.GetViewBetween(start, upper))
        {
            if (end.Length > 0 && !includeEnd && key == end)
                yield break;
            yield return (key, found.Keys[key].Version);
        }
    }

    /// <summary>Applies the writes of a valid transaction.</summary>
    public void Apply(IEnumerable<NamespaceRwSet> sets, KeyVersion version)
    {
        foreach (var set in sets)
        {
            ApplyPublic(set, version);
            foreach (var collection in set.Collections)
                ApplyHashed(set.Name, collection, version);
        }
    }

    private void ApplyPublic(NamespaceRwSet set, KeyVersion version)
    {
        if (set.Public.Writes.Count == 0 && set.Public.MetadataWrites.Count == 0)
            return;
        if (!spaces.TryGetValue(set.Name, out var space))
            spaces[set.Name] = space = new PublicSpace();
        var metadata = new Dictionary<string, ByteString?>(StringComparer.Ordinal);
        foreach (var write in set.Public.MetadataWrites)
            metadata[write.Key] = PolicyOf(write.Entries);
        foreach (var write in set.Public.Writes)
        {
            writtenInBlock.Add((set.Name, write.Key));
            if (write.IsDelete || write.Value.IsEmpty) // Fabric takes an empty value for a deletion
                space.Remove(write.Key);
            else
                space.Put(write.Key, new KeyState(version,
                    metadata.TryGetValue(write.Key, out var policy) ? policy : space.Keys.GetValueOrDefault(write.Key)?.Policy,
                    set.Name == ChaincodeDefinitions.Namespace ? write.Value : null));
            metadata.Remove(write.Key);
        }
        foreach (var (key, policy) in metadata)
        {
            if (space.Keys.TryGetValue(key, out var state)) // metadata of a key that is not there has no effect
            {
                writtenInBlock.Add((set.Name, key));
                space.Put(key, state with { Version = version, Policy = policy });
            }
        }
    }

    private void ApplyHashed(string space, CollectionRwSet collection, KeyVersion version)
    {
        var metadata = new Dictionary<ByteString, ByteString?>();
        foreach (var write in collection.Hashed.MetadataWrites)
            metadata[write.KeyHash] = PolicyOf(write.Entries);
        foreach (var write in collection.Hashed.HashedWrites)
        {
            var key = (space, collection.Name, write.KeyHash);
            hashWrittenInBlock.Add(key);
            if (write.IsDelete || write.ValueHash.IsEmpty)
                hashed.Remove(key);
            else
                hashed[key] = new KeyState(version,
                    metadata.TryGetValue(write.KeyHash, out var policy) ? policy : hashed.GetValueOrDefault(key)?.Policy, null);
            metadata.Remove(write.KeyHash);
        }
        foreach (var (keyHash, policy) in metadata)
        {
            var key = (space, collection.Name, keyHash);
            if (hashed.TryGetValue(key, out var state))
            {
                hashWrittenInBlock.Add(key);
                hashed[key] = state with { Version = version, Policy = policy };
            }
        }
    }

    private static ByteString? PolicyOf(IEnumerable<KVMetadataEntry> entries) =>
        entries.FirstOrDefault(entry => entry.Name == PolicyEntry)?.Value is { IsEmpty: false } policy ? policy : null;

    private sealed class PublicSpace
    {
        public Dictionary<string, KeyState> Keys { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Order { get; } = new(KeyOrder.Instance);

        public void Put(string key, KeyState state)
        {
            if (Keys.TryAdd(key, state))
                Order.Add(key);
            else
                Keys[key] = state;
        }

        public void Remove(string key)
        {
            if (Keys.Remove(key))
                Order.Remove(key);
        }
    }
}
