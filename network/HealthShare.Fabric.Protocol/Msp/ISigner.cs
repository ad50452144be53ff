namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// Signs with a key that lives somewhere else than in this library: a hardware module, an agent, a service. Called from many threads
/// at once. A signer that implements <see cref="IDisposable"/> is disposed with its <see cref="SigningIdentity"/>.
/// </summary>
public interface ISigner
{
    /// <summary>Signs a SHA-256 hash with an ECDSA key on P-256.</summary>
    /// <param name="hash">32 bytes.</param>
    /// <returns>The signature as a DER sequence of r and s, or as r and s of 32 bytes each; s high or low.</returns>
    byte[] SignHash(ReadOnlySpan<byte> hash);
}
