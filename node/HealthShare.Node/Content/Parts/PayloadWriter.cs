using System.Buffers.Text;
using System.Text;

namespace HealthShare.Node.Content.Parts;

/// <summary>Spells the bytes of one document as its form says, a piece at a time.</summary>
internal sealed class PayloadWriter(PayloadForm form)
{
    /// <summary>Bytes in every piece but the last; a multiple of three, as Base64 needs.</summary>
    public const int PieceBytes = 24 * 1024;

    private readonly byte[] spelled = new byte[PieceBytes * 2];
    private readonly byte[] lineBreak = form.Break is { } text ? Encoding.ASCII.GetBytes(text) : [];
    private int column;

    /// <summary>Writes a piece.</summary>
    /// <returns>How many bytes of text were written.</returns>
    public int Write(ReadOnlySpan<byte> piece, Span<byte> destination)
    {
        var rest = spelled.AsSpan(0, Spell(piece));
        var at = 0;
        while (rest.Length > 0)
        {
            if (form.Line > 0 && column == form.Line)
            {
                lineBreak.CopyTo(destination[at..]);
                at += lineBreak.Length;
                column = 0;
            }
            var take = form.Line == 0 ? rest.Length : Math.Min(rest.Length, form.Line - column);
            rest[..take].CopyTo(destination[at..]);
            at += take;
            column += take;
            rest = rest[take..];
        }
        return at;
    }

    /// <summary>Writes what follows on the last piece.</summary>
    /// <returns>How many bytes of text were written.</returns>
    public int End(Span<byte> destination)
    {
        if (!form.EndsInBreak)
            return 0;
        lineBreak.CopyTo(destination);
        return lineBreak.Length;
    }

    /// <summary>True when this form of the data is exactly the text. The writer is used up by it.</summary>
    public bool Spells(ReadOnlySpan<byte> data, ReadOnlySpan<byte> text)
    {
        if (form.TextLength(data.Length) != text.Length)
            return false;
        var longest = form.Line == 0 ? spelled.Length : (int)Math.Min(text.Length, spelled.Length + (long)(spelled.Length / form.Line + 1) * lineBreak.Length);
        var again = new byte[longest];
        for (; data.Length > 0; data = data[Math.Min(PieceBytes, data.Length)..])
        {
            var length = Write(data[..Math.Min(PieceBytes, data.Length)], again);
            if (!text.StartsWith(again.AsSpan(0, length)))
                return false;
            text = text[length..];
        }
        return text.SequenceEqual(again.AsSpan(0, End(again)));
    }

    private int Spell(ReadOnlySpan<byte> piece)
    {
        int length;
        var done = form.Encoding switch
        {
            PayloadEncoding.Base64 => Base64.EncodeToUtf8(piece, spelled, out _, out length) is System.Buffers.OperationStatus.Done,
            PayloadEncoding.UpperHex => Convert.TryToHexString(piece, spelled, out length),
            _ => Convert.TryToHexStringLower(piece, spelled, out length),
        };
        return done ? length : throw new InvalidOperationException("A piece is longer than it may be.");
    }
}
