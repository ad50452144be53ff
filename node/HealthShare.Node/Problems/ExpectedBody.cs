using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Problems;

/// <summary>
/// What an endpoint takes, said from the types that it binds. The parser's own words can quote the body, which may hold anyone's data, so
/// nothing is repeated but names of members that the types themselves have.
/// </summary>
internal static class ExpectedBody
{
    /// <summary>Where a JSON body is wrong and what is expected there, as far as the endpoint's types tell.</summary>
    /// <param name="http">The request.</param>
    /// <param name="json">The parser's failure.</param>
    public static string Describe(HttpContext http, JsonException json)
    {
        var place = $"line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}";
        if (AcceptsOf(http)?.RequestType is not { } type || json.Path is not { } path)
            return $"The JSON body is not as it should be at {place}.";
        var options = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var (name, found) = Follow(options, type, path);
        return $"The JSON body is not as it should be{(name.Length > 0 ? $" at {name}" : "")} ({place}): expected is {Say(options, found)}.";
    }

    /// <summary>The types of bodies that the endpoint takes; empty where it says none.</summary>
    public static IReadOnlyList<string> MediaTypes(HttpContext http) => AcceptsOf(http)?.ContentTypes ?? [];

    // Whoever handles an exception finds no endpoint any more but the one that the exception came from.
    private static IAcceptsMetadata? AcceptsOf(HttpContext http) =>
        (http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint())?.Metadata.GetMetadata<IAcceptsMetadata>();

    // As far as the path names members that the types have; the rest of it is the caller's.
    private static (string Name, JsonTypeInfo Type) Follow(JsonSerializerOptions options, Type root, string path)
    {
        var (type, name) = (options.GetTypeInfo(root), new StringBuilder());
        foreach (var part in path.TrimStart('$').Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part[0] == '[' && type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element }
                && part[1..^1].All(char.IsAsciiDigit))
            {
                (type, _) = (options.GetTypeInfo(element), name.Append(part));
            }
            else if (type.Kind is JsonTypeInfoKind.Object && type.Properties.FirstOrDefault(property => property.Name == part) is { } member)
            {
                (type, _) = (options.GetTypeInfo(member.PropertyType), name.Append(name.Length > 0 ? "." : "").Append(member.Name));
            }
            else
            {
                break;
            }
        }
        return (name.ToString(), type);
    }

    private static string Say(JsonSerializerOptions options, JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (plain.IsEnum)
            return $"one of {string.Join(", ", Enum.GetValues(plain).Cast<object>().Select(value => JsonSerializer.Serialize(value, options.GetTypeInfo(plain)).Trim('"')))}";
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => $"an object with {string.Join(", ", type.Properties.Select(static member =>
                member.IsRequired || member.AssociatedParameter is { HasDefaultValue: false } ? $"{member.Name} (required)" : member.Name))}",
            JsonTypeInfoKind.Enumerable => "a list",
            _ when plain == typeof(string) => "a text",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(DateTimeOffset) => "a UTC time with whole seconds, such as 2026-03-01T08:00:00Z",
            _ when plain.IsPrimitive => "a number",
            _ => "JSON of its form",
        };
    }
}
