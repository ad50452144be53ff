using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Cluster;

/// <summary>The way to one IPFS Cluster peer's REST interface, and what its pins are to be like.</summary>
public sealed record ClusterOptions : IpfsEndpoint
{
    /// <summary>Fewest peers that are to pin; -1 is all. The cluster refuses a pin when fewer are there. Default 2.</summary>
    public int ReplicationMin { get; init; } = 2;

    /// <summary>Most peers that are to pin, at least <see cref="ReplicationMin"/>; -1 is all. Default 3.</summary>
    public int ReplicationMax { get; init; } = 3;

    /// <summary>
    /// Longest wait until enough peers have pinned: <see cref="ReplicationMin"/>, or every peer that is to pin where that is -1.
    /// Default 2 minutes, after which the cluster itself gives a pin up.
    /// </summary>
    public TimeSpan PinTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>First part of each pin's name; the rest is the end of its CID. Never anything about a person. Default <c>healthshare</c>.</summary>
    public string Name { get; init; } = "healthshare";

    /// <summary>Metadata of each pin, for those who run the cluster. Never anything about a person. Default none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal bool IsValid => ReplicationMin is -1 or >= 1 and <= 1000 && ReplicationMax is -1 or >= 1 and <= 1000
        && (ReplicationMin == -1) == (ReplicationMax == -1) && ReplicationMax >= ReplicationMin && PinTimeout > TimeSpan.Zero;
}
