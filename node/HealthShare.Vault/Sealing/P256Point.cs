using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace HealthShare.Vault.Sealing;

/// <summary>The uncompressed form of a P-256 point (SEC 1, section 2.3.3) and its validation.</summary>
internal static class P256Point
{
    public const int Size = 65;
    public const int ScalarSize = 32;

    private static readonly BigInteger P = Hex("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Hex("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    private static readonly BigInteger N = Hex("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    /// <summary>True for a point on the curve in the one accepted form. P-256 has cofactor 1: no small subgroups to refuse.</summary>
    public static bool IsValid(ReadOnlySpan<byte> point)
    {
        if (point.Length != Size || point[0] != 4)
            return false;
        var x = new BigInteger(point[1..33], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(point[33..], isUnsigned: true, isBigEndian: true);
        // Partial public-key validation of SP 800-56A, as RFC 9180, section 7.1.4, asks.
        return x < P && y < P && (y * y - (x * x * x - 3 * x + B)) % P == 0;
    }

    public static bool IsValidScalar(ReadOnlySpan<byte> scalar)
    {
        var value = new BigInteger(scalar, isUnsigned: true, isBigEndian: true);
        return scalar.Length == ScalarSize && !value.IsZero && value < N;
    }

    /// <summary>Imports a validated point.</summary>
    public static ECDiffieHellman Import(ReadOnlySpan<byte> point) => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new() { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
    });

    public static ECDiffieHellman ImportScalar(ReadOnlySpan<byte> scalar)
    {
        var d = scalar.ToArray();
        try
        {
            return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    public static byte[] Export(ECDiffieHellman key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    private static BigInteger Hex(string text) => BigInteger.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
