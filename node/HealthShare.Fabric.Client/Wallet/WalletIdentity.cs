using System.Text.Json.Serialization;

namespace HealthShare.Fabric.Client;

/// <summary>An identity as a wallet keeps it.</summary>
/// <param name="MspId">MSP id of the member.</param>
/// <param name="CertificatePem">The certificate, in PEM.</param>
/// <param name="PrivateKeyPem">Its private key, in PEM, not encrypted.</param>
public sealed record WalletIdentity(string MspId, string CertificatePem, string PrivateKeyPem)
{
    /// <summary>The member only; never the key.</summary>
    public override string ToString() => $"identity of {MspId}";
}

// The names and values are those of the SDKs' file system wallets.
internal sealed record WalletFile(WalletCredentials Credentials, string MspId, string Type, int Version);

internal sealed record WalletCredentials(string Certificate, string? PrivateKey = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WalletFile))]
internal sealed partial class WalletJson : JsonSerializerContext;
