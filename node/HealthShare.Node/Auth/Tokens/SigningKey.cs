using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace HealthShare.Node.Auth.Tokens;

/// <summary>One public key of the provider, for the one algorithm that its kind has here.</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="Algorithm"><c>RS256</c> or <c>ES256</c>.</param>
/// <param name="Verify">Checks a signature (RFC 7518 sections 3.3 and 3.4) over bytes.</param>
internal sealed record SigningKey(string Id, string Algorithm, Func<byte[], byte[], bool> Verify)
{
    private const int LeastRsaBits = 2048, MostRsaBits = 8192, Es256SignatureLength = 64;

    /// <summary>Reads a JWK; null for one that is not for checking RS256 or ES256 signatures.</summary>
    public static SigningKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind is not JsonValueKind.Object || Text(jwk, "kid") is not { Length: >= 1 and <= 200 } id
            || Text(jwk, "use") is not (null or "sig") || !MayVerify(jwk))
            return null;
        try
        {
            return (Text(jwk, "kty"), Text(jwk, "alg")) switch
            {
                ("RSA", null or "RS256") => Rsa(id, Bytes(jwk, "n"), Bytes(jwk, "e")),
                ("EC", null or "ES256") when Text(jwk, "crv") == "P-256" => Ec(id, Bytes(jwk, "x"), Bytes(jwk, "y")),
                _ => null,
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static SigningKey? Rsa(string id, byte[] modulus, byte[] exponent)
    {
        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        using (var rsa = RSA.Create(parameters))
        {
            if (rsa.KeySize is < LeastRsaBits or > MostRsaBits)
                return null;
        }
        return new SigningKey(id, "RS256", (data, signature) =>
        {
            using var rsa = RSA.Create(parameters);
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        });
    }

    private static SigningKey Ec(string id, byte[] x, byte[] y)
    {
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };
        ECDsa.Create(parameters).Dispose(); // on the curve
        return new SigningKey(id, "ES256", (data, signature) =>
        {
            if (signature.Length != Es256SignatureLength)
                return false;
            using var ec = ECDsa.Create(parameters);
            return ec.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        });
    }

    private static bool MayVerify(JsonElement jwk) => !jwk.TryGetProperty("key_ops", out var operations)
        || (operations.ValueKind is JsonValueKind.Array && operations.EnumerateArray().Any(one => one.ValueKind is JsonValueKind.String && one.GetString() == "verify"));

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static byte[] Bytes(JsonElement jwk, string name) =>
        Base64Url.DecodeFromChars(Text(jwk, name) ?? throw new FormatException($"The key has no {name}."));
}
