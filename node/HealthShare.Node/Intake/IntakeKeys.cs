using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Intake;

/// <summary>What the intake derives from the node's own key: its look-ups, its record ids and its journal's cipher. Thread-safe.</summary>
internal sealed class IntakeKeys(NodeKeys node, AuthorityNames? authorities = null) : IDisposable
{
    private const int MostOnStack = 512;

    // Opened at first use: the node's keys are there once it has started.
    private readonly Lazy<SecretKey> lookup = new(() => node.Subkey("intake-lookup"));
    private readonly Lazy<PayloadCipher> payloads = new(() => new PayloadCipher(node.Subkey("intake-payload")));

    /// <summary>Under which names the numbers of assigning authorities are looked up.</summary>
    public AuthorityNames Authorities { get; } = authorities ?? AuthorityNames.None;

    /// <summary>Cipher of the journal.</summary>
    public PayloadCipher Payloads => payloads.Value;

    /// <summary>Keyed hash of parts, none of which can run into the next.</summary>
    public byte[] Hash(string purpose, params ReadOnlySpan<byte[]> parts)
    {
        var length = sizeof(int) + Encoding.UTF8.GetByteCount(purpose);
        foreach (var part in parts)
            length += sizeof(int) + part.Length;
        var rented = length > MostOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = rented is null ? stackalloc byte[length] : rented.AsSpan(0, length);
        var rest = input;
        Encoding.UTF8.GetBytes(purpose, rest[sizeof(int)..]);
        rest = Framed(rest, Encoding.UTF8.GetByteCount(purpose));
        foreach (var part in parts)
        {
            part.CopyTo(rest[sizeof(int)..]);
            rest = Framed(rest, part.Length);
        }
        var hash = HMACSHA256.HashData(lookup.Value.Bytes, input);
        CryptographicOperations.ZeroMemory(input);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return hash;
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

    // Writes the length before a part, and returns what is behind the part.
    private static Span<byte> Framed(Span<byte> at, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(at, length);
        return at[(sizeof(int) + length)..];
    }
}
