using System.Globalization;

namespace HealthShare.Node.Problems;

/// <summary>
/// Where the next page of a list begins: a few words that mean something to the list alone. Callers get them sealed, see
/// <see cref="CursorSeal"/>.
/// </summary>
internal static class PageCursor
{
    private const char Between = '\n';

    /// <summary>A position of these parts, none of which has a line break.</summary>
    public static string Of(params IReadOnlyList<string> parts) => string.Join(Between, parts);

    /// <summary>The parts of a position; null where there is none.</summary>
    /// <param name="position">As an earlier page had it.</param>
    /// <param name="parts">How many parts it has.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: it is not one.</exception>
    public static string[]? Parse(string? position, int parts)
    {
        if (position is null)
            return null;
        var found = position.Split(Between);
        return found.Length == parts ? found : throw Invalid();
    }

    /// <summary>A number as a part.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A part as a number.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: it is none.</exception>
    public static long Number(string part) =>
        long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Invalid();

    /// <summary>The refusal of what is no cursor.</summary>
    public static ApiProblemException Invalid() => new(ApiProblem.Invalid("cursor is not one that an earlier page gave."));
}
