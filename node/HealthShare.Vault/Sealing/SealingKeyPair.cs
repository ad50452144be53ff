using System.Security.Cryptography;

namespace HealthShare.Vault.Sealing;

/// <summary>The key pair that a member's envelopes are opened with. Thread-safe.</summary>
public sealed class SealingKeyPair : IDisposable
{
    private readonly ECDiffieHellman key;

    private SealingKeyPair(ECDiffieHellman key)
    {
        this.key = key;
        Public = SealingPublicKey.FromPoint(P256Point.Export(key));
    }

    /// <summary>The half that others may have.</summary>
    public SealingPublicKey Public { get; }

    /// <summary>Makes a new pair.</summary>
    public static SealingKeyPair Create() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Restores a pair from the 32 bytes that <see cref="ExportPrivate"/> gave.</summary>
    /// <exception cref="VaultException"><c>sealing_key.invalid</c>: no private key of P-256.</exception>
    public static SealingKeyPair Import(ReadOnlySpan<byte> scalar) => P256Point.IsValidScalar(scalar)
        ? new(P256Point.ImportScalar(scalar))
        : throw new VaultException("sealing_key.invalid", "The private sealing key is not a scalar of P-256.");

    /// <summary>The private scalar, 32 bytes big-endian; wrap it before it is stored, zero it after.</summary>
    public byte[] ExportPrivate() => key.ExportParameters(includePrivateParameters: true).D!;

    internal HpkeContext Open(ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> info) => Hpke.SetupRecipient(key, encapsulated, info);

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();
}
