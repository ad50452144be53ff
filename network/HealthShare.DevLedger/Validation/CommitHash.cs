using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.DevLedger.State;

namespace HealthShare.DevLedger.Validation;

/// <summary>
/// The hash that chains a peer's view of the blocks: validation flags and public and hashed writes of a block over the hash of
/// the block before. Peers that agree on it agree on the state.
/// </summary>
internal static class CommitHash
{
    // Fields of the message that the writes are hashed as; it is private to peers and not among the published ones.
    private const uint NamespaceTag = (1 << 3) | 2, CollectionTag = (2 << 3) | 2, KeyTag = (3 << 3) | 2, DeleteTag = 4 << 3;
    private const uint ValueTag = (5 << 3) | 2, VersionTag = (6 << 3) | 2, WriteTag = (1 << 3) | 2;
    private const int TagSize = 1, DeleteSize = 2;

    /// <summary>Hash of a block.</summary>
    /// <param name="flags">Validation code of each transaction.</param>
    /// <param name="writes">Writes of the block, the last one of each key.</param>
    /// <param name="previous">Hash of the block before; empty for block 1.</param>
    public static byte[] Of(ReadOnlySpan<byte> flags, IEnumerable<StateWrite> writes, ReadOnlySpan<byte> previous)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            output.WriteBytes(ByteString.CopyFrom(flags));
            var (chaincode, collection) = ("", "");
            foreach (var write in Ordered(writes))
            {
                var newChaincode = write.Space.Chaincode != chaincode;
                var newCollection = newChaincode ? write.Space.Collection.Length > 0 : write.Space.Collection != collection;
                (chaincode, collection) = (write.Space.Chaincode, write.Space.Collection);
                output.WriteTag(WriteTag);
                Encode(output, write, newChaincode, newCollection);
            }
        }
        buffer.Write(previous);
        return SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static IEnumerable<StateWrite> Ordered(IEnumerable<StateWrite> writes) => writes
        .Where(write => write.Space.Kind is not SpaceKind.Private)
        .OrderBy(write => write.Space.Chaincode, KeyOrder.Utf8)
        .ThenBy(write => write.Space.Collection, KeyOrder.Utf8)
        .ThenBy(write => write.Key, KeyOrder.Utf8);

    private static void Encode(CodedOutputStream output, StateWrite write, bool withChaincode, bool withCollection)
    {
        var chaincode = withChaincode ? ByteString.CopyFromUtf8(write.Space.Chaincode) : null;
        var collection = withCollection ? ByteString.CopyFromUtf8(write.Space.Collection) : null;
        var key = write.Space.Kind is SpaceKind.Hashed
            ? ByteString.CopyFrom(Convert.FromHexString(write.Key))
            : ByteString.CopyFromUtf8(write.Key);
        var version = VersionBytes(write.Version);
        output.WriteLength(SizeOf(chaincode) + SizeOf(collection) + SizeOf(key) + (write.Value is null ? DeleteSize : SizeOf(write.Value)) + SizeOf(version));
        Field(output, NamespaceTag, chaincode);
        Field(output, CollectionTag, collection);
        Field(output, KeyTag, key);
        if (write.Value is null)
        {
            output.WriteTag(DeleteTag);
            output.WriteBool(true);
        }
        Field(output, ValueTag, write.Value);
        Field(output, VersionTag, version);
    }

    private static int SizeOf(ByteString? value) => value is null ? 0 : TagSize + CodedOutputStream.ComputeBytesSize(value);

    private static void Field(CodedOutputStream output, uint tag, ByteString? value)
    {
        if (value is null)
            return;
        output.WriteTag(tag);
        output.WriteBytes(value);
    }

    // Each number as its length in bytes followed by its big-endian bytes without leading zeros.
    private static ByteString VersionBytes(StateVersion version)
    {
        Span<byte> bytes = stackalloc byte[18];
        Span<byte> whole = stackalloc byte[8];
        var length = 0;
        foreach (var number in (ReadOnlySpan<ulong>)[version.Block, version.Transaction])
        {
            BinaryPrimitives.WriteUInt64BigEndian(whole, number);
            var significant = whole.TrimStart((byte)0);
            bytes[length++] = (byte)significant.Length;
            significant.CopyTo(bytes[length..]);
            length += significant.Length;
        }
        return ByteString.CopyFrom(bytes[..length]);
    }
}
