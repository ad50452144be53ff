using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;

namespace HealthShare.Node.Problems;

/// <summary>Which parameter of an address is wrong. The framework names it, with its type, and the value, which is not repeated.</summary>
internal static partial class BadParameter
{
    /// <summary>What is wrong; null where the failure is about something else.</summary>
    /// <param name="http">The request.</param>
    /// <param name="message">The framework's words.</param>
    public static string? Describe(HttpContext http, string message)
    {
        if (message.Contains("no body was provided", StringComparison.Ordinal))
            return "The body is missing.";
        if (Words().Match(message) is not { Success: true } found)
            return null;
        var name = found.Groups["name"].Value;
        return found.Groups["missing"].Success ? $"{name} is missing." : $"{name} is not {FormOf(http, name, found.Groups["type"].Value)}.";
    }

    /// <summary>Which parameter of the query cannot be read, where the framework answers 400 and says nothing; null where each can be.</summary>
    /// <remarks>That is how it refuses parameters that may be left out.</remarks>
    public static string? Find(HttpContext http)
    {
        foreach (var parameter in http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType);
            if (type is not null && http.Request.Query.TryGetValue(parameter.Name, out var text) && !IsRead(type, text))
                return $"{parameter.Name} is not {FormOf(http, parameter.Name, type.Name)}.";
        }
        return null;
    }

    private static bool IsRead(Type type, string? text) => string.IsNullOrEmpty(text) || type.Name switch
    {
        nameof(Int32) => int.TryParse(text, CultureInfo.InvariantCulture, out _),
        nameof(Boolean) => bool.TryParse(text, out _),
        nameof(DateTimeOffset) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        _ => true,
    };

    // Digits alone make no size of a page.
    private static string FormOf(HttpContext http, string name, string type) =>
        name == PageSize.Parameter && http.GetEndpoint()?.Metadata.GetMetadata<PageSize>() is { } size ? size.Form : FormOf(type);

    private static string FormOf(string type) => type.Replace("Nullable<", "", StringComparison.Ordinal).TrimEnd('?', '>') switch
    {
        "int" or "Int32" => "a whole number",
        "bool" or "Boolean" => "true or false",
        "DateTimeOffset" => "a time, such as 2026-03-01T08:00:00Z",
        _ => "of its form",
    };

    [GeneratedRegex("""^(?:(?<missing>Required parameter)|Failed to bind parameter) "(?<type>[^" ]+) (?<name>[A-Za-z]+)" """, RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
