using System.Collections.Immutable;

namespace HealthShare.DevLedger.State;

/// <summary>
/// The world state after a number of blocks: public values, hashes of private values, and the private values themselves.
/// Immutable, so one reference is a consistent view. It lives in memory and is rebuilt from the blocks at start.
/// </summary>
/// <param name="Height">Number of blocks that made this state.</param>
/// <param name="Spaces">Name spaces by <see cref="SpaceName"/>.</param>
internal sealed record WorldState(ulong Height, ImmutableDictionary<SpaceName, StateSpace> Spaces)
{
    public static WorldState Empty { get; } = new(0, ImmutableDictionary<SpaceName, StateSpace>.Empty);

    public StateSpace Space(SpaceName name) => Spaces.GetValueOrDefault(name, StateSpace.Empty);

    /// <summary>The state with one key written, or removed where the value is null.</summary>
    public WorldState With(StateWrite write)
    {
        var space = Space(write.Space);
        var changed = write.Value is null
            ? space.Remove(write.Key)
            : space.Set(new StateEntry(write.Key, write.Value, write.Version) { Metadata = write.Metadata });
        return this with { Spaces = Spaces.SetItem(write.Space, changed) };
    }
}
