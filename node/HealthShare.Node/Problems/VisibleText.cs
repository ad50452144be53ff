using System.Globalization;
using System.Text;

namespace HealthShare.Node.Problems;

/// <summary>
/// Text that people read as it was written. What cannot be seen, or turns the direction of what follows, would let one name or number
/// look like another.
/// </summary>
internal static class VisibleText
{
    // Joiners change how letters look, and Persian, Hindi and other languages cannot be written without them.
    private const int NonJoiner = 0x200c, Joiner = 0x200d;

    // Letters by their category, and never drawn.
    private static readonly int[] Fillers = [0x115f, 0x1160, 0x3164, 0xffa0];

    /// <summary>True where nothing in the text is hidden.</summary>
    public static bool IsPlain(string text) => !text.EnumerateRunes().Any(IsHidden);

    /// <summary>True for what can be somebody's name: plain, with at least one letter.</summary>
    public static bool IsName(string text) => IsPlain(text) && text.EnumerateRunes().Any(Rune.IsLetter);

    private static bool IsHidden(Rune rune) => Fillers.Contains(rune.Value) || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format => rune.Value is not (NonJoiner or Joiner),
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        _ => false,
    };
}
