namespace HealthShare.Policy.Ids;

/// <summary>The forms that short codes on the ledger take.</summary>
public static class LedgerCode
{
    /// <summary>Longest code in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Longest WebAuthn credential id in bytes (WebAuthn level 3, section 4).</summary>
    public const int MaxCredentialIdBytes = 1023;

    /// <summary>True for an MSP id: 1 to 64 letters, digits, dots and hyphens.</summary>
    public static bool IsMspId(string? text) => Holds(text, static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');

    /// <summary>True for a role or a staff id: 1 to 64 letters, digits, dots, underscores and hyphens.</summary>
    public static bool IsCode(string? text) => Holds(text, static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>True for the form of a purpose of use (HL7 v3 PurposeOfUse): 1 to 64 upper-case letters and digits.</summary>
    public static bool IsPurpose(string? text) => Holds(text, static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));

    /// <summary>True for a code of HL7 v3 Confidentiality: U, L, M, N, R or V.</summary>
    public static bool IsConfidentiality(string? text) => text is "U" or "L" or "M" or "N" or "R" or "V";

    /// <summary>True for a WebAuthn credential id in base64url: 1 to 1023 bytes.</summary>
    public static bool IsCredentialId(string? text) => StrictBase64Url.IsValid(text, 1, MaxCredentialIdBytes);

    private static bool Holds(string? text, Func<char, bool> allowed)
    {
        if (text is not { Length: >= 1 and <= MaxLength })
            return false;
        foreach (var letter in text)
        {
            if (!allowed(letter))
                return false;
        }
        return true;
    }
}
