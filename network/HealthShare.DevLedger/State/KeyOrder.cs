namespace HealthShare.DevLedger.State;

/// <summary>
/// Order of keys by their UTF-8 bytes, as Fabric's databases have it. UTF-16 order differs where a character outside the
/// basic plane meets one from U+E000 on.
/// </summary>
internal sealed class KeyOrder : IComparer<string>
{
    public static KeyOrder Utf8 { get; } = new();

    public int Compare(string? x, string? y)
    {
        var common = x.AsSpan().CommonPrefixLength(y);
        if (common == x!.Length || common == y!.Length)
            return x.Length - y!.Length;
        return Weight(x[common]) - Weight(y[common]);
    }

    // Surrogates stand for characters above all others; moving them up and the rest of the upper range down restores that.
    private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x2000 : c >= 0xE000 ? c - 0x800 : c;
}
