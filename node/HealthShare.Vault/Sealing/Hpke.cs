using System.Security.Cryptography;

namespace HealthShare.Vault.Sealing;

/// <summary>
/// HPKE, RFC 9180, base mode, one suite: DHKEM(P-256, HKDF-SHA256) 0x0010, HKDF-SHA256 0x0001, AES-256-GCM 0x0002.
/// </summary>
internal static class Hpke
{
    private static ReadOnlySpan<byte> KemSuite => [(byte)'K', (byte)'E', (byte)'M', 0x00, 0x10];

    private static ReadOnlySpan<byte> Suite => [(byte)'H', (byte)'P', (byte)'K', (byte)'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x02];

    /// <summary>SetupBaseS: a fresh shared key for the holder of <paramref name="recipient"/>.</summary>
    public static (byte[] Encapsulated, HpkeContext Context) SetupSender(ReadOnlySpan<byte> recipient, ReadOnlySpan<byte> info)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return SetupSender(ephemeral, recipient, info);
    }

    /// <summary>SetupBaseS with a given ephemeral key, which must never be used twice.</summary>
    internal static (byte[] Encapsulated, HpkeContext Context) SetupSender(ECDiffieHellman ephemeral, ReadOnlySpan<byte> recipient,
        ReadOnlySpan<byte> info)
    {
        var encapsulated = P256Point.Export(ephemeral);
        using var other = P256Point.Import(Validated(recipient));
        return (encapsulated, Schedule(ephemeral, other, encapsulated, recipient, info));
    }

    /// <summary>SetupBaseR: the same shared key from the encapsulated one.</summary>
    /// <exception cref="VaultException"><c>envelope.invalid_point</c>.</exception>
    public static HpkeContext SetupRecipient(ECDiffieHellman recipient, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> info)
    {
        using var other = P256Point.Import(Validated(encapsulated));
        return Schedule(recipient, other, encapsulated, P256Point.Export(recipient), info);
    }

    /// <summary>DeriveKeyPair (section 7.1.3): the private scalar that belongs to some input keying material.</summary>
    public static byte[] DeriveScalar(ReadOnlySpan<byte> keyingMaterial)
    {
        var prk = LabeledExtract(KemSuite, [], "dkp_prk"u8, keyingMaterial);
        for (var counter = 0; counter < 256; counter++)
        {
            var scalar = LabeledExpand(KemSuite, prk, "candidate"u8, [(byte)counter], P256Point.ScalarSize);
            if (P256Point.IsValidScalar(scalar))
                return scalar;
        }
        throw new CryptographicException("No private key could be derived.");
    }

    private static ReadOnlySpan<byte> Validated(ReadOnlySpan<byte> point) => P256Point.IsValid(point)
        ? point
        : throw new VaultException("envelope.invalid_point", "The key is not an uncompressed point on P-256.");

    private static HpkeContext Schedule(ECDiffieHellman own, ECDiffieHellman other, ReadOnlySpan<byte> encapsulated,
        ReadOnlySpan<byte> recipient, ReadOnlySpan<byte> info)
    {
        using var otherKey = other.PublicKey;
        var dh = own.DeriveRawSecretAgreement(otherKey);
        var prk = LabeledExtract(KemSuite, [], "eae_prk"u8, dh);
        var shared = LabeledExpand(KemSuite, prk, "shared_secret"u8, [.. encapsulated, .. recipient], 32);

        // KeySchedule, mode base: no pre-shared key and no id of one.
        byte[] context = [0, .. LabeledExtract(Suite, [], "psk_id_hash"u8, []), .. LabeledExtract(Suite, [], "info_hash"u8, info)];
        var secret = LabeledExtract(Suite, shared, "secret"u8, []);
        var key = LabeledExpand(Suite, secret, "key"u8, context, 32);
        var nonce = LabeledExpand(Suite, secret, "base_nonce"u8, context, 12);
        try
        {
            return new HpkeContext(key, nonce);
        }
        finally
        {
            foreach (var used in new[] { dh, prk, shared, secret, key })
                CryptographicOperations.ZeroMemory(used);
        }
    }

    private static byte[] LabeledExtract(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> keyingMaterial)
    {
        byte[] labeled = [.. "HPKE-v1"u8, .. suite, .. label, .. keyingMaterial];
        var prk = new byte[32];
        HKDF.Extract(HashAlgorithmName.SHA256, labeled, salt, prk);
        CryptographicOperations.ZeroMemory(labeled);
        return prk;
    }

    private static byte[] LabeledExpand(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length)
    {
        var output = new byte[length];
        HKDF.Expand(HashAlgorithmName.SHA256, prk, output, [0, (byte)length, .. "HPKE-v1"u8, .. suite, .. label, .. info]);
        return output;
    }
}
