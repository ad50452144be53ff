using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Keeping;

/// <summary>What the replicas themselves say that they pinned. Said, not proven.</summary>
internal interface IPinClaims
{
    /// <summary>Names of the replicas that say they hold a content, and whether the cluster knows of a pin that failed.</summary>
    /// <exception cref="IOException">The cluster does not answer.</exception>
    Task<PinClaims> AskAsync(Cid cid, CancellationToken ct);

    /// <summary>Has the cluster try failed pins of a content again.</summary>
    /// <exception cref="IOException">The cluster does not answer.</exception>
    Task RecoverAsync(Cid cid, CancellationToken ct);
}

/// <summary>Claims about one content.</summary>
/// <param name="Pinned">Names of the replicas that say they pinned it.</param>
/// <param name="NeedsRecovery">True when a peer says that pinning failed, or that somebody unpinned behind its back.</param>
internal sealed record PinClaims(IReadOnlySet<string> Pinned, bool NeedsRecovery);

/// <summary>Where there is no cluster nobody claims anything.</summary>
internal sealed class NoPinClaims : IPinClaims
{
    private static readonly PinClaims None = new(new HashSet<string>(), false);

    public Task<PinClaims> AskAsync(Cid cid, CancellationToken ct) => Task.FromResult(None);

    public Task RecoverAsync(Cid cid, CancellationToken ct) => Task.CompletedTask;
}
