using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Policy.Ids;

namespace HealthShare.Policy.Statements;

/// <summary>Reads one object of a statement member by member; whatever it was not asked for is refused.</summary>
internal readonly struct MemberReader
{
    private const int MaxEntries = 256, MaxNameLength = 32;
    private readonly JsonElement element;

    public MemberReader(JsonElement element, string path, params ReadOnlySpan<string> allowed)
    {
        (this.element, Path) = (element, path);
        if (element.ValueKind is not JsonValueKind.Object)
            throw Malformed(path, "is not an object");
        foreach (var member in element.EnumerateObject())
        {
            if (!allowed.Contains(member.Name))
                throw new PolicyException("statement.unknown_member", $"{path} has {Called(member.Name)}; it takes {Listed(allowed)}.");
        }
    }

    public string Path { get; }

    public bool Has(string name) => element.TryGetProperty(name, out _);

    public JsonElement Required(string name) =>
        element.TryGetProperty(name, out var value) ? value : throw Malformed(At(name), "is missing");

    public JsonElement? Optional(string name) => element.TryGetProperty(name, out var value) ? value : null;

    public string Text(string name, Func<string?, bool> isValid) => TextOf(Required(name), At(name), isValid);

    public string? OptionalText(string name, Func<string?, bool> isValid) =>
        Optional(name) is { } value ? TextOf(value, At(name), isValid) : null;

    public DateTimeOffset Time(string name) => OptionalTime(name) ?? throw Malformed(At(name), "is missing");

    public DateTimeOffset? OptionalTime(string name)
    {
        if (Optional(name) is not { } value)
            return null;
        return value.ValueKind is JsonValueKind.String && LedgerTime.TryParse(value.GetString(), out var time)
            ? time
            : throw Malformed(At(name), "is not a UTC time with whole seconds, such as 2026-03-01T08:00:00Z");
    }

    /// <summary>A dimension: default when absent, never empty.</summary>
    public ImmutableArray<string> Texts(string name, Func<string?, bool> isValid) =>
        List(name, (item, path) => TextOf(item, path, isValid));

    /// <summary>A list that must be there: an absent one means nothing.</summary>
    public ImmutableArray<T> RequiredList<T>(string name, Func<JsonElement, string, T> read) =>
        List(name, read, "name at least one") is { IsDefault: false } items ? items : throw Malformed(At(name), "is missing");

    /// <inheritdoc cref="RequiredList"/>
    public ImmutableArray<string> RequiredTexts(string name, Func<string?, bool> isValid) =>
        RequiredList(name, (item, path) => TextOf(item, path, isValid));

    public ImmutableArray<T> List<T>(string name, Func<JsonElement, string, T> read, string whenEmpty = "leave it out to match everything")
    {
        if (Optional(name) is not { } list)
            return default;
        var path = At(name);
        if (list.ValueKind is not JsonValueKind.Array)
            throw Malformed(path, "is not a list");
        var length = list.GetArrayLength();
        if (length == 0)
            throw new PolicyException("statement.empty_list", $"{path} is an empty list; {whenEmpty}.");
        if (length > MaxEntries)
            throw Malformed(path, $"has more than {MaxEntries} entries");
        var items = ImmutableArray.CreateBuilder<T>(length);
        foreach (var item in list.EnumerateArray())
            items.Add(read(item, $"{path}[{items.Count}]"));
        return items.MoveToImmutable();
    }

    public string At(string name) => $"{Path}.{name}";

    public static PolicyException Malformed(string path, string what) => new("statement.malformed", $"{path} {what}.");

    // Only what may be the name of a member is repeated: anything may stand there.
    private static string Called(string name) => name.Length <= MaxNameLength && name.All(char.IsAsciiLetterOrDigit)
        ? $"the member '{name}', which statements do not have"
        : "a member that statements do not have";

    private static string Listed(ReadOnlySpan<string> allowed) => allowed.IsEmpty ? "none" : string.Join(", ", allowed);

    private static string TextOf(JsonElement value, string path, Func<string?, bool> isValid) =>
        value.ValueKind is JsonValueKind.String && value.GetString() is { } text && isValid(text)
            ? text
            : throw Malformed(path, "does not have its form");
}
