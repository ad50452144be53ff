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

/// <summary>Enumerations by name in camelCase; numbers are refused.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
public sealed class LowerCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
