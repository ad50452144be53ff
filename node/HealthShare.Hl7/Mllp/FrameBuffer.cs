using System.Buffers;

namespace HealthShare.Hl7.Mllp;

/// <summary>
/// The bytes of one open frame: a first part that grows as it is needed and is used again for the next frame, and pieces of one size for all that goes beyond
/// it, so that what a frame holds is what it was given room for.
/// </summary>
internal sealed class FrameBuffer
{
    /// <summary>Bytes that every connection may hold.</summary>
    public const int FirstPart = 64 * 1024;

    /// <summary>Bytes of each further piece.</summary>
    public const int Piece = 64 * 1024;

    private readonly ArrayBufferWriter<byte> first = new();
    private readonly List<byte[]> pieces = [];

    /// <summary>Bytes in it.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that can be written without another piece.</summary>
    public int Room => FirstPart + (pieces.Count * Piece) - Length;

    /// <summary>Bytes of all pieces beyond the first part.</summary>
    public long Held => (long)pieces.Count * Piece;

    /// <summary>Makes room for another piece.</summary>
    public void Grow() => pieces.Add(ArrayPool<byte>.Shared.Rent(Piece));

    /// <summary>Adds bytes, at most as many as there is room for.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        var toFirst = Math.Min(bytes.Length, Math.Max(0, FirstPart - Length));
        first.Write(bytes[..toFirst]);
        Length += toFirst;
        for (var rest = bytes[toFirst..]; rest.Length > 0;)
        {
            var (piece, at) = Math.DivRem(Length - FirstPart, Piece);
            var fits = Math.Min(rest.Length, Piece - at);
            rest[..fits].CopyTo(pieces[piece].AsSpan(at));
            Length += fits;
            rest = rest[fits..];
        }
    }

    /// <summary>The first bytes, at most so many and no more than the first part holds.</summary>
    public ReadOnlySpan<byte> Beginning(int most) => first.WrittenSpan[..Math.Min(first.WrittenCount, most)];

    /// <summary>All of them.</summary>
    public byte[] ToArray()
    {
        var all = GC.AllocateUninitializedArray<byte>(Length);
        first.WrittenSpan.CopyTo(all);
        for (var at = first.WrittenCount; at < Length; at += Piece)
            pieces[(at - FirstPart) / Piece].AsSpan(0, Math.Min(Piece, Length - at)).CopyTo(all.AsSpan(at));
        return all;
    }

    /// <summary>Empties it; the pieces are given back.</summary>
    public void Clear()
    {
        first.ResetWrittenCount();
        foreach (var piece in pieces)
            ArrayPool<byte>.Shared.Return(piece); // patients' data, as in every other buffer of this process
        pieces.Clear();
        Length = 0;
    }
}
