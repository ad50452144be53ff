using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using HealthShare.Vault;
using HealthShare.Vault.Content;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Content.Parts;

/// <summary>
/// A record whose key is here and is the one that the ledger commits to. Its parts open by keys that follow from it, so they can be read
/// exactly where it can.
/// </summary>
internal sealed class OpenedRecord(IContentStore store, RecordLocation record, SecretKey key) : IDisposable
{
    /// <summary>Bytes that were read so far.</summary>
    public long Taken { get; private set; }

    /// <summary>The exact bytes that were registered, all parts in their places; or a failure, but never a whole with a hole in it.</summary>
    /// <inheritdoc cref="RecordReader.ReadOwnAsync" path="/exception"/>
    public async Task<byte[]> WholeAsync(CancellationToken ct)
    {
        if (record.Parts.Count == 0)
            return await ContentAsync(ct);
        var skeleton = await SkeletonAsync(ct);
        var whole = new byte[skeleton.Head.Length];
        var (from, to) = (0, 0);
        foreach (var (i, place) in skeleton.Head.Parts.Index())
        {
            var between = place.At - to;
            skeleton.Rest.Span.Slice(from, between).CopyTo(whole.AsSpan(to));
            (from, to) = (from + between, place.At);
            to += await SpellAsync(i + 1, place, whole.AsMemory(to, (int)place.Form.TextLength(place.Size)), ct);
        }
        skeleton.Rest.Span[from..].CopyTo(whole.AsSpan(to));
        return whole;
    }

    /// <summary>What the record has beside its parts: all of it, where it has none.</summary>
    /// <inheritdoc cref="WholeAsync" path="/exception"/>
    public async Task<byte[]> WithoutPartsAsync(CancellationToken ct) =>
        record.Parts.Count == 0 ? await ContentAsync(ct) : (await SkeletonAsync(ct)).Rest.ToArray();

    /// <summary>The record's parts, in their order; none for one that is whole by itself.</summary>
    /// <inheritdoc cref="WholeAsync" path="/exception"/>
    public async Task<IReadOnlyList<PartPlace>> PartsAsync(CancellationToken ct) => record.Parts.Count == 0 ? [] : (await SkeletonAsync(ct)).Head.Parts;

    /// <summary>One part by itself; null where the record has none of that number.</summary>
    /// <param name="number">The part, from 1.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <inheritdoc cref="WholeAsync" path="/exception"/>
    public async Task<PartContent?> PartAsync(int number, CancellationToken ct)
    {
        if (number < 1 || number > record.Parts.Count)
            return null;
        var place = (await SkeletonAsync(ct)).Head.Parts[number - 1];
        var content = new byte[place.Size];
        var at = 0;
        await foreach (var piece in PiecesAsync(number, place, ct))
        {
            piece.CopyTo(content.AsMemory(at));
            at += piece.Length;
        }
        return new PartContent(place, content);
    }

    public void Dispose() => key.Dispose();

    private async Task<int> SpellAsync(int number, PartPlace place, Memory<byte> into, CancellationToken ct)
    {
        var writer = new PayloadWriter(place.Form);
        var at = 0;
        await foreach (var piece in PiecesAsync(number, place, ct))
            at += writer.Write(piece.Span, into.Span[at..]);
        at += writer.End(into.Span[at..]);
        return at == into.Length ? at : throw Malformed();
    }

    // Each piece is authentic, and after the last one the whole part is: as many bytes as the record says, neither more nor fewer.
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(
        int number, PartPlace place, [EnumeratorCancellation] CancellationToken ct)
    {
        var part = PartOf(number);
        var partId = part.Context.RecordId;
        using var partKey = RecordParts.KeyOf(key, partId);
        if (!RecordKeyCommitment.Matches(part.Commitment.Span, RecordParts.SaltOf(key, partId), partKey.Bytes))
            throw RecordReader.NotCommitted(partId);
        await using var content = await OpenAsync(part, ct);
        await using var opening = await OpenAsync(content, partKey, part.Context, ct);
        var piece = new byte[PayloadWriter.PieceBytes];
        var left = place.Size;
        while (left > 0)
        {
            var length = await opening.ReadAtLeastAsync(piece, Math.Min(piece.Length, left), throwOnEndOfStream: false, ct);
            if (length != Math.Min(piece.Length, left))
                throw Malformed();
            left -= length;
            Taken += length;
            yield return piece.AsMemory(0, length);
        }
        if (await opening.ReadAsync(piece, ct) != 0)
            throw Malformed();
    }

    private RecordLocation PartOf(int number)
    {
        var partId = RecordParts.IdOf(record.Context.RecordId, number);
        return record.Parts.First(part => part.Context.RecordId == partId);
    }

    private async Task<Skeleton> SkeletonAsync(CancellationToken ct)
    {
        if (record.Size + record.Parts.Sum(part => part.Size) > RecordReader.MaxSize)
            throw RecordReader.TooLong();
        var skeleton = Skeleton.Read(await ContentAsync(ct), RecordReader.MaxSize);
        var named = Enumerable.Range(1, skeleton.Head.Parts.Count).Select(number => RecordParts.IdOf(record.Context.RecordId, number));
        if (!named.ToHashSet(StringComparer.Ordinal).SetEquals(record.Parts.Select(part => part.Context.RecordId)))
            throw new VaultException("record.parts_missing", $"The parts that '{record.Context.RecordId}' speaks of are not those that are registered.");
        // A ciphertext is longer than what it holds: no room is made for what cannot be there.
        return skeleton.Head.Parts.Index().All(part => part.Item.Size <= PartOf(part.Index + 1).Size) ? skeleton : throw Malformed();
    }

    private async Task<byte[]> ContentAsync(CancellationToken ct)
    {
        if (record.Size > RecordReader.MaxSize)
            throw RecordReader.TooLong();
        await using var content = await OpenAsync(record, ct);
        await using var opening = await OpenAsync(content, key, record.Context, ct);
        using var plaintext = new MemoryStream((int)Math.Max(0, record.Size));
        await opening.CopyToAsync(plaintext, ct);
        Taken += plaintext.Length;
        return plaintext.ToArray();
    }

    private async Task<Stream> OpenAsync(RecordLocation location, CancellationToken ct)
    {
        var content = await store.OpenAsync(location.Cid, ct);
        if (!content.CanSeek || content.Length == location.Size)
            return content;
        var length = content.Length;
        await content.DisposeAsync();
        throw new ContentCorruptException(location.Cid, $"it has {length} bytes, the ledger says {location.Size}.");
    }

    private static async Task<RecordOpenStream> OpenAsync(Stream content, SecretKey key, RecordContext context, CancellationToken ct)
    {
        var copy = key.Bytes.ToArray();
        try
        {
            return await RecordOpenStream.CreateAsync(content, copy, context.ToBytes(), ct);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    private VaultException Malformed() => new("record.parts_malformed", $"A part of '{record.Context.RecordId}' is not as the record says.");
}

/// <summary>A part by itself.</summary>
/// <param name="Place">What it is, and where it belongs.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PartContent(PartPlace Place, byte[] Content);
