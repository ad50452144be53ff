using System.Formats.Asn1;
using System.Formats.Cbor;
using System.Numerics;
using System.Security.Cryptography;

namespace HealthShare.Policy.WebAuthn;

/// <summary>A P-256 public key that signs with ECDSA over SHA-256 (COSE algorithm −7, ES256).</summary>
public sealed class Es256PublicKey
{
    /// <summary>Longest COSE key that is read, in bytes; a key of this form takes 77.</summary>
    public const int MaxCoseBytes = 128;

    private const int CoordinateLength = 32;
    private const int KeyType = 1, Algorithm = 3, Curve = -1, X = -2, Y = -3;
    private const int Ec2 = 2, Es256 = -7, P256 = 1;

    // Order of the group (SEC 2, section 2.4.2): r and s lie between 1 and one less than it.
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    private readonly ECParameters parameters;

    private Es256PublicKey(ECParameters parameters) => this.parameters = parameters;

    /// <summary>Reads a COSE_Key (RFC 9053 section 7.1.1) in CTAP2 canonical CBOR, as WebAuthn writes it.</summary>
    /// <exception cref="PolicyException"><c>credential.key_malformed</c> or <c>credential.key_unsupported</c>.</exception>
    public static Es256PublicKey FromCose(ReadOnlyMemory<byte> cose)
    {
        if (cose.Length > MaxCoseBytes)
            throw Malformed("is too long");
        try
        {
            var (kind, algorithm, curve, x, y) = ReadCose(cose);
            if ((kind, algorithm, curve) is not (Ec2, Es256, P256))
                throw new PolicyException("credential.key_unsupported", "Only ES256 keys on P-256 are accepted.");
            if (x?.Length != CoordinateLength || y?.Length != CoordinateLength)
                throw Malformed("has no 32-byte coordinates");
            var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };
            // Importing checks that the point lies on the curve.
            ECDsa.Create(parameters).Dispose();
            return new Es256PublicKey(parameters);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or CryptographicException)
        {
            throw new PolicyException("credential.key_malformed", "The COSE key cannot be read.", e);
        }
    }

    /// <summary>
    /// True when <paramref name="signature"/> is in strict DER, has r and s in range and verifies. Both forms of s are
    /// accepted, as passkeys make both; so a signature must never serve as an id.
    /// </summary>
    /// <exception cref="PolicyException"><c>assertion.signature_malformed</c>.</exception>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlyMemory<byte> signature)
    {
        Span<byte> fixedForm = stackalloc byte[2 * CoordinateLength];
        ReadDer(signature, fixedForm);
        using var key = ECDsa.Create(parameters);
        return key.VerifyData(data, fixedForm, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static (int? Kind, int? Algorithm, int? Curve, byte[]? X, byte[]? Y) ReadCose(ReadOnlyMemory<byte> cose)
    {
        var reader = new CborReader(cose, CborConformanceMode.Ctap2Canonical);
        int? kind = null, algorithm = null, curve = null;
        byte[]? x = null, y = null;
        reader.ReadStartMap();
        while (reader.PeekState() is not CborReaderState.EndMap)
        {
            switch (reader.ReadInt32())
            {
                case KeyType: kind = reader.ReadInt32(); break;
                case Algorithm: algorithm = reader.ReadInt32(); break;
                case Curve: curve = reader.ReadInt32(); break;
                case X: x = reader.ReadByteString(); break;
                case Y: y = reader.ReadByteString(); break;
                default: throw Malformed("has a parameter that WebAuthn does not allow");
            }
        }
        reader.ReadEndMap();
        return reader.BytesRemaining == 0 ? (kind, algorithm, curve, x, y) : throw Malformed("is followed by other bytes");
    }

    private static void ReadDer(ReadOnlyMemory<byte> signature, Span<byte> fixedForm)
    {
        try
        {
            var outer = new AsnReader(signature, AsnEncodingRules.DER);
            var pair = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            WriteInRange(pair.ReadInteger(), fixedForm[..CoordinateLength]);
            WriteInRange(pair.ReadInteger(), fixedForm[CoordinateLength..]);
            pair.ThrowIfNotEmpty();
        }
        catch (AsnContentException e)
        {
            throw new PolicyException("assertion.signature_malformed", "The signature is not strict DER.", e);
        }
    }

    private static void WriteInRange(BigInteger number, Span<byte> target)
    {
        if (number.Sign <= 0 || number >= Order)
            throw new PolicyException("assertion.signature_malformed", "A number of the signature is out of range.");
        target.Clear();
        var length = number.GetByteCount(isUnsigned: true);
        number.TryWriteBytes(target[(CoordinateLength - length)..], out _, isUnsigned: true, isBigEndian: true);
    }

    private static PolicyException Malformed(string what) => new("credential.key_malformed", $"The COSE key {what}.");
}
