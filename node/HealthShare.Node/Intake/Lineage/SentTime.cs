using HealthShare.Hl7.Values;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>
/// When a message was sent, as exactly as it can be told: a time to the day is any moment of that day, and one without a zone in the hour that daylight saving
/// repeats is either of two.
/// </summary>
/// <param name="Earliest">The first moment that is meant.</param>
/// <param name="Latest">The last one; not after the message was here, unless the first one is.</param>
public sealed record SentTime(DateTimeOffset Earliest, DateTimeOffset Latest)
{
    /// <summary>How far a time that names its zone may be ahead of the arrival: clocks differ a little. What is further ahead is wrong, and would outrank every later message.</summary>
    public static TimeSpan MostAhead { get; } = TimeSpan.FromMinutes(5);

    // No zone is further from UTC. A sender's times without a zone that are ahead by less are consistent with each other, only read in another zone than meant.
    private static readonly TimeSpan LargestZone = TimeSpan.FromHours(14);

    /// <summary>Reads the time of a message.</summary>
    /// <param name="stated">MSH-7; null where it states none.</param>
    /// <param name="zone">Zone of a time that names none.</param>
    /// <param name="receivedAt">
    /// When the message came: also the answer where the stated time is more than <see cref="MostAhead"/> after it, and 14 hours more where it names no zone.
    /// </param>
    public static SentTime Of(Hl7Timestamp? stated, TimeZoneInfo zone, DateTimeOffset receivedAt)
    {
        if (stated is not { } time)
            return new SentTime(receivedAt, receivedAt);
        var earliest = Read(time, zone, first: true);
        if (earliest - receivedAt > (time.Offset is null ? LargestZone + MostAhead : MostAhead))
            return new SentTime(receivedAt, receivedAt);
        var end = Read(EndOf(time), zone, first: false);
        return new SentTime(earliest, end < receivedAt || earliest > receivedAt ? end : receivedAt);
    }

    // The clock shows the repeated hour first with the offset that is further ahead of UTC.
    private static DateTimeOffset Read(Hl7Timestamp time, TimeZoneInfo zone, bool first)
    {
        if (time.Offset is not null || !zone.IsAmbiguousTime(time.Local))
            return time.ToUtc(zone);
        var offsets = zone.GetAmbiguousTimeOffsets(time.Local);
        return (time with { Offset = first ? offsets.Max() : offsets.Min() }).ToUtc(zone);
    }

    // The last millisecond of what was stated.
    private static Hl7Timestamp EndOf(Hl7Timestamp time)
    {
        var length = time.Precision switch
        {
            TimestampPrecision.Year => TimeSpan.FromDays(DateTime.IsLeapYear(time.Local.Year) ? 366 : 365),
            TimestampPrecision.Month => TimeSpan.FromDays(DateTime.DaysInMonth(time.Local.Year, time.Local.Month)),
            TimestampPrecision.Day => TimeSpan.FromDays(1),
            TimestampPrecision.Hour => TimeSpan.FromHours(1),
            TimestampPrecision.Minute => TimeSpan.FromMinutes(1),
            TimestampPrecision.Second => TimeSpan.FromSeconds(1),
            _ => TimeSpan.FromMilliseconds(1),
        };
        return time with { Local = new DateTime(Math.Min(time.Local.Ticks + length.Ticks - TimeSpan.TicksPerMillisecond, DateTime.MaxValue.Ticks)) };
    }
}
