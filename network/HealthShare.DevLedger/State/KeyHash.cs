using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace HealthShare.DevLedger.State;

/// <summary>SHA-256 of private keys and values, as read-write sets carry them.</summary>
internal static class KeyHash
{
    public static ByteString Of(string key) => UnsafeByteOperations.UnsafeWrap(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public static ByteString Of(ByteString value) => UnsafeByteOperations.UnsafeWrap(SHA256.HashData(value.Span));

    /// <summary>Name of a hashed key in a <see cref="SpaceKind.Hashed"/> space.</summary>
    public static string Name(ByteString keyHash) => Convert.ToHexStringLower(keyHash.Span);
}
