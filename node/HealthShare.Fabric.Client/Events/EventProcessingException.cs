namespace HealthShare.Fabric.Client;

/// <summary>
/// A handler, or the checkpointer behind it, failed as often as is allowed. The item's position is not stored: processing begun
/// anew hands the same item over first.
/// </summary>
/// <param name="position">The position behind the item, which was not reached.</param>
/// <param name="attempts">How often it was tried.</param>
/// <param name="message">What failed.</param>
/// <param name="inner">The last failure.</param>
public sealed class EventProcessingException(EventPosition position, int attempts, string message, Exception inner)
    : Exception(message, inner)
{
    /// <summary>The position behind the item, which was not reached.</summary>
    public EventPosition Position { get; } = position;

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; } = attempts;
}
