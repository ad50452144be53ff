using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Ledger;

/// <summary>Times in their one form, such as <c>2026-03-01T08:00:00Z</c>.</summary>
public sealed class LedgerTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && LedgerTime.TryParse(reader.GetString(), out var time)
            ? time
            : throw new JsonException("A time is not in UTC with whole seconds.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(LedgerTime.Format(value));
}

/// <summary>Enumerations by one name in camelCase, to the letter: numbers, lists of names and other spellings are refused.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
public sealed class LowerCaseEnumConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> Values =
        Enum.GetNames<T>().ToDictionary(JsonNamingPolicy.CamelCase.ConvertName, Enum.Parse<T>, StringComparer.Ordinal);

    private static readonly Dictionary<T, string> Names = Values.ToDictionary(one => one.Value, one => one.Key);

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value)
            ? value
            : throw new JsonException("A value is none of those that have a name.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Names.TryGetValue(value, out var name) ? name : throw new JsonException("A value has no name."));
}
