using System.Security.Cryptography;

namespace HealthShare.Policy.Ids;

/// <summary>
/// Ids on the ledger: 128 bits in lower-case base32 (RFC 4648 section 6, no padding) behind a prefix that says the kind,
/// such as <c>pt-gezdgnbvgy3tqojqgezdgnbvgy</c>. Always 29 characters.
/// </summary>
public static class LedgerId
{
    /// <summary>Length of every id in characters.</summary>
    public const int Length = PrefixLength + BodyLength;

    private const int PrefixLength = 3;
    private const int BodyLength = 26;
    private const int ByteLength = 16;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>Makes a new random id.</summary>
    public static string New(IdKind kind)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        RandomNumberGenerator.Fill(bytes);
        return From(kind, bytes);
    }

    /// <summary>Makes the id of 16 given bytes; a node derives its record ids from a keyed hash this way.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 16 bytes long.</exception>
    public static string From(IdKind kind, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength)
            throw new ArgumentException($"An id takes {ByteLength} bytes, not {bytes.Length}.", nameof(bytes));
        Span<char> id = stackalloc char[Length];
        PrefixOf(kind).CopyTo(id);
        int buffer = 0, bits = 0, at = PrefixLength;
        foreach (var value in bytes)
        {
            buffer = ((buffer << 8) | value) & 0xFFF;
            for (bits += 8; bits >= 5; bits -= 5)
                id[at++] = Alphabet[(buffer >> (bits - 5)) & 31];
        }
        id[at] = Alphabet[(buffer << (5 - bits)) & 31];
        return new string(id);
    }

    /// <summary>True when <paramref name="id"/> is a well-formed id of this kind in its only spelling.</summary>
    public static bool IsValid(IdKind kind, string? id)
    {
        if (id is not { Length: Length } || !id.StartsWith(PrefixOf(kind), StringComparison.Ordinal))
            return false;
        foreach (var letter in id.AsSpan(PrefixLength))
        {
            if (letter is not ((>= 'a' and <= 'z') or (>= '2' and <= '7')))
                return false;
        }
        // 26 letters hold 130 bits: the last two must be zero, or one id would have four spellings.
        return (Alphabet.IndexOf(id[^1], StringComparison.Ordinal) & 3) == 0;
    }

    private static string PrefixOf(IdKind kind) => kind switch
    {
        IdKind.Patient => "pt-",
        IdKind.Record => "rc-",
        IdKind.Statement => "st-",
        IdKind.Access => "ac-",
        IdKind.Release => "rl-",
        IdKind.Delegate => "dg-",
        IdKind.Emergency => "em-",
        IdKind.Proposal => "pp-",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of id."),
    };
}
