using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace HealthShare.Node.Content.Parts;

/// <summary>How the bytes of a document are spelled in a message.</summary>
internal enum PayloadEncoding
{
    Base64,
    UpperHex,
    LowerHex,
}

/// <summary>The one spelling of a document from which its text in the message can be made again, byte for byte.</summary>
/// <param name="Encoding">How bytes are spelled.</param>
/// <param name="Line">Characters in a line, or 0 for text without breaks.</param>
/// <param name="Break">What stands between lines, such as <c>\.br\</c>; null without breaks.</param>
/// <param name="EndsInBreak">True where a break ends the last line, too.</param>
internal sealed record PayloadForm(PayloadEncoding Encoding, int Line = 0, string? Break = null, bool EndsInBreak = false)
{
    /// <summary>Longest break, in bytes.</summary>
    public const int LongestBreak = 32;

    /// <summary>False for a form that this program never makes.</summary>
    public bool IsValid => Enum.IsDefined(Encoding) && (Line == 0
        ? Break is null && !EndsInBreak
        : Line > 0 && Break is { Length: > 0 and <= LongestBreak } && Ascii.IsValid(Break));

    /// <summary>Length of the text of so many bytes.</summary>
    public long TextLength(long size)
    {
        var plain = Encoding is PayloadEncoding.Base64 ? (size + 2) / 3 * 4 : size * 2;
        return Line == 0 ? plain : plain + (Math.Max(0, plain - 1) / Line + (EndsInBreak ? 1 : 0)) * Break!.Length;
    }

    /// <summary>
    /// Reads a text as it is spelled. Only what is spelled in the one way that <see cref="PayloadWriter"/> would spell it again is read: other
    /// alphabets, blanks, missing padding, stray bits and breaks at odd places are not.
    /// </summary>
    /// <param name="text">The text, as it stands in the message.</param>
    /// <param name="declared">ED-4: <c>Base64</c> or <c>Hex</c>, in any case.</param>
    /// <param name="escape">The message's escape character; 0 where it has none.</param>
    /// <returns>The form and the bytes; null where the text has no such form.</returns>
    public static (PayloadForm Form, byte[] Data)? TryRead(ReadOnlySpan<byte> text, string declared, byte escape)
    {
        var isBase64 = declared.Equals("Base64", StringComparison.OrdinalIgnoreCase);
        if (text.IsEmpty || (!isBase64 && !declared.Equals("Hex", StringComparison.OrdinalIgnoreCase)))
            return null;
        if (LinesOf(text, escape) is not var (line, lineBreak))
            return null;
        var body = line == 0 ? null : ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var ends = false;
            var length = body is null ? text.Length : Join(text, line, lineBreak, body, out ends);
            if (length <= 0)
                return null;
            var plain = body is null ? text : body.AsSpan(0, length);
            if ((isBase64 ? DecodeBase64(plain) : DecodeHex(plain)) is not { } data)
                return null;
            var form = new PayloadForm(isBase64 ? PayloadEncoding.Base64 : plain.ContainsAnyInRange((byte)'a', (byte)'f') ? PayloadEncoding.LowerHex : PayloadEncoding.UpperHex,
                line, line == 0 ? null : System.Text.Encoding.ASCII.GetString(lineBreak), ends);
            return form.IsValid && new PayloadWriter(form).Spells(data, text) ? (form, data) : null;
        }
        finally
        {
            if (body is not null)
                ArrayPool<byte>.Shared.Return(body, clearArray: true);
        }
    }

    // The first break tells where all are; a row of escape sequences, such as \X0D\\X0A\, is one. Null for an escape that does not end.
    private static (int Line, byte[] Break)? LinesOf(ReadOnlySpan<byte> text, byte escape)
    {
        var first = escape == 0 ? -1 : text.IndexOf(escape);
        if (first < 0)
            return (0, []);
        var end = first;
        while (end < text.Length && text[end] == escape)
        {
            var length = text[(end + 1)..].IndexOf(escape);
            if (length < 0 || end + length + 2 - first > LongestBreak)
                return null;
            end += length + 2;
        }
        var lineBreak = text[first..end];
        return first > 0 && Ascii.IsValid(lineBreak) ? (first, lineBreak.ToArray()) : null;
    }

    private static int Join(ReadOnlySpan<byte> text, int line, byte[] lineBreak, Span<byte> into, out bool endsInBreak)
    {
        var length = 0;
        endsInBreak = false;
        while (text.Length > 0)
        {
            var take = Math.Min(line, text.Length);
            // What comes behind the last full break may be shorter than a line, and may end in a break itself.
            if (text.Length < line + lineBreak.Length && text.EndsWith(lineBreak))
                take = text.Length - lineBreak.Length;
            text[..take].CopyTo(into[length..]);
            length += take;
            text = text[take..];
            if (text.IsEmpty)
                return length;
            if (!text.StartsWith(lineBreak))
                return -1;
            text = text[lineBreak.Length..];
            endsInBreak = text.IsEmpty;
        }
        return length;
    }

    private static byte[]? DecodeBase64(ReadOnlySpan<byte> text)
    {
        if (text.Length % 4 != 0)
            return null;
        var data = new byte[text.Length / 4 * 3 - (text[^1] == '=' ? text[^2] == '=' ? 2 : 1 : 0)];
        return Base64.DecodeFromUtf8(text, data, out var read, out var written) is OperationStatus.Done && read == text.Length && written == data.Length ? data : null;
    }

    private static byte[]? DecodeHex(ReadOnlySpan<byte> text)
    {
        if (text.Length % 2 != 0)
            return null;
        var data = new byte[text.Length / 2];
        return Convert.FromHexString(text, data, out var read, out var written) is OperationStatus.Done && read == text.Length && written == data.Length ? data : null;
    }
}
