using System.Security.Cryptography;

namespace HealthShare.Node.Patients.Handles;

/// <summary>The short form of a one-time code, for typing: ten letters and digits in two groups, 50 random bits.</summary>
internal static class TypedCode
{
    /// <summary>Letters and digits of a code, without the separator.</summary>
    public const int Length = 10;

    // Nothing that is taken for something else when it is read out: no I, L, O and U.
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Makes a code, as <see cref="Normalize"/> returns it.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>How people see a code.</summary>
    public static string Show(string code) => $"{code[..(Length / 2)]}-{code[(Length / 2)..]}";

    /// <summary>A code as somebody typed it, in its one form; null where it is none.</summary>
    public static string? Normalize(string typed)
    {
        var code = new string([.. typed.Where(c => c is not ('-' or ' ')).Select(c => char.ToUpperInvariant(c) switch { 'I' or 'L' => '1', 'O' => '0', var other => other })]);
        return code.Length == Length && code.All(Alphabet.Contains) ? code : null;
    }
}
