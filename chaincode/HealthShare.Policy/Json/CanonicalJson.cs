using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace HealthShare.Policy.Json;

/// <summary>
/// Canonical JSON by RFC 8785, narrowed for what people sign: integers only (within ±(2^53 − 1)), no name twice in an
/// object, strict UTF-8, no lone surrogates. The same value always has the same bytes.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Longest text that is read, in bytes.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>Deepest nesting of objects and lists; a statement with four levels of exceptions needs 14.</summary>
    public const int MaxDepth = 24;

    private const long MaxInteger = (1L << 53) - 1;

    /// <summary>Writes the canonical form of a JSON text.</summary>
    /// <exception cref="PolicyException">
    /// <c>json.too_large</c>, <c>json.malformed</c>, <c>json.too_deep</c>, <c>json.duplicate_name</c> or <c>json.not_integer</c>.
    /// </exception>
    public static byte[] Canonicalize(ReadOnlyMemory<byte> json)
    {
        using var document = Parse(json);
        return Canonicalize(document.RootElement);
    }

    /// <summary>True when the text is valid and is its own canonical form.</summary>
    public static bool IsCanonical(ReadOnlyMemory<byte> json)
    {
        try { return Canonicalize(json).AsSpan().SequenceEqual(json.Span); }
        catch (PolicyException) { return false; } // the answer to the question is no; nothing is lost
    }

    /// <summary>Parses a text within the limits. Duplicate names are found by <see cref="Canonicalize(JsonElement)"/>.</summary>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
            throw new PolicyException("json.too_large", $"The text has {json.Length} bytes; at most {MaxBytes} are read.");
        if (!Utf8.IsValid(json.Span))
            throw new PolicyException("json.malformed", "The text is not valid UTF-8.");
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            if (IsJson(json))
                throw new PolicyException("json.too_deep", $"Objects and lists nest at most {MaxDepth} deep.", e);
            throw new PolicyException("json.malformed",
                $"The text is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}.", e);
        }
    }

    // However deep; the length is bounded, and the parser does not call itself.
    private static bool IsJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxBytes });
            return true;
        }
        catch (JsonException)
        {
            return false; // the answer to the question
        }
    }

    internal static byte[] Canonicalize(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>(512);
        Write(output, value);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> output, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(output, value);
                break;
            case JsonValueKind.Array:
                WriteArray(output, value);
                break;
            case JsonValueKind.String:
                WriteString(output, TextOf(value.GetString));
                break;
            case JsonValueKind.Number:
                WriteInteger(output, value);
                break;
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    private static void WriteObject(ArrayBufferWriter<byte> output, JsonElement value)
    {
        var members = value.EnumerateObject().Select(member => (Name: TextOf(() => member.Name), member.Value)).ToArray();
        // RFC 8785 section 3.2.3 orders names by UTF-16 code units, which is what an ordinal comparison does.
        Array.Sort(members, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        output.Write("{"u8);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                if (string.Equals(members[i].Name, members[i - 1].Name, StringComparison.Ordinal))
                    throw new PolicyException("json.duplicate_name", "A name stands twice in one object.");
                output.Write(","u8);
            }
            WriteString(output, members[i].Name);
            output.Write(":"u8);
            Write(output, members[i].Value);
        }
        output.Write("}"u8);
    }

    private static void WriteArray(ArrayBufferWriter<byte> output, JsonElement value)
    {
        output.Write("["u8);
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first)
                output.Write(","u8);
            first = false;
            Write(output, item);
        }
        output.Write("]"u8);
    }

    private static void WriteInteger(ArrayBufferWriter<byte> output, JsonElement value)
    {
        // "1.0" and "1e2" are refused although they are whole: a signer has one way to write a number.
        if (!long.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || number is < -MaxInteger or > MaxInteger)
            throw new PolicyException("json.not_integer", "A number is not an integer within ±(2^53 − 1).");
        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out var written, provider: CultureInfo.InvariantCulture);
        output.Write(digits[..written]);
    }

    private static void WriteString(ArrayBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        var plain = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is >= ' ' and not ('"' or '\\'))
                continue;
            Encoding.UTF8.GetBytes(text.AsSpan(plain, i - plain), output);
            WriteEscape(output, text[i]);
            plain = i + 1;
        }
        Encoding.UTF8.GetBytes(text.AsSpan(plain), output);
        output.Write("\""u8);
    }

    private static void WriteEscape(ArrayBufferWriter<byte> output, char letter) => output.Write(letter switch
    {
        '"' => "\\\""u8,
        '\\' => "\\\\"u8,
        '\b' => "\\b"u8,
        '\t' => "\\t"u8,
        '\n' => "\\n"u8,
        '\f' => "\\f"u8,
        '\r' => "\\r"u8,
        _ => Encoding.ASCII.GetBytes($"\\u{(int)letter:x4}"),
    });

    private static string TextOf(Func<string?> read)
    {
        try { return read() ?? ""; }
        catch (InvalidOperationException e)
        {
            throw new PolicyException("json.malformed", "A string holds half of a surrogate pair.", e);
        }
    }
}
