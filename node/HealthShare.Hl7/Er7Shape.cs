namespace HealthShare.Hl7;

/// <summary>
/// The bytes of a message in which delimiters are looked for. They are the message's own, save where characters of several bytes
/// may hold bytes that equal a delimiter (as the second byte of "表" does in Shift JIS): there those characters are blotted out.
/// </summary>
internal static class Er7Shape
{
    private const byte Blot = 0xFF;

    /// <summary>The shape of a message, or null where it is the message itself.</summary>
    public static byte[]? Of(ReadOnlySpan<byte> bytes, Er7WideBytes wide, byte escape)
    {
        if (wide is Er7WideBytes.None)
            return null;
        var shape = bytes.ToArray();
        if (wide is Er7WideBytes.Switched)
            BlotSwitched(shape, escape);
        else
            BlotPairs(shape, wide);
        return shape;
    }

    private static void BlotPairs(Span<byte> shape, Er7WideBytes wide)
    {
        for (var i = 0; i < shape.Length - 1; i++)
        {
            var (lead, trail) = (shape[i], shape[i + 1]);
            // A stray lead byte must not take a line end or a separator of an older text with it: trails begin at 0x30.
            if (lead < 0x81 || lead == Blot || trail < 0x30 || trail is 0x7F or 0xFF || (wide is Er7WideBytes.ShiftJis && lead is >= 0xA0 and <= 0xDF))
                continue;
            (shape[i], shape[i + 1]) = (Blot, Blot);
            i++;
        }
    }

    private static void BlotSwitched(Span<byte> shape, byte escape)
    {
        var i = 0;
        while (i < shape.Length)
        {
            if (Er7SetSwitch.At(shape[i..], escape, out var length) is not { IsWide: true })
            {
                i += Math.Max(1, length);
                continue;
            }
            var start = i + length;
            var end = start;
            // Two bytes a character, until the text switches back. If it does not before the segment ends, the switch is not trusted.
            while (end < shape.Length && shape[end] is not ((byte)'\r' or (byte)'\n') && Er7SetSwitch.At(shape[end..], escape, out _) is null)
                end += IsPair(shape[end..]) ? 2 : 1;
            if (end < shape.Length && shape[end] is not ((byte)'\r' or (byte)'\n'))
                shape[start..end].Fill(Blot);
            i = end;
        }
    }

    private static bool IsPair(ReadOnlySpan<byte> text) => text.Length > 1 && text[0] is > 0x20 and < 0x7F && text[1] is > 0x20 and < 0x7F;
}
