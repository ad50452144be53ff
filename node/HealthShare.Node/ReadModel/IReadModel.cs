namespace HealthShare.Node.ReadModel;

/// <summary>How far the node's copy of the channel is.</summary>
public interface IReadModel
{
    /// <summary>Number of blocks applied, which is the number of the next one.</summary>
    ulong Height { get; }

    /// <summary>
    /// False once the copy has been behind another member, or out of touch with all of them, for longer than
    /// <see cref="ReadModelOptions.StaleAfter"/>, or has stopped. Then nothing may be released by it.
    /// </summary>
    bool IsFresh { get; }

    /// <summary>When the copy was last known to hold every block; null before the first time.</summary>
    DateTimeOffset? CompleteAsOf { get; }

    /// <summary>Why the copy has stopped for good; null while it has not.</summary>
    string? Fault { get; }

    /// <summary>Waits until a block is applied, such as the one that holds a transaction of this node.</summary>
    /// <param name="block">Number of the block.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="InvalidOperationException">The copy has stopped.</exception>
    Task WaitForAsync(ulong block, CancellationToken ct);
}
