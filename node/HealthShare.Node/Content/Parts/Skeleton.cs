using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Vault;

namespace HealthShare.Node.Content.Parts;

/// <summary>Where a part belongs in its whole.</summary>
/// <param name="At">Offset of its text in the whole, in bytes.</param>
/// <param name="Size">Length of the part itself, in bytes.</param>
/// <param name="Form">How it is spelled there.</param>
/// <param name="MediaType">What it is, such as <c>application/pdf</c>.</param>
/// <param name="Place">Its place in the message, such as <c>OBX[3]-5(1)</c>.</param>
internal sealed record PartPlace(int At, int Size, PayloadForm Form, string MediaType, string Place);

/// <summary>What a content says of the parts that were cut out of it.</summary>
/// <param name="Length">Length of the whole, in bytes.</param>
/// <param name="Parts">The parts, in their order.</param>
internal sealed record SkeletonHead(int Length, IReadOnlyList<PartPlace> Parts);

/// <summary>
/// A content without its parts: <c>HSSK</c>, version 1, three zero bytes, length of the head (4 bytes, big endian), the head in JSON, then all bytes of the whole that are no part's.
/// That a content is one is known from its having parts on the ledger, never from its bytes, which a sender may have chosen.
/// </summary>
internal sealed class Skeleton
{
    private const int PrefixBytes = 12;
    private const int LongestHead = 128 * 1024;
    private readonly ReadOnlyMemory<byte> rest;

    private Skeleton(SkeletonHead head, ReadOnlyMemory<byte> rest) => (Head, this.rest) = (head, rest);

    private static ReadOnlySpan<byte> Magic => "HSSK\u0001\0\0\0"u8;

    public SkeletonHead Head { get; }

    /// <summary>All bytes of the whole that are no part's.</summary>
    public ReadOnlyMemory<byte> Rest => rest;

    /// <summary>Takes the parts out.</summary>
    /// <param name="whole">The whole.</param>
    /// <param name="parts">The places of the parts, in their order.</param>
    public static byte[] Write(ReadOnlySpan<byte> whole, IReadOnlyList<PartPlace> parts)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(new SkeletonHead(whole.Length, parts), SkeletonJson.Default.SkeletonHead);
        var cut = parts.Sum(part => part.Form.TextLength(part.Size));
        var content = new byte[PrefixBytes + head.Length + whole.Length - (int)cut];
        Magic.CopyTo(content);
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(Magic.Length), head.Length);
        head.CopyTo(content.AsSpan(PrefixBytes));
        var (from, to) = (0, PrefixBytes + head.Length);
        foreach (var part in parts)
        {
            whole[from..part.At].CopyTo(content.AsSpan(to));
            to += part.At - from;
            from = part.At + (int)part.Form.TextLength(part.Size);
        }
        whole[from..].CopyTo(content.AsSpan(to));
        return content;
    }

    /// <summary>Reads what another hospital's node may have written: nothing in it is believed before it was checked.</summary>
    /// <exception cref="VaultException"><c>record.parts_malformed</c>.</exception>
    public static Skeleton Read(ReadOnlyMemory<byte> content, long longest)
    {
        var bytes = content.Span;
        if (bytes.Length < PrefixBytes || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadInt32BigEndian(bytes[Magic.Length..]) is not (> 0 and <= LongestHead and var length) || length > bytes.Length - PrefixBytes)
            throw Malformed();
        SkeletonHead? head;
        try
        {
            head = JsonSerializer.Deserialize(bytes.Slice(PrefixBytes, length), SkeletonJson.Default.SkeletonHead);
        }
        catch (JsonException)
        {
            throw Malformed(); // its words may hold content
        }
        var skeleton = new Skeleton(head ?? throw Malformed(), content[(PrefixBytes + length)..]);
        return skeleton.IsSound(longest) ? skeleton : throw Malformed();
    }

    private bool IsSound(long longest)
    {
        if (Head.Parts.Count is 0 or > RecordParts.Most || Head.Length < 0 || Head.Length > longest)
            return false;
        long end = 0, cut = 0;
        foreach (var part in Head.Parts)
        {
            if (part is not { Form.IsValid: true, Size: > 0 } || part.At < end || !MediaType.IsValid(part.MediaType) || !IsPlace(part.Place))
                return false;
            var text = part.Form.TextLength(part.Size);
            (end, cut) = (part.At + text, cut + text);
        }
        return end <= Head.Length && Head.Length - cut == rest.Length;
    }

    private static bool IsPlace(string place) => place.Length is > 0 and <= 40 && place.All(letter => letter is > ' ' and < '\x7f');

    private static VaultException Malformed() => new("record.parts_malformed", "What the record says of its parts is not as it should be.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false, MaxDepth = 8)]
[JsonSerializable(typeof(SkeletonHead))]
internal sealed partial class SkeletonJson : JsonSerializerContext;
