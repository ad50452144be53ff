using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Intake;

/// <summary>What the intake derives from the node's own key: its look-ups, its record ids and its journal's cipher. Thread-safe.</summary>
internal sealed class IntakeKeys(NodeKeys node) : IDisposable
{
    // Opened at first use: the node's keys are there once it has started.
    private readonly Lazy<SecretKey> lookup = new(() => node.Subkey("intake-lookup"));
    private readonly Lazy<PayloadCipher> payloads = new(() => new PayloadCipher(node.Subkey("intake-payload")));

    /// <summary>Cipher of the journal.</summary>
    public PayloadCipher Payloads => payloads.Value;

    /// <summary>Keyed hash of parts, none of which can run into the next.</summary>
    public byte[] Hash(string purpose, params ReadOnlySpan<byte[]> parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, lookup.Value.Bytes);
        Append(hmac, Encoding.UTF8.GetBytes(purpose));
        foreach (var part in parts)
            Append(hmac, part);
        return hmac.GetHashAndReset();
    }

    /// <summary>The record id of a message: the same message always gets the same one, and nobody else can compute it.</summary>
    public string RecordId(byte[] messageKey, byte[] contentKey) =>
        LedgerId.From(IdKind.Record, Hash("record-id", messageKey, contentKey).AsSpan(0, 16));

    public void Dispose()
    {
        if (lookup.IsValueCreated)
            lookup.Value.Dispose();
        if (payloads.IsValueCreated)
            payloads.Value.Dispose();
    }

    private static void Append(IncrementalHash hmac, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hmac.AppendData(length);
        hmac.AppendData(part);
    }
}
