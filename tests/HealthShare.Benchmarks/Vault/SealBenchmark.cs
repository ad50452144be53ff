using System.Security.Cryptography;
using System.Text;
using HealthShare.Vault.Sealing;

namespace HealthShare.Benchmarks.Vault;

/// <summary>Sealing record keys for another member, against the bare elliptic-curve and AES work that cannot be left out.</summary>
internal sealed class SealBenchmark : IBenchmark
{
    private const int Envelopes = 1000;
    private const int Rounds = 7;

    public string Name => "seal";

    public string Summary => "envelopes of 10 record keys sealed and opened, against the bare ECDH and AES-256-GCM; one core";

    public async Task<IReadOnlyList<Measure>> RunAsync(BenchmarkSettings settings, TextWriter progress, CancellationToken ct)
    {
        Measurement.UseOneCore();
        using var member = SealingKeyPair.Create();
        using var peerKey = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var info = Encoding.UTF8.GetBytes("""{"accessId":"ac-1","v":1}""");
        EnvelopeKey[] keys = [.. Enumerable.Range(0, 10).Select(
            i => new EnvelopeKey($"rc-{i:D26}", RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(16)))];
        var (ours, peer) = await Measurement.ByTurnsAsync(() => SealAndOpen(member, keys, info), () => Bare(peerKey), settings.Rounds ?? Rounds,
            cleanUp: null, progress, ct);
        return [new("sealed and opened", "envelopes/s", Envelopes / ours, Envelopes / peer)];
    }

    private static Task SealAndOpen(SealingKeyPair member, EnvelopeKey[] keys, byte[] info)
    {
        for (var i = 0; i < Envelopes; i++)
        {
            var envelope = KeyEnvelope.Seal(keys, member.Public, info);
            if (KeyEnvelope.Open(envelope, member, info).Count != keys.Length)
                throw new InvalidOperationException("An envelope lost keys.");
        }
        return Task.CompletedTask;
    }

    /// <summary>
    /// An ephemeral key, its point imported where it arrives, an agreement on each side, an encryption and a decryption of as
    /// many bytes.
    /// </summary>
    private static Task Bare(ECDiffieHellman recipient)
    {
        var plaintext = new byte[1400];
        var (ciphertext, tag, nonce) = (new byte[plaintext.Length], new byte[16], new byte[12]);
        using var recipientPublic = recipient.PublicKey;
        for (var i = 0; i < Envelopes; i++)
        {
            using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            using var sender = new AesGcm(ephemeral.DeriveRawSecretAgreement(recipientPublic), 16);
            sender.Encrypt(nonce, plaintext, ciphertext, tag);
            using var arrived = ECDiffieHellman.Create(ephemeral.ExportParameters(includePrivateParameters: false));
            using var ephemeralPublic = arrived.PublicKey;
            using var receiver = new AesGcm(recipient.DeriveRawSecretAgreement(ephemeralPublic), 16);
            receiver.Decrypt(nonce, ciphertext, tag, plaintext);
        }
        return Task.CompletedTask;
    }
}
