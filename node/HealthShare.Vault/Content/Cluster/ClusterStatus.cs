namespace HealthShare.Vault.Content.Cluster;

/// <summary>What a cluster peer says about a pin. A peer can say so without holding the bytes: only a challenge proves them.</summary>
public enum ClusterPinState
{
    /// <summary>A word that this version does not know.</summary>
    Unknown,

    /// <summary>Pinned at the peer's daemon.</summary>
    Pinned,

    /// <summary>Being pinned.</summary>
    Pinning,

    /// <summary>Waiting to be pinned.</summary>
    PinQueued,

    /// <summary>Pinning failed; recovering tries again.</summary>
    PinError,

    /// <summary>Being unpinned.</summary>
    Unpinning,

    /// <summary>Waiting to be unpinned.</summary>
    UnpinQueued,

    /// <summary>Unpinning failed; recovering tries again.</summary>
    UnpinError,

    /// <summary>Not pinned.</summary>
    Unpinned,

    /// <summary>To be pinned, but the daemon does not: somebody unpinned it behind the cluster's back.</summary>
    UnexpectedlyUnpinned,

    /// <summary>Pinned by other peers, not by this one.</summary>
    Remote,

    /// <summary>The peer could not be asked.</summary>
    ClusterError,
}

/// <summary>A pin at one peer.</summary>
/// <param name="PeerId">The cluster peer's id.</param>
/// <param name="PeerName">Its name; may be empty.</param>
/// <param name="State">What it says.</param>
/// <param name="Error">Why it failed; empty where it did not.</param>
/// <param name="Attempts">How often pinning was tried.</param>
public sealed record ClusterPeerStatus(string PeerId, string PeerName, ClusterPinState State, string Error, int Attempts);

/// <summary>A pin at every peer.</summary>
/// <param name="Cid">The content.</param>
/// <param name="Peers">What each peer says.</param>
public sealed record ClusterPinStatus(Cid Cid, IReadOnlyList<ClusterPeerStatus> Peers)
{
    /// <summary>How many peers say that they pinned.</summary>
    public int Pinned => Peers.Count(peer => peer.State is ClusterPinState.Pinned);

    /// <summary>True when enough peers say so.</summary>
    /// <param name="replicationMin">How many that is; -1 is every peer that is to pin.</param>
    public bool IsPinnedBy(int replicationMin) => Pinned > 0 && (replicationMin > 0
        ? Pinned >= replicationMin
        : Peers.All(peer => peer.State is ClusterPinState.Pinned or ClusterPinState.Remote));

    /// <summary>True when asking the cluster to recover may help.</summary>
    public bool NeedsRecovery => Peers.Any(peer => peer.State is ClusterPinState.PinError or ClusterPinState.UnexpectedlyUnpinned);

    internal string Describe() => string.Join(", ", Peers.Select(peer =>
        $"{(peer.PeerName.Length > 0 ? peer.PeerName : peer.PeerId)}: {peer.State}{(peer.Error.Length > 0 ? $" ({peer.Error})" : "")}"));
}
