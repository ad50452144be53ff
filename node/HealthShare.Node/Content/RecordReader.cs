using System.Security.Cryptography;
using HealthShare.Node.Keys;
using HealthShare.Vault;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Content;

/// <summary>What the ledger says of a record that is to be read.</summary>
/// <param name="Context">Channel and record id.</param>
/// <param name="Cid">Id of the ciphertext.</param>
/// <param name="Size">Length of the ciphertext, in bytes.</param>
/// <param name="Commitment">Commitment to the key.</param>
public sealed record RecordLocation(RecordContext Context, Cid Cid, long Size, ReadOnlyMemory<byte> Commitment);

/// <summary>Gives the exact bytes of a record, or fails: nothing is returned before the whole record is proven.</summary>
/// <remarks>Who may read, and the audit entry that comes first, are the caller's.</remarks>
public sealed class RecordReader(IContentStore store, SealedRecords own, ReceivedKeys received)
{
    /// <summary>Longest record that is read into memory, in bytes of ciphertext: 256 MiB.</summary>
    public const long MaxSize = 256L * 1024 * 1024;

    /// <summary>Reads a record of this hospital; null when this node has no key for it.</summary>
    /// <exception cref="VaultException"><c>key.commitment_mismatch</c>, or the record does not open.</exception>
    /// <exception cref="ContentNotFoundException">The ciphertext is not in the store.</exception>
    /// <exception cref="ContentCorruptException">The ciphertext does not hash to its CID or has another length.</exception>
    public async Task<byte[]?> ReadOwnAsync(RecordLocation record, CancellationToken ct)
    {
        if (await own.FindKeyAsync(record.Context.RecordId, ct) is not { } known)
            return null;
        try
        {
            return await ReadAsync(record, known.Key, known.Salt, ct);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(known.Key);
        }
    }

    /// <summary>Reads a record of another member by the key that one access delivered; null when that key is not here or has ended.</summary>
    /// <inheritdoc cref="ReadOwnAsync" path="/exception"/>
    public async Task<byte[]?> ReadReceivedAsync(string accessId, RecordLocation record, CancellationToken ct)
    {
        if (await received.FindAsync(accessId, record.Context.RecordId, ct) is not { } known)
            return null;
        using var key = known.Key;
        var copy = key.Bytes.ToArray();
        try
        {
            return await ReadAsync(record, copy, known.Salt, ct);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    private async Task<byte[]> ReadAsync(RecordLocation record, byte[] key, byte[] salt, CancellationToken ct)
    {
        if (!RecordKeyCommitment.Matches(record.Commitment.Span, salt, key))
        {
            throw new VaultException("key.commitment_mismatch",
                $"The key of '{record.Context.RecordId}' is not the one that the ledger commits to.");
        }
        if (record.Size > MaxSize)
            throw new VaultException("record.too_long", $"The record is longer than {MaxSize} bytes.");
        await using var content = await store.OpenAsync(record.Cid, ct);
        if (content.CanSeek && content.Length != record.Size)
            throw new ContentCorruptException(record.Cid, $"it has {content.Length} bytes, the ledger says {record.Size}.");
        await using var opening = await RecordOpenStream.CreateAsync(content, key, record.Context.ToBytes(), ct);
        using var plaintext = new MemoryStream((int)Math.Max(0, record.Size));
        await opening.CopyToAsync(plaintext, ct);
        return plaintext.ToArray();
    }
}
