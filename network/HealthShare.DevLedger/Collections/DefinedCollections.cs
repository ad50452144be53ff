using System.Runtime.CompilerServices;
using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Fabric.Protocol.Peer.Lifecycle;

namespace HealthShare.DevLedger.Collections;

/// <summary>The collections that chaincode definitions of one state name. Read once for each change of any definition.</summary>
internal sealed class DefinedCollections
{
    /// <summary>Field of a chaincode's definition.</summary>
    public const string Field = "Collections";

    private static readonly ConditionalWeakTable<StateSpace, DefinedCollections> Read = [];
    private readonly Dictionary<(string Chaincode, string Name), Collection> byName = [];

    private DefinedCollections(StateSpace lifecycle)
    {
        var prefix = Lifecycle.MetadataKey("");
        foreach (var chaincode in lifecycle.Range(prefix, prefix + char.MaxValue).Select(entry => entry.Key[prefix.Length..]))
        {
            foreach (var config in Package(lifecycle, chaincode).Config)
            {
                var collection = Collection.Of(chaincode, config.StaticCollectionConfig);
                byName.Add((chaincode, collection.Name), collection);
            }
        }
        Timed = [.. byName.Values.Where(collection => collection.BlockToLive > 0)];
    }

    /// <summary>Those whose values are kept for a number of blocks only.</summary>
    public IReadOnlyList<Collection> Timed { get; }

    public static DefinedCollections In(WorldState state) =>
        Read.GetValue(state.Space(SpaceName.Public(Lifecycle.Namespace)), lifecycle => new DefinedCollections(lifecycle));

    /// <summary>A chaincode's collections as its definition has them; empty where there are none.</summary>
    public static CollectionConfigPackage Package(StateSpace lifecycle, string chaincode) =>
        lifecycle.Get(Lifecycle.FieldKey(chaincode, Field)) is { } entry ? Package(entry.Value) : new CollectionConfigPackage();

    /// <summary>Collections from the field of a definition that holds them.</summary>
    public static CollectionConfigPackage Package(ByteString field) =>
        CollectionConfigPackage.Parser.ParseFrom(StateData.Parser.ParseFrom(field).Bytes);

    public Collection? Find(string chaincode, string name) => byName.GetValueOrDefault((chaincode, name));
}
