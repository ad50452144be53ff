using Google.Protobuf;

namespace HealthShare.DevLedger.State;

/// <summary>What a name space of the world state holds.</summary>
internal enum SpaceKind
{
    /// <summary>Public keys and values of a chaincode.</summary>
    Public,
    /// <summary>Hashes of a collection's keys (lower-case hex) and values.</summary>
    Hashed,
    /// <summary>A collection's keys and values, readable at its members only.</summary>
    Private,
}

/// <summary>Name of a name space: chaincode, and collection where it is one of private data.</summary>
internal readonly record struct SpaceName(SpaceKind Kind, string Chaincode, string Collection)
{
    public static SpaceName Public(string chaincode) => new(SpaceKind.Public, chaincode, "");

    public static SpaceName Hashed(string chaincode, string collection) => new(SpaceKind.Hashed, chaincode, collection);

    public static SpaceName Private(string chaincode, string collection) => new(SpaceKind.Private, chaincode, collection);
}

/// <summary>One write of a valid transaction; a null value removes the key.</summary>
internal sealed record StateWrite(SpaceName Space, string Key, ByteString? Value, StateVersion Version)
{
    /// <summary>What is kept beside the value from now on, as <see cref="KeyMetadata"/> lays it out; empty for nothing.</summary>
    public ByteString Metadata { get; init; } = ByteString.Empty;
}
