using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// ECDSA signatures in the form Fabric asks for: a DER sequence of r and s, with s in the lower half of the group order, so
/// that a third party cannot turn one valid signature into another.
/// </summary>
internal static class LowS
{
    private static readonly BigInteger P256Order = Order("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    private static readonly BigInteger P384Order = Order(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");
    private static readonly BigInteger P256HalfOrder = P256Order >> 1;
    private static readonly byte[] P256OrderBytes = P256Order.ToByteArray(isUnsigned: true, isBigEndian: true);
    private static readonly byte[] P256HalfOrderBytes = P256HalfOrder.ToByteArray(isUnsigned: true, isBigEndian: true);

    /// <summary>A signature in DER as a library made it, with low s.</summary>
    public static byte[] OfMade(ReadOnlySpan<byte> der) =>
        TryReadBytes(der, out _, out var s, out _) && IsBelow(s, P256HalfOrderBytes, orEqual: true) ? der.ToArray() : Normalize(der)!;

    /// <summary>Turns r || s, 32 bytes each on P-256, into DER with low s.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> fixedSize)
    {
        var half = fixedSize.Length / 2;
        var r = new BigInteger(fixedSize[..half], isUnsigned: true, isBigEndian: true);
        var s = new BigInteger(fixedSize[half..], isUnsigned: true, isBigEndian: true);
        return Write(r, s > P256HalfOrder ? P256Order - s : s);
    }

    /// <summary>
    /// Turns DER into r || s of 32 bytes each, as a peer reads it: high s is refused, bytes after the sequence are ignored.
    /// </summary>
    /// <param name="der">The signature.</param>
    /// <param name="fixedSize">Where r and s go, 64 bytes.</param>
    /// <param name="isPlain">Whether the DER holds r and s and nothing else, so that any library reads the same in it.</param>
    public static bool TryDecode(ReadOnlySpan<byte> der, Span<byte> fixedSize, out bool isPlain)
    {
        if (!TryReadBytes(der, out var r, out var s, out isPlain) || !IsBelow(r, P256OrderBytes) || !IsBelow(s, P256HalfOrderBytes, orEqual: true))
            return false;
        fixedSize.Clear();
        r.CopyTo(fixedSize[(32 - r.Length)..32]);
        s.CopyTo(fixedSize[(64 - s.Length)..]);
        return true;
    }

    /// <summary>Writes a signature in DER anew, with low s; null where the bytes are none on P-256.</summary>
    public static byte[]? Normalize(ReadOnlySpan<byte> der) =>
        TryRead(der, out var r, out var s) && r < P256Order && s < P256Order ? Write(r, s > P256HalfOrder ? P256Order - s : s) : null;

    /// <summary>
    /// The certificate's DER with its issuer's signature brought to low s, the form under which Fabric compares and hashes
    /// certificates. Anything but an ECDSA signature comes back as it is.
    /// </summary>
    public static byte[] NormalizeCertificate(byte[] certificate, ECParameters? issuerKey)
    {
        if (issuerKey is not { } key || OrderOf(key) is not { } order)
            return certificate;
        try
        {
            var outer = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
            var tbs = outer.ReadEncodedValue();
            var algorithm = outer.ReadEncodedValue();
            var signature = outer.ReadBitString(out _);
            if (!TryRead(signature, out var r, out var s) || s <= order >> 1)
                return certificate;
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(tbs.Span);
                writer.WriteEncodedValue(algorithm.Span);
                writer.WriteBitString(Write(r, order - s));
            }
            return writer.Encode();
        }
        catch (AsnContentException)
        {
            return certificate;
        }
    }

    private static BigInteger? OrderOf(ECParameters key) => key.Q.X?.Length switch
    {
        32 => P256Order,
        48 => P384Order,
        _ => null,
    };

    private static bool TryRead(ReadOnlySpan<byte> der, out BigInteger r, out BigInteger s)
    {
        var read = TryReadBytes(der, out var rBytes, out var sBytes, out _);
        (r, s) = (new BigInteger(rBytes, isUnsigned: true, isBigEndian: true), new BigInteger(sBytes, isUnsigned: true, isBigEndian: true));
        return read;
    }

    // Big-endian, without leading zeros; false where one of them is not positive.
    private static bool TryReadBytes(ReadOnlySpan<byte> der, out ReadOnlySpan<byte> r, out ReadOnlySpan<byte> s, out bool isPlain)
    {
        r = s = default;
        isPlain = false;
        try
        {
            // Elements after s, inside or outside the sequence, are ignored by Go's reader, hence by every peer.
            AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var start, out var length, out var end);
            var content = der.Slice(start, length);
            r = AsnDecoder.ReadIntegerBytes(content, AsnEncodingRules.DER, out var first);
            s = AsnDecoder.ReadIntegerBytes(content[first..], AsnEncodingRules.DER, out var second);
            isPlain = end == der.Length && first + second == length;
        }
        catch (AsnContentException)
        {
            return false;
        }
        if ((r[0] | s[0]) >= 0x80)
            return false;
        r = r.TrimStart((byte)0);
        s = s.TrimStart((byte)0);
        return !r.IsEmpty && !s.IsEmpty;
    }

    private static bool IsBelow(ReadOnlySpan<byte> value, ReadOnlySpan<byte> limit, bool orEqual = false)
    {
        var order = value.Length != limit.Length ? value.Length - limit.Length : value.SequenceCompareTo(limit);
        return order < 0 || (orEqual && order == 0);
    }

    private static byte[] Write(BigInteger r, BigInteger s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }
        return writer.Encode();
    }

    private static BigInteger Order(string hex) => new(Convert.FromHexString(hex), isUnsigned: true, isBigEndian: true);
}
