using Google.Protobuf;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.State;

/// <summary>What is kept beside a value, in the form in which Fabric's databases keep it: the entries of a metadata write.</summary>
internal static class KeyMetadata
{
    /// <summary>Name of the entry that holds a key's own endorsement policy.</summary>
    public const string Policy = "VALIDATION_PARAMETER";

    /// <summary>The stored form of entries; empty where there are none.</summary>
    public static ByteString Of(IEnumerable<KVMetadataEntry> entries) => new KVMetadataWrite { Entries = { entries } }.ToByteString();

    /// <summary>The entries of a stored form.</summary>
    public static IReadOnlyList<StateMetadata> Entries(ByteString stored) =>
        [.. KVMetadataWrite.Parser.ParseFrom(stored).Entries.Select(entry => new StateMetadata { Metakey = entry.Name, Value = entry.Value })];

    /// <summary>The key's own endorsement policy; null where the chaincode's or the collection's holds.</summary>
    public static ByteString? PolicyOf(ByteString? stored) => stored is null or { IsEmpty: true }
        ? null
        : KVMetadataWrite.Parser.ParseFrom(stored).Entries
            .LastOrDefault(entry => entry.Name == Policy)?.Value is { IsEmpty: false } policy ? policy : null;
}
