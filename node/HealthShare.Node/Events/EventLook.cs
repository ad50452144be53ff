namespace HealthShare.Node.Events;

/// <summary>What the feed saw at one look: the same for all who wait.</summary>
/// <param name="Number">Number of the look; who missed one does not know what only that one told.</param>
/// <param name="Last">Number of the last event.</param>
/// <param name="Log">Number of the last line of the access log.</param>
/// <param name="Lines">How many of the newest lines there are; a line that shows late adds to them.</param>
/// <param name="After">The events in <paramref name="Events"/> are all that come after this one.</param>
/// <param name="Events">Events that are new since the look before.</param>
/// <param name="Logged">Patients in the newest lines of the log; null where that is not known.</param>
internal sealed record EventLook(
    long Number, long Last, long Log, long Lines, long After, IReadOnlyList<NodeEvent> Events, IReadOnlySet<string>? Logged)
{
    /// <summary>Before the first look: nothing is known.</summary>
    public static readonly EventLook None = new(0, 0, 0, 0, 0, [], null);

    /// <summary>The events after a number that a reader wants; null where they must be read from the table.</summary>
    public IReadOnlyList<NodeEvent>? Wanted(EventFilter filter, long after) =>
        after < After ? null : [.. Events.Where(one => one.Sequence > after && filter.Wants(one))];

    /// <summary>False where the log of a patient is as it was at an earlier look.</summary>
    public bool MayHaveLogged(EventLook before, string patientId) =>
        (Log, Lines) != (before.Log, before.Lines) && (Number > before.Number + 1 || Logged is null || Logged.Contains(patientId));
}
