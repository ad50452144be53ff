using System.Globalization;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// FHIR's dateTime: a year, month, day or instant. It stands for the whole of that time, so a period that ends on a day
/// includes the day. A date without a zone is taken as UTC.
/// </summary>
internal static class FhirTime
{
    private static readonly string[] Instants =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>Reads a dateTime as the half-open time that it stands for, in whole seconds.</summary>
    /// <param name="text">The dateTime.</param>
    /// <param name="start">Its first instant.</param>
    /// <param name="end">The first instant after it; null past the end of the calendar, which people write for "no end".</param>
    public static bool TryParse(string text, out DateTimeOffset start, out DateTimeOffset? end)
    {
        end = null;
        if (Exact(text, "yyyy", out start))
            end = Add(start, static time => time.AddYears(1));
        else if (Exact(text, "yyyy-MM", out start))
            end = Add(start, static time => time.AddMonths(1));
        else if (Exact(text, "yyyy-MM-dd", out start))
            end = Add(start, static time => time.AddDays(1));
        else if (HasZone(text) && DateTimeOffset.TryParseExact(
            text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out start))
            end = Add(start = LedgerTime.Truncate(start), static time => time.AddSeconds(1));
        else
            return false;
        return true;
    }

    /// <summary>The last second before an end that is not included.</summary>
    public static string LastBefore(DateTimeOffset end) => LedgerTime.Format(end.AddSeconds(-1));

    private static bool Exact(string text, string form, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    // FHIR requires a zone wherever there is a time of day; "K" alone would accept none.
    private static bool HasZone(string text) => text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');

    private static DateTimeOffset? Add(DateTimeOffset time, Func<DateTimeOffset, DateTimeOffset> add)
    {
        try { return add(time); }
        catch (ArgumentOutOfRangeException) { return null; } // the calendar ends here, so nothing lies after it
    }
}
