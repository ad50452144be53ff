using System.Collections.Concurrent;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>
/// Says once for each facility that its times are ahead, which name no zone: they are most likely another zone's than the one that is set. They are in their
/// order among themselves; beside a sender that names its zone they are not. Thread-safe.
/// </summary>
internal sealed partial class ZoneWatch(ILogger<ZoneWatch> logger)
{
    private const int MostFacilities = 1000; // whoever invents names fills no memory
    private readonly ConcurrentDictionary<string, bool> told = new(StringComparer.Ordinal);

    /// <summary>Looks at when a message says that it was sent.</summary>
    public void Look(IntakeMessage message, LineageFacts? facts)
    {
        var ahead = facts?.Sent.Earliest - DateTimeOffset.FromUnixTimeMilliseconds(message.ReceivedAt);
        if (ahead > SentTime.MostAhead && told.Count < MostFacilities && told.TryAdd(message.Facility ?? "", true))
            LogAhead(message.Facility ?? "(not named)", (int)ahead.Value.TotalMinutes);
    }

    [LoggerMessage(4139, LogLevel.Warning, "Times without a zone that facility {Facility} sends are ahead by {Minutes} minutes: set HealthShare:Intake:TimeZone to its zone, or have it name the zone in MSH-7.")]
    private partial void LogAhead(string facility, int minutes);
}
