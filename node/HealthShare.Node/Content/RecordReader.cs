using System.Security.Cryptography;
using HealthShare.Node.Content.Parts;
using HealthShare.Node.Keys;
using HealthShare.Vault;
using HealthShare.Vault.Content;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Content;

/// <summary>What the ledger says of a record that is to be read.</summary>
/// <param name="Context">Channel and record id.</param>
/// <param name="Cid">Id of the ciphertext.</param>
/// <param name="Size">Length of the ciphertext, in bytes.</param>
/// <param name="Commitment">Commitment to the key.</param>
public sealed record RecordLocation(RecordContext Context, Cid Cid, long Size, ReadOnlyMemory<byte> Commitment)
{
    /// <summary>The records that are registered as parts of this one; empty for one that is whole by itself.</summary>
    public IReadOnlyList<RecordLocation> Parts { get; init; } = [];
}

/// <summary>Gives the exact bytes of a record, or fails: nothing is returned before the whole record is proven.</summary>
/// <remarks>Who may read, and the audit entry that comes first, are the caller's.</remarks>
public sealed class RecordReader(IContentStore store, SealedRecords own, ReceivedKeys received)
{
    /// <summary>Longest record that is read into memory, in bytes of ciphertext, its parts included: 256 MiB.</summary>
    public const long MaxSize = 256L * 1024 * 1024;

    /// <summary>Reads a record of this hospital; null when this node has no key for it.</summary>
    /// <exception cref="VaultException"><c>key.commitment_mismatch</c>, <c>record.parts_missing</c>, or the record does not open.</exception>
    /// <exception cref="ContentNotFoundException">The ciphertext is not in the store.</exception>
    /// <exception cref="ContentCorruptException">The ciphertext does not hash to its CID or has another length.</exception>
    public async Task<byte[]?> ReadOwnAsync(RecordLocation record, CancellationToken ct)
    {
        using var opened = await OpenOwnAsync(record, ct);
        return opened is null ? null : await opened.WholeAsync(ct);
    }

    /// <summary>Reads a record of another member by the key that one access delivered; null when that key is not here or has ended.</summary>
    /// <inheritdoc cref="ReadOwnAsync" path="/exception"/>
    public async Task<byte[]?> ReadReceivedAsync(string accessId, RecordLocation record, CancellationToken ct)
    {
        using var opened = await OpenReceivedAsync(accessId, record, ct);
        return opened is null ? null : await opened.WholeAsync(ct);
    }

    /// <summary>Opens a record of this hospital; null when this node has no key for it.</summary>
    /// <exception cref="VaultException"><c>key.commitment_mismatch</c>.</exception>
    internal async Task<OpenedRecord?> OpenOwnAsync(RecordLocation record, CancellationToken ct)
    {
        if (await own.FindKeyAsync(record.Context.RecordId, ct) is not { } known)
            return null;
        try
        {
            return Open(record, known.Key, known.Salt);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(known.Key);
        }
    }

    /// <summary>Opens a record of another member by the key that one access delivered; null when that key is not here or has ended.</summary>
    /// <inheritdoc cref="OpenOwnAsync" path="/exception"/>
    internal async Task<OpenedRecord?> OpenReceivedAsync(string accessId, RecordLocation record, CancellationToken ct)
    {
        if (await received.FindAsync(accessId, record.Context.RecordId, ct) is not { } known)
            return null;
        using var key = known.Key;
        return Open(record, key.Bytes, known.Salt);
    }

    internal static VaultException NotCommitted(string recordId) =>
        new("key.commitment_mismatch", $"The key of '{recordId}' is not the one that the ledger commits to.");

    internal static VaultException TooLong() => new("record.too_long", $"The record is longer than {MaxSize} bytes.");

    private OpenedRecord Open(RecordLocation record, ReadOnlySpan<byte> key, byte[] salt) => RecordKeyCommitment.Matches(record.Commitment.Span, salt, key)
        ? new OpenedRecord(store, record, SecretKey.From(key))
        : throw NotCommitted(record.Context.RecordId);
}
