namespace HealthShare.Node.Content.Parts;

/// <summary>What a document is, as it is told to whoever reads it.</summary>
internal static class MediaType
{
    /// <summary>For bytes of which nothing is known.</summary>
    public const string Unknown = "application/octet-stream";

    private const int Longest = 60;

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        // Table 0834 and table 0191, which older versions use.
        ["application"] = "application", ["audio"] = "audio", ["image"] = "image", ["model"] = "model", ["text"] = "text", ["video"] = "video",
        ["multipart"] = "multipart", ["AP"] = "application", ["AU"] = "audio", ["IM"] = "image", ["TEXT"] = "text", ["FT"] = "text", ["TX"] = "text",
    };

    private static readonly Dictionary<string, string> Subtypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["jpg"] = "jpeg", ["tif"] = "tiff", ["dicom"] = "dicom", ["txt"] = "plain", ["word"] = "msword",
    };

    /// <summary>The type that ED-2 and ED-3 state; where they state none that is understood, what the first bytes tell.</summary>
    public static string Of(string type, string subtype, ReadOnlySpan<byte> data)
    {
        subtype = subtype.Trim().ToLowerInvariant();
        if (!Types.TryGetValue(type.Trim(), out var main))
            return Sniff(data);
        subtype = Subtypes.GetValueOrDefault(subtype, subtype);
        var stated = subtype switch { "dicom" => "application/dicom", "pdf" => "application/pdf", _ => $"{main}/{subtype}" };
        return IsValid(stated) ? stated : Sniff(data);
    }

    /// <summary>True for a type without parameters, in lower case, that can stand in a header.</summary>
    public static bool IsValid(string type)
    {
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < type.Length - 1 && type.Length <= Longest && type.LastIndexOf('/') == slash
            && type.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '/' or '.' or '+' or '-');
    }

    private static string Sniff(ReadOnlySpan<byte> data) =>
        data.StartsWith("%PDF-"u8) ? "application/pdf"
        : data.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) ? "image/png"
        : data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : data.StartsWith((ReadOnlySpan<byte>)[0x49, 0x49, 0x2A, 0]) || data.StartsWith((ReadOnlySpan<byte>)[0x4D, 0x4D, 0, 0x2A]) ? "image/tiff"
        : data.Length > 132 && data[128..].StartsWith("DICM"u8) ? "application/dicom"
        : Unknown;
}
