using System.Collections.Immutable;
using System.Text.Json;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>Reads the data types that consents are made of.</summary>
internal static class FhirDatatypes
{
    public static FhirCoding Coding(JsonElement json, string path)
    {
        var coding = new FhirElement(json, path, "system", "version", "code", "display", "userSelected");
        return new FhirCoding(coding.OptionalText("system"), coding.Text("code"), path);
    }

    /// <summary>The codings of a concept. One of only words is refused: nobody could hold a record against it.</summary>
    public static ImmutableArray<FhirCoding> Concept(JsonElement json, string path)
    {
        var concept = new FhirElement(json, path, "coding", "text");
        return concept.Has("coding")
            ? [.. concept.List("coding").Select(item => Coding(item.Item, item.Path))]
            : throw concept.Refused("coding", "is missing.");
    }

    public static FhirPeriod Period(JsonElement json, string path)
    {
        var period = new FhirElement(json, path, "start", "end");
        var read = new FhirPeriod(Bound(period, "start").Start, Bound(period, "end").End);
        if (!period.Has("start") && !period.Has("end"))
            throw new FhirRefusedException(path, "has neither a start nor an end.");
        return read.End <= read.Start ? throw new FhirRefusedException(path, "ends before it begins.") : read;
    }

    public static DateTimeOffset? Time(FhirElement element, string name) => Bound(element, name).Start;

    public static FhirReference Reference(JsonElement json, string path)
    {
        var reference = new FhirElement(json, path, "reference", "type", "identifier", "display");
        if (reference.OptionalText("reference") is { } literal)
            return Literal(literal, path);
        if (reference.Optional("identifier") is not { } named)
            throw reference.Refused("reference", "is missing, and there is no identifier.");
        var identifier = new FhirElement(named, reference.At("identifier"), "use", "type", "system", "value", "period", "assigner");
        return new FhirReference(null, null, identifier.Text("system"), identifier.Text("value"), path);
    }

    // Type/id, alone or at the end of a server's address, with or without a version.
    private static FhirReference Literal(string literal, string path)
    {
        if (literal[0] == '#')
            throw new FhirRefusedException($"{path}.reference", "points into the document itself, where nobody vouches for what it names.");
        var parts = literal.Split('/');
        if (parts.Length >= 4 && parts[^2] == "_history")
            parts = parts[..^2];
        var isPlain = parts.Length == 2 || (parts.Length > 4 && parts[0] is "http:" or "https:" && parts[1].Length == 0);
        if (!isPlain || parts[^2] is not { Length: <= 64 } type || parts[^1] is not { Length: <= 64 } id || !IsType(type) || !IsId(id))
            throw new FhirRefusedException($"{path}.reference", "is not a reference of the form Type/id.");
        return new FhirReference(type, id, null, null, path);
    }

    private static bool IsType(string text) => text.Length > 0 && char.IsAsciiLetterUpper(text[0]) && text.All(char.IsAsciiLetter);

    private static bool IsId(string text) => text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    private static (DateTimeOffset? Start, DateTimeOffset? End) Bound(FhirElement element, string name)
    {
        if (element.OptionalText(name) is not { } text)
            return (null, null);
        return FhirTime.TryParse(text, out var start, out var end) ? (start, end) : throw element.Refused(name, "is not a FHIR date or dateTime.");
    }
}
