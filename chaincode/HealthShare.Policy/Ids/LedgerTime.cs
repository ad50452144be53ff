using System.Globalization;

namespace HealthShare.Policy.Ids;

/// <summary>Times on the ledger: RFC 3339 in UTC with whole seconds, such as <c>2026-03-01T08:00:00Z</c>, and no other form.</summary>
public static class LedgerTime
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Writes a time; fractions of a second are cut.</summary>
    public static string Format(DateTimeOffset time) => time.ToUniversalTime().ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Reads a time in its one form; offsets, fractions and leap seconds are refused.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>The same time without its fraction of a second.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerSecond));
    }
}
