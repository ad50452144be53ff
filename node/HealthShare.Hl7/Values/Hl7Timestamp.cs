using System.Globalization;

namespace HealthShare.Hl7.Values;

/// <summary>How exactly a point in time was given.</summary>
public enum TimestampPrecision
{
    /// <summary>A year.</summary>
    Year,

    /// <summary>A month.</summary>
    Month,

    /// <summary>A day.</summary>
    Day,

    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A minute.</summary>
    Minute,

    /// <summary>A second.</summary>
    Second,

    /// <summary>Parts of a second.</summary>
    Fraction,
}

/// <summary>
/// A time of HL7 v2 (data types DT, DTM and TS: <c>YYYY[MM[DD[HH[MM[SS[.S…]]]]]][±ZZZZ]</c>) with the precision in which it was given.
/// </summary>
/// <param name="Local">The time as written; parts that were not given are the earliest possible.</param>
/// <param name="Precision">The last part that was given.</param>
/// <param name="Offset">The zone, if one was given: −23:59 to +23:59.</param>
public readonly record struct Hl7Timestamp(DateTime Local, TimestampPrecision Precision, TimeSpan? Offset)
{
    private const int MaxLength = 32;

    /// <summary>Reads the first component of a value.</summary>
    /// <param name="value">A field, repetition or component that holds a time.</param>
    /// <param name="timestamp">The time when true is returned.</param>
    /// <returns>False when the value is empty, null or no time of the calendar.</returns>
    public static bool TryRead(Er7Value value, out Hl7Timestamp timestamp) => TryParse(value.Subcomponent(1).Raw, out timestamp);

    /// <summary>Reads a time from its text.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Hl7Timestamp timestamp)
    {
        timestamp = default;
        text = text.Trim((byte)' ');
        if (text.Length is < 4 or > MaxLength || !TryZone(ref text, out var offset))
            return false;

        var fraction = 0L;
        var point = text.IndexOf((byte)'.');
        if (point >= 0)
        {
            if (point != 14 || !TryFraction(text[15..], out fraction))
                return false;
            text = text[..14];
        }
        if (text.Length is not (4 or 6 or 8 or 10 or 12 or 14) || text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;

        var (year, month, day) = (Number(text[..4]), Part(text, 4, 1), Part(text, 6, 1));
        var (hour, minute, second) = (Part(text, 8, 0), Part(text, 10, 0), Part(text, 12, 0));
        if (year is 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;
        var precision = point >= 0 ? TimestampPrecision.Fraction : (TimestampPrecision)(text.Length / 2 - 2);
        timestamp = new Hl7Timestamp(new DateTime(year, month, day, hour, minute, second).AddTicks(fraction), precision, offset);
        return true;
    }

    /// <summary>
    /// The moment in UTC. A time without a zone is taken in <paramref name="assumed"/> (the zone of MSH-7 if it has one, else the hospital's); one
    /// that falls into the hour that daylight saving skips or repeats counts with the zone's standard offset.
    /// </summary>
    /// <remarks>Days, months and years have no zone by themselves: their start in that zone is meant.</remarks>
    public DateTimeOffset ToUtc(TimeZoneInfo assumed)
    {
        var unspecified = DateTime.SpecifyKind(Local, DateTimeKind.Unspecified);
        var offset = Offset ?? (assumed.IsInvalidTime(unspecified) ? assumed.BaseUtcOffset : assumed.GetUtcOffset(unspecified));
        // At the two ends of the calendar the shift would leave it.
        var ticks = Math.Clamp(Local.Ticks - offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private static bool TryZone(ref ReadOnlySpan<byte> text, out TimeSpan? offset)
    {
        offset = null;
        var sign = text.IndexOfAny((byte)'+', (byte)'-');
        if (sign < 0)
            return true;
        var zone = text[(sign + 1)..];
        if (zone.Length != 4 || zone.ContainsAnyExceptInRange((byte)'0', (byte)'9') || Number(zone[..2]) > 23 || Number(zone[2..]) > 59)
            return false;
        var span = new TimeSpan(Number(zone[..2]), Number(zone[2..]), 0);
        offset = text[sign] == '-' ? -span : span;
        text = text[..sign];
        return true;
    }

    private static bool TryFraction(ReadOnlySpan<byte> digits, out long ticks)
    {
        ticks = 0;
        if (digits.Length is 0 or > 9 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        for (var i = 0; i < 7; i++)
            ticks = ticks * 10 + (i < digits.Length ? digits[i] - '0' : 0);
        return true;
    }

    private static int Part(ReadOnlySpan<byte> text, int at, int otherwise) => text.Length > at ? Number(text.Slice(at, 2)) : otherwise;

    private static int Number(ReadOnlySpan<byte> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
