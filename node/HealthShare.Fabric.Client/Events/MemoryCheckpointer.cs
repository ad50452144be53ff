namespace HealthShare.Fabric.Client;

/// <summary>Keeps a position as long as the process lives: for tests, and for readers that begin anew after each start.</summary>
/// <param name="position">Where to begin; null for nowhere yet.</param>
public sealed class MemoryCheckpointer(EventPosition? position = null) : ICheckpointer
{
    private volatile EventPosition? current = position;

    /// <inheritdoc/>
    public ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default) => ValueTask.FromResult(current);

    /// <inheritdoc/>
    public ValueTask SaveAsync(EventPosition position, CancellationToken ct = default)
    {
        current = position;
        return ValueTask.CompletedTask;
    }
}
