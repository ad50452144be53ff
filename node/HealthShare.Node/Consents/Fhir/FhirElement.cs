using System.Text.Json;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// One object of a FHIR document, read member by member. What FHIR lets a reader ignore (<c>id</c>, <c>extension</c>, and
/// the members that the caller names) is passed over; any other member is refused, since it may change the meaning.
/// </summary>
internal readonly struct FhirElement
{
    private const int MaxText = 1024;
    private readonly JsonElement json;

    public FhirElement(JsonElement json, string path, params ReadOnlySpan<string> known)
    {
        (this.json, Path) = (json, path);
        if (json.ValueKind is not JsonValueKind.Object)
            throw new FhirRefusedException(path, "is not an object.");
        var members = 0;
        foreach (var member in json.EnumerateObject())
        {
            members++;
            var name = NameOf(member, path);
            if (name is "id" or "extension" || known.Contains(name))
            {
                if (member.Value.ValueKind is JsonValueKind.Null)
                    throw new FhirRefusedException(At(name), "is null.");
                continue;
            }
            if (name is "modifierExtension" or "implicitRules")
                throw new FhirRefusedException(At(name), "may change the meaning in a way that is not known here.");
            // _name carries the extensions of a primitive. Alone it says why there is no value, which is not "any value".
            if (name is not ['_', .. var primitive] || !known.Contains(primitive))
                throw new FhirRefusedException(Shown(path, name), "is no element that is known there.");
            if (!json.TryGetProperty(primitive, out _))
                throw new FhirRefusedException(At(primitive), "has no value, only extensions.");
        }
        if (members == 0)
            throw new FhirRefusedException(path, "is empty.");
    }

    public string Path { get; }

    public string At(string name) => $"{Path}.{name}";

    public bool Has(string name) => json.TryGetProperty(name, out _);

    public FhirRefusedException Refused(string name, string problem) => new(At(name), problem);

    public JsonElement Required(string name) => json.TryGetProperty(name, out var value) ? value : throw Refused(name, "is missing.");

    public JsonElement? Optional(string name) => json.TryGetProperty(name, out var value) ? value : null;

    public string Text(string name) => TextOf(Required(name), At(name));

    public string? OptionalText(string name) => Optional(name) is { } value ? TextOf(value, At(name)) : null;

    /// <summary>The items of a list with their paths; none when it is absent. An empty list is no FHIR and is refused.</summary>
    public IEnumerable<(JsonElement Item, string Path)> List(string name)
    {
        if (Optional(name) is not { } list)
            return [];
        var path = At(name);
        if (list.ValueKind is not JsonValueKind.Array)
            throw new FhirRefusedException(path, "is not a list.");
        if (list.GetArrayLength() == 0)
            throw new FhirRefusedException(path, "is an empty list.");
        return list.EnumerateArray().Select((item, i) => (item, $"{path}[{i}]"));
    }

    private static string TextOf(JsonElement value, string path)
    {
        if (value.ValueKind is not JsonValueKind.String)
            throw new FhirRefusedException(path, "is not text.");
        var text = Decoded(value.GetString, path);
        return text.Length is > 0 and <= MaxText ? text : throw new FhirRefusedException(path, $"is empty or longer than {MaxText} characters.");
    }

    // A name of any other form is not FHIR's, and may be anything.
    private static string Shown(string path, string name) =>
        name.Length is > 0 and <= 40 && name.All(char.IsAsciiLetter) ? $"{path}.{name}" : path;

    private static string NameOf(JsonProperty member, string path) => Decoded(() => member.Name, path);

    private static string Decoded(Func<string?> read, string path)
    {
        try { return read() ?? ""; }
        catch (InvalidOperationException e) { throw new FhirRefusedException(path, "holds half of a surrogate pair.", e); }
    }
}
