namespace HealthShare.Chaincode.Shim.Testing;

/// <summary>
/// Orders keys by their UTF-8 bytes, as a peer does. Ordinal order of .NET strings is by UTF-16 units, which puts characters
/// outside the basic plane (surrogates, U+D800 and up) before U+E000 to U+FFFF.
/// </summary>
internal sealed class Utf8KeyComparer : IComparer<string>
{
    public static readonly Utf8KeyComparer Instance = new();

    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        var common = left.CommonPrefixLength(right);
        return common == left.Length || common == right.Length
            ? left.Length.CompareTo(right.Length)
            : Weight(left[common]).CompareTo(Weight(right[common]));
    }

    private static int Weight(char unit) => char.IsSurrogate(unit) ? unit + 0x2000 : unit >= 0xE000 ? unit - 0x800 : unit;
}
