using System.CommandLine;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>Options of the form <c>--option NAME=VALUE</c>, one for each name.</summary>
internal static class NamedValues
{
    public static Option<string[]> Option(string name, string help, string description) => new(name)
    {
        HelpName = help, Description = description, DefaultValueFactory = _ => [],
    };

    /// <summary>The values by name, in the order given.</summary>
    /// <exception cref="ArgumentException">One is not of the form, or a name is given twice.</exception>
    public static IReadOnlyList<(string Name, string Value)> Read(ParseResult parsed, Option<string[]> option)
    {
        var values = parsed.GetValue(option)!.Select(text => Split(option.Name, text)).ToList();
        return values.GroupBy(value => value.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new ArgumentException($"{option.Name} is given {twice.Count()} times for '{twice.Key}'.")
            : values;
    }

    /// <summary>The value of one name, or null.</summary>
    public static string? Of(this IReadOnlyList<(string Name, string Value)> values, string name) =>
        values.Where(value => value.Name == name).Select(value => value.Value).FirstOrDefault();

    private static (string Name, string Value) Split(string option, string text) => text.IndexOf('=', StringComparison.Ordinal) is var at and > 0
        && at + 1 < text.Length
        ? (text[..at], text[(at + 1)..])
        : throw new ArgumentException($"{option} takes NAME=VALUE, not '{text}'.");
}
