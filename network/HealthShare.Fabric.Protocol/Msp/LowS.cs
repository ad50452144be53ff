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

    /// <summary>Turns r || s, 32 bytes each on P-256, into DER with low s.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> fixedSize)
    {
        var r = fixedSize[..32].TrimStart((byte)0);
        var high = fixedSize[32..];
        Span<byte> low = stackalloc byte[32];
        scoped var s = high;
        if (!IsBelow(high.TrimStart((byte)0), P256HalfOrderBytes, orEqual: true))
        {
            Subtract(P256OrderBytes, high, low);
            s = low;
        }
        s = s.TrimStart((byte)0);
        var (lengthOfR, lengthOfS) = (LengthOf(r), LengthOf(s));
        var der = new byte[6 + lengthOfR + lengthOfS];
        (der[0], der[1]) = (0x30, (byte)(4 + lengthOfR + lengthOfS));
        WriteInteger(der.AsSpan(2), r, lengthOfR);
        WriteInteger(der.AsSpan(4 + lengthOfR), s, lengthOfS);
        return der;
    }

    /// <summary>
    /// Turns DER into r || s of 32 bytes each, as a peer reads it: high s is refused, bytes after the sequence are ignored.
    /// </summary>
    /// <param name="der">The signature.</param>
    /// <param name="fixedSize">Where r and s go, 64 bytes.</param>
    public static bool TryDecode(ReadOnlySpan<byte> der, Span<byte> fixedSize)
    {
        if (!TryReadBytes(der, out var r, out var s) || !IsBelow(r, P256OrderBytes) || !IsBelow(s, P256HalfOrderBytes, orEqual: true))
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
        var read = TryReadBytes(der, out var rBytes, out var sBytes);
        (r, s) = (new BigInteger(rBytes, isUnsigned: true, isBigEndian: true), new BigInteger(sBytes, isUnsigned: true, isBigEndian: true));
        return read;
    }

    // Big-endian, without leading zeros; false where one of them is not positive.
    private static bool TryReadBytes(ReadOnlySpan<byte> der, out ReadOnlySpan<byte> r, out ReadOnlySpan<byte> s)
    {
        r = s = default;
        try
        {
            // Elements after s, inside or outside the sequence, are ignored by Go's reader, hence by every peer.
            AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var start, out var length, out _);
            var content = der.Slice(start, length);
            r = AsnDecoder.ReadIntegerBytes(content, AsnEncodingRules.DER, out var first);
            s = AsnDecoder.ReadIntegerBytes(content[first..], AsnEncodingRules.DER, out _);
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

    // A number without leading zeros takes one more byte where its first bit would make it negative; zero itself takes one.
    private static int LengthOf(ReadOnlySpan<byte> number) => number.Length + (number.IsEmpty || number[0] >= 0x80 ? 1 : 0);

    private static void WriteInteger(Span<byte> to, ReadOnlySpan<byte> number, int length)
    {
        (to[0], to[1]) = (0x02, (byte)length);
        number.CopyTo(to[(2 + length - number.Length)..]);
    }

    private static void Subtract(ReadOnlySpan<byte> from, ReadOnlySpan<byte> what, Span<byte> difference)
    {
        for (var (i, borrow) = (from.Length - 1, 0); i >= 0; i--)
        {
            var digit = from[i] - what[i] - borrow;
            borrow = digit < 0 ? 1 : 0;
            difference[i] = (byte)digit;
        }
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
