using System.Security.Cryptography;
using System.Text.Json;

namespace HealthShare.Vault.Sealing;

/// <summary>The key of one record on its way to another member.</summary>
/// <param name="Record">Record id, <c>rc-…</c>.</param>
/// <param name="Key">The 32-byte data key.</param>
/// <param name="Salt">The 16-byte salt of the ledger's commitment to it.</param>
public sealed record EnvelopeKey(string Record, byte[] Key, byte[] Salt)
{
    /// <summary>Names the record only: a key never reaches a log by way of this text.</summary>
    public override string ToString() => $"key of {Record}";
}

/// <summary>Record keys sealed with HPKE for one member; what crosses the ledger's private collection.</summary>
/// <remarks>
/// Wire form: JSON <c>{"v":1,"keyId","enc","ciphertext"}</c>, binary values base64url. The plaintext is JSON
/// <c>{"v":1,"keys":[{"record","key","salt"}]}</c>. HPKE's info is the release that the caller vouches for (canonical JSON);
/// its associated data is empty. An envelope proves nothing about its sender: the ledger says who released, and the
/// commitment on the ledger says which key is right.
/// </remarks>
public static class KeyEnvelope
{
    /// <summary>Most keys in one envelope.</summary>
    public const int MaxKeys = 1000;

    /// <summary>Longest envelope that is read, in bytes.</summary>
    public const int MaxSize = 512 * 1024;

    /// <summary>Seals keys for a member.</summary>
    /// <param name="keys">1 to 1,000 keys.</param>
    /// <param name="recipient">The member's sealing key, as the ledger holds it.</param>
    /// <param name="info">Canonical JSON of the release; the recipient must hold the same bytes to open.</param>
    public static byte[] Seal(IReadOnlyList<EnvelopeKey> keys, SealingPublicKey recipient, ReadOnlySpan<byte> info)
    {
        if (keys.Count is 0 or > MaxKeys)
            throw new ArgumentException($"An envelope holds 1 to {MaxKeys} keys, not {keys.Count}.", nameof(keys));
        if (keys.Any(key => !IsWellFormed(key)))
            throw new ArgumentException("Each key has a record id, 32 bytes of key and 16 bytes of salt.", nameof(keys));
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(new EnvelopeContent(1, keys), EnvelopeJson.Default.EnvelopeContent);
        try
        {
            var (encapsulated, context) = Hpke.SetupSender(recipient.Point, info);
            using (context)
            {
                var wire = new EnvelopeWire(1, recipient.KeyId, encapsulated, context.Seal([], plaintext));
                return JsonSerializer.SerializeToUtf8Bytes(wire, EnvelopeJson.Default.EnvelopeWire);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Opens an envelope. The caller checks each key against the ledger's commitment and zeroes it after use.</summary>
    /// <param name="envelope">The bytes as delivered.</param>
    /// <param name="recipient">The pair whose key id the envelope names.</param>
    /// <param name="info">The same bytes as at sealing, rebuilt from the ledger, never taken from the sender.</param>
    /// <exception cref="VaultException"><c>envelope.malformed</c>, <c>envelope.other_key</c>,
    /// <c>envelope.invalid_point</c> or <c>envelope.not_authentic</c>.</exception>
    public static IReadOnlyList<EnvelopeKey> Open(ReadOnlySpan<byte> envelope, SealingKeyPair recipient, ReadOnlySpan<byte> info)
    {
        var wire = Read(envelope);
        if (wire.KeyId != recipient.Public.KeyId)
            throw new VaultException("envelope.other_key", $"The envelope is sealed for another key than {recipient.Public.KeyId}.");
        using var context = recipient.Open(wire.Enc, info);
        var plaintext = context.Open([], wire.Ciphertext);
        try
        {
            var content = JsonSerializer.Deserialize(plaintext, EnvelopeJson.Default.EnvelopeContent);
            return content is { V: 1, Keys.Count: > 0 and <= MaxKeys } && content.Keys.All(IsWellFormed)
                ? content.Keys
                : throw new VaultException("envelope.malformed", "The envelope's content is not a list of record keys of version 1.");
        }
        catch (JsonException)
        {
            // Without the inner exception: its message could quote the plaintext.
            throw new VaultException("envelope.malformed", "The envelope's content is not JSON of the agreed form.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>The id of the sealing key that an envelope is for.</summary>
    /// <exception cref="VaultException"><c>envelope.malformed</c>.</exception>
    public static string KeyIdOf(ReadOnlySpan<byte> envelope) => Read(envelope).KeyId;

    private static EnvelopeWire Read(ReadOnlySpan<byte> envelope)
    {
        if (envelope.Length > MaxSize)
            throw new VaultException("envelope.malformed", $"The envelope is longer than {MaxSize} bytes.");
        try
        {
            return JsonSerializer.Deserialize(envelope, EnvelopeJson.Default.EnvelopeWire) is { V: 1 } wire
                ? wire
                : throw new VaultException("envelope.malformed", "The envelope is not of version 1.");
        }
        catch (JsonException e)
        {
            throw new VaultException("envelope.malformed", "The envelope is not JSON of the agreed form.", e);
        }
    }

    private static bool IsWellFormed(EnvelopeKey? key) =>
        key is { Record.Length: > 0 and <= 128, Key.Length: Keys.SecretKey.Size, Salt.Length: Records.RecordKeyCommitment.SaltSize };
}
