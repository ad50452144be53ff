namespace HealthShare.Node.Intake.Lineage;

/// <summary>What a message does to earlier ones of the same series.</summary>
public enum LineageAction
{
    /// <summary>Nothing: it is one of several events.</summary>
    None,

    /// <summary>It states the thing as it is now: it takes the place of those whose parts it has, and amends the others.</summary>
    State,

    /// <summary>It adds to them.</summary>
    Add,

    /// <summary>It says that they did not happen or were wrong.</summary>
    Cancel,
}

/// <summary>One series that a message belongs to or acts on, such as the results of one order.</summary>
/// <param name="Series">Names the series; never leaves the node but as a keyed hash.</param>
/// <param name="Action">What the message does to earlier ones.</param>
/// <param name="Belongs">True where it is itself one of the series, so that later ones may act on it.</param>
/// <param name="Parts">What it says of the series, such as its observations; null where that is more than is kept.</param>
/// <param name="Status">What it states of the series' status.</param>
public sealed record LineageItem(string Series, LineageAction Action, bool Belongs, IReadOnlyList<string>? Parts, LineageStatus Status);

/// <summary>What a message says of the status of a series (OBR-25, OBX-11).</summary>
/// <param name="Rank">Which of two messages of the same time is the later one; larger is later, 0 where nothing is stated.</param>
/// <param name="Corrects">It says of itself that it corrects what was sent before (<c>C</c>).</param>
public sealed record LineageStatus(int Rank, bool Corrects)
{
    /// <summary>Nothing is stated.</summary>
    public static LineageStatus None { get; } = new(0, false);
}

/// <summary>How a message stands to others of the same patient.</summary>
/// <param name="Sent">MSH-7, or the time of arrival.</param>
/// <param name="Items">Its series.</param>
/// <param name="Moved">A visit that it says is another patient's; null for none.</param>
public sealed record LineageFacts(SentTime Sent, IReadOnlyList<LineageItem> Items, MovedVisit? Moved = null);

/// <summary>A visit that was moved from one patient to another.</summary>
/// <param name="Visit">Names the visit; never leaves the node but as a keyed hash.</param>
/// <param name="From">The patient whom its records were put under.</param>
public sealed record MovedVisit(string Visit, string From);
