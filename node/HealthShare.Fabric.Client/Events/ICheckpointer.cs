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
    /// <summary>The position to go on from; null where nothing was processed so far. Never null because it cannot be read.</summary>
    ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default);

    /// <summary>Stores a position durably before it returns; a crash meanwhile leaves the old one or the new one.</summary>
    ValueTask SaveAsync(EventPosition position, CancellationToken ct = default);
}

/// <summary>
/// A handler whose effects and position live in one store, such as a database, and change together. Implement
/// <see cref="HandleAsync"/> as one transaction; <see cref="ICheckpointer.SaveAsync"/> is called once, to store the very first
/// position.
/// </summary>
/// <typeparam name="T">Type of the items: blocks or events.</typeparam>
public interface ITransactionalHandler<in T> : ICheckpointer
{
    /// <summary>Applies the item's effect and stores the position behind it: both durably, or neither.</summary>
    /// <param name="item">The item.</param>
    /// <param name="next">What <see cref="ICheckpointer.LoadAsync"/> shall give from now on.</param>
    /// <param name="ct">Ends the attempt.</param>
    Task HandleAsync(T item, EventPosition next, CancellationToken ct = default);
}
