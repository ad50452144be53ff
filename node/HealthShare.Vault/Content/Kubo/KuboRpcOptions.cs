using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>The way to one IPFS daemon's RPC interface (Kubo; js-ipfs answers too).</summary>
public sealed record KuboRpcOptions : IpfsEndpoint
{
    /// <summary>
    /// How long a daemon may look for one block, at other peers too, before the block counts as absent. Default 20 seconds. In a
    /// private swarm nobody ever says that a block does not exist: time is the only answer.
    /// </summary>
    public TimeSpan FetchTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The same where only the daemon's own blocks are asked for; Kubo answers at once, js-ipfs does not. Default 2 seconds.</summary>
    public TimeSpan LocalTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest a pin may take, and the end of an import after its last byte: the daemon visits every block. Default 2 minutes.</summary>
    public TimeSpan PinTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
