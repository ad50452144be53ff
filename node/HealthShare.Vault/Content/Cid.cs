using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HealthShare.Vault.Content;

/// <summary>What the bytes behind a CID are.</summary>
public enum CidCodec
{
    /// <summary>The content itself (multicodec 0x55).</summary>
    Raw = 0x55,

    /// <summary>A node that lists the parts of the content (multicodec 0x70).</summary>
    DagPb = 0x70,
}

/// <summary>An IPFS content id: CIDv1, SHA-256, in lower-case base32 (<c>bafk…</c> raw, <c>bafy…</c> dag-pb).</summary>
public sealed class Cid : IEquatable<Cid>
{
    /// <summary>Bytes of the binary form.</summary>
    internal const int Size = 4 + DigestSize;

    private const int DigestSize = SHA256.HashSizeInBytes;
    private const byte Version = 1;
    private const byte Sha256Code = 0x12;
    private readonly byte[] bytes;
    private readonly string text;

    private Cid(byte[] bytes)
    {
        this.bytes = bytes;
        text = "b" + Base32.Encode(bytes);
    }

    /// <summary>What the hashed block is.</summary>
    public CidCodec Codec => (CidCodec)bytes[1];

    /// <summary>SHA-256 of the block, 32 bytes.</summary>
    public ReadOnlySpan<byte> Digest => bytes.AsSpan(4);

    /// <summary>The binary form: version, codec, hash code, hash length, digest.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Makes a CID from a digest.</summary>
    /// <exception cref="ArgumentException">The digest is not 32 bytes long.</exception>
    public static Cid FromDigest(CidCodec codec, ReadOnlySpan<byte> digest) => digest.Length == DigestSize
        ? new([Version, (byte)codec, Sha256Code, DigestSize, .. digest])
        : throw new ArgumentException("A digest is 32 bytes long.", nameof(digest));

    /// <summary>The CID of a block.</summary>
    public static Cid Of(CidCodec codec, ReadOnlySpan<byte> block) => FromDigest(codec, SHA256.HashData(block));

    /// <summary>True when the block hashes to this CID.</summary>
    public bool Matches(ReadOnlySpan<byte> block) => SHA256.HashData(block).AsSpan().SequenceEqual(Digest);

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">Not a CIDv1 with SHA-256 and a known codec, in canonical lower-case base32.</exception>
    public static Cid Parse(string text) => TryParse(text, out var cid)
        ? cid
        : throw new FormatException("Not a CIDv1 in base32 with SHA-256, raw or dag-pb.");

    /// <summary>Reads the text form; false for anything but its one canonical spelling.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Cid? cid)
    {
        cid = null;
        if (text is not { Length: 59 } || text[0] != 'b' || !Base32.TryDecode(text.AsSpan(1), out var bytes)
            || bytes is not [Version, (byte)CidCodec.Raw or (byte)CidCodec.DagPb, Sha256Code, DigestSize, ..])
            return false;
        cid = new Cid(bytes);
        return true;
    }

    /// <summary>Reads the binary form; false for anything but a CIDv1 with SHA-256 and a known codec.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Cid? cid)
    {
        var known = bytes.Length == Size && bytes is [Version, (byte)CidCodec.Raw or (byte)CidCodec.DagPb, Sha256Code, DigestSize, ..];
        cid = known ? new Cid(bytes.ToArray()) : null;
        return known;
    }

    /// <inheritdoc/>
    public bool Equals(Cid? other) => other is not null && bytes.AsSpan().SequenceEqual(other.bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Cid);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(bytes, 4);

    /// <inheritdoc/>
    public override string ToString() => text;
}
