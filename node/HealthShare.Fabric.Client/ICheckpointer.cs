namespace HealthShare.Fabric.Client;

/// <summary>A position in a channel's blocks or events.</summary>
/// <param name="BlockNumber">The block to begin with.</param>
/// <param name="TransactionId">
/// For events: the transaction in that block after whose event to begin; null begins with the block's first.
/// </param>
public sealed record EventPosition(ulong BlockNumber, string? TransactionId = null);

/// <summary>Keeps the position up to which a reader has processed blocks or events. One reader per checkpointer.</summary>
public interface ICheckpointer
{
    /// <summary>The position to go on from; null where nothing was processed so far.</summary>
    ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default);

    /// <summary>Stores a position durably before it returns.</summary>
    ValueTask SaveAsync(EventPosition position, CancellationToken ct = default);
}
