using System.Text;
using System.Text.Unicode;

namespace HealthShare.Hl7;

/// <summary>How characters of several bytes are told from delimiters, which their bytes may equal.</summary>
internal enum Er7WideBytes : byte
{
    /// <summary>Every byte below 0x80 is a character of its own.</summary>
    None,

    /// <summary>A byte from 0x81 on takes the next one with it (GB 18030, Big5, CNS 11643).</summary>
    LeadAndTrail,

    /// <summary>The same, save that 0xA0 to 0xDF are characters of their own.</summary>
    ShiftJis,

    /// <summary>Sets are switched by escape sequences in the text (ISO 2022).</summary>
    Switched,
}

/// <summary>What MSH-18 declares.</summary>
/// <param name="Named">The encoding where the declaration is taken at its word; null where the bytes decide.</param>
/// <param name="Wide">How its characters of several bytes are made.</param>
internal sealed record Er7CharacterSet(Encoding? Named, Er7WideBytes Wide)
{
    private static readonly Er7CharacterSet Undeclared = new(null, Er7WideBytes.None);
    private static readonly Er7CharacterSet Western = new(null, Er7WideBytes.None);
    private static readonly Er7CharacterSet Switched = new(null, Er7WideBytes.Switched);

    private const int Field = 18; // MSH-18
    private const int MostHidden = 16; // separators inside wide characters before MSH-18 that are looked behind

    /// <summary>
    /// What a header line declares. Where characters of several bytes stand before MSH-18, their bytes may pass for field separators: the
    /// declaration counts that is MSH-18 when the header is read as it says.
    /// </summary>
    public static Er7CharacterSet OfHeader(ReadOnlySpan<byte> header, Er7Delimiters delimiters)
    {
        var plain = Declared(FieldOf(header, delimiters.Field, Field), delimiters.Repetition);
        var isPlain = Ascii.IsValid(header) && !header.Contains((byte)0x1B) && !(delimiters.Escape != 0 && header.IndexOf([delimiters.Escape, (byte)'M']) >= 0);
        if (isPlain)
            return plain;
        for (var hidden = 0; hidden <= MostHidden; hidden++)
        {
            var candidate = FieldOf(header, delimiters.Field, Field + hidden);
            if (Declared(candidate, delimiters.Repetition) is not { Wide: not Er7WideBytes.None } set)
                continue;
            var shape = Er7Shape.Of(header, set.Wide, delimiters.Escape)!;
            if (FieldOf(shape, delimiters.Field, Field).SequenceEqual(candidate))
                return set;
        }
        return plain.Wide is Er7WideBytes.None ? plain : Undeclared;
    }

    private static ReadOnlySpan<byte> FieldOf(ReadOnlySpan<byte> header, byte separator, int number)
    {
        var rest = header[3..];
        for (var skip = number - 1; skip > 0; skip--)
        {
            var next = rest.IndexOf(separator);
            if (next < 0)
                return default;
            rest = rest[(next + 1)..];
        }
        var length = rest.IndexOf(separator);
        return length < 0 ? rest : rest[..length];
    }

    /// <summary>Reads MSH-18 as it stands. The first repetition is the message's set; others name those that the text switches to.</summary>
    public static Er7CharacterSet Declared(ReadOnlySpan<byte> field, byte repetition)
    {
        // The declarations nearly every message has, without making a text of them.
        if (field.IsEmpty || field.SequenceEqual("UNICODE UTF-8"u8) || field.SequenceEqual("ASCII"u8))
            return Undeclared;
        if (field.SequenceEqual("8859/1"u8))
            return Western;
        if (field.Length > 512) // no list of sets is that long
            return Undeclared;
        var all = Encoding.Latin1.GetString(field).ToUpperInvariant();
        var names = repetition == 0 ? [all] : all.Split((char)repetition);
        if (Array.Exists(names, static name => IsSwitched(name.Trim())))
            return Switched;
        return Of(names[0].Trim());
    }

    /// <summary>The encoding of a message's bytes under this declaration.</summary>
    public Encoding EncodingOf(ReadOnlySpan<byte> bytes)
    {
        if (Named is not null && (Wide is Er7WideBytes.None || IsTextOf(Named, bytes)))
            return Named;
        // In pure ASCII the declaration still decides about bytes that \X..\ escapes bring in.
        if (ReferenceEquals(this, Western) && Ascii.IsValid(bytes))
            return Encoding.Latin1;
        return Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1;
    }

    private static Er7CharacterSet Of(string name)
    {
        if (name is "8859/1")
            return Western;
        if (name.StartsWith("8859/", StringComparison.Ordinal))
            return Single("iso-8859-" + name[5..]);
        if (name.StartsWith("WINDOWS-125", StringComparison.Ordinal) || name.StartsWith("CP125", StringComparison.Ordinal))
            return Single("windows-125" + name[^1]);
        return name switch
        {
            "GB 18030-2000" or "GB 18030" or "GB18030" => Several(54936, Er7WideBytes.LeadAndTrail),
            "BIG-5" or "BIG5" => Several(950, Er7WideBytes.LeadAndTrail),
            "KS X 1001" => Several(949, Er7WideBytes.LeadAndTrail),
            "CNS 11643-1992" => Several(20000, Er7WideBytes.LeadAndTrail),
            "SHIFT_JIS" or "SHIFT-JIS" or "SJIS" or "MS932" or "WINDOWS-31J" => Several(932, Er7WideBytes.ShiftJis),
            _ => Undeclared,
        };
    }

    private static bool IsSwitched(string name) => name is "ISO IR13" or "ISO IR14" or "ISO IR87" or "ISO IR159" or "JIS X 0202" or "JAS2020";

    private static Er7CharacterSet Single(string name) =>
        CodePagesEncodingProvider.Instance.GetEncoding(name) is { } encoding ? new(encoding, Er7WideBytes.None) : Undeclared;

    private static Er7CharacterSet Several(int codePage, Er7WideBytes wide) =>
        CodePagesEncodingProvider.Instance.GetEncoding(codePage) is { } encoding ? new(encoding, wide) : Undeclared;

    private static bool IsTextOf(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes))
            return true;
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        try
        {
            strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
