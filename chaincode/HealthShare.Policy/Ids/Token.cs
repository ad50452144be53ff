using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Policy.Ids;

/// <summary>What a token stands for.</summary>
public enum TokenDimension
{
    /// <summary>Category of the data, such as laboratory.</summary>
    Category,

    /// <summary>Sensitivity label, such as HIV.</summary>
    Label,

    /// <summary>Author of the record.</summary>
    Author,

    /// <summary>Encounter that the record belongs to.</summary>
    Encounter,
}

/// <summary>
/// Keyed tokens: they stand on the ledger in the place of codes, and only a holder of the patient's label key can tell
/// which code a token means.
/// </summary>
public static class Token
{
    /// <summary>Length of a label key in bytes.</summary>
    public const int LabelKeyLength = 32;

    /// <summary>Length of a token in characters: 16 bytes in base64url.</summary>
    public const int Length = 22;

    private const int ByteLength = 16;

    /// <summary>
    /// The first 16 bytes of HMAC-SHA-256 under the patient's label key over <c>dimension|code</c> in UTF-8, as base64url.
    /// </summary>
    /// <param name="labelKey">The patient's label key, 32 bytes.</param>
    /// <param name="dimension">What the code stands for.</param>
    /// <param name="code">The code, any text that is not empty.</param>
    /// <exception cref="ArgumentException">The key is not 32 bytes long or the code is empty.</exception>
    public static string Compute(ReadOnlySpan<byte> labelKey, TokenDimension dimension, string code)
    {
        if (labelKey.Length != LabelKeyLength)
            throw new ArgumentException($"A label key takes {LabelKeyLength} bytes, not {labelKey.Length}.", nameof(labelKey));
        ArgumentException.ThrowIfNullOrEmpty(code);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(labelKey, Encoding.UTF8.GetBytes($"{NameOf(dimension)}|{code}"), hash);
        return Base64Url.EncodeToString(hash[..ByteLength]);
    }

    /// <summary>True when <paramref name="token"/> is 16 bytes in their only base64url spelling.</summary>
    public static bool IsValid(string? token) => StrictBase64Url.IsValid(token, ByteLength, ByteLength);

    private static string NameOf(TokenDimension dimension) => dimension switch
    {
        TokenDimension.Category => "category",
        TokenDimension.Label => "label",
        TokenDimension.Author => "author",
        TokenDimension.Encounter => "encounter",
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "Unknown dimension."),
    };
}
