using Google.Protobuf;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>Which transaction wrote a key last.</summary>
/// <param name="Block">Number of the block.</param>
/// <param name="Transaction">Place in the block.</param>
internal readonly record struct KeyVersion(ulong Block, ulong Transaction);

/// <summary>What the verifier keeps of a key: its version, and where it matters its value and endorsement policy.</summary>
/// <param name="Version">Which transaction wrote it last.</param>
/// <param name="Policy">The key's own endorsement policy; null where it has none.</param>
/// <param name="Value">The value, in the namespaces whose values are needed; else null.</param>
internal sealed record KeyState(KeyVersion Version, ByteString? Policy, ByteString? Value);

/// <summary>Orders keys as Fabric's database does: by their UTF-8 bytes, which is by code point.</summary>
internal sealed class KeyOrder : IComparer<string>
{
    public static KeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        var same = a.CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
            return a.Length.CompareTo(b.Length);
        var (left, right) = (a[same], b[same]);
        // UTF-16 puts surrogates, which stand for the highest code points, below U+E000 to U+FFFF.
        var (leftHigh, rightHigh) = (char.IsSurrogate(left), char.IsSurrogate(right));
        return leftHigh == rightHigh ? left.CompareTo(right) : leftHigh ? 1 : -1;
    }
}
