using HealthShare.Node.Content.Keeping;
using HealthShare.UnitTests.Vault.Cluster;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.UnitTests.Node.Content.Keeping;

public sealed class ClusterClaimsTests
{
    private static readonly Cid Content = Cid.Of(CidCodec.Raw, [1]);

    [Fact]
    public async Task Peers_are_known_by_the_names_of_the_replicas_beside_them()
    {
        await using var peer = await StandInCluster.StartAsync();
        peer.Pins[Content] = "";
        peer.States = () => ["remote", "pinned", "pin_error"];
        using var client = new ClusterClient(new ClusterOptions { Url = peer.Url, Retries = 0 });
        var claims = new ClusterClaims(client,
        [
            new ReplicaOptions { Name = "south", ClusterPeer = "cluster1" }, new ReplicaOptions { Name = "cluster2" }, new ReplicaOptions { Name = "east" },
        ]);
        var said = await claims.AskAsync(Content, default);
        Assert.Equal(["own", "south"], said.Pinned.Order()); // the stand-in answers for all of its peers when it is asked for itself
        Assert.True(said.NeedsRecovery);
        await claims.RecoverAsync(Content, default);
        Assert.Contains($"POST /pins/{Content}/recover", peer.Calls);
        await peer.DisposeAsync();
        await Assert.ThrowsAsync<IpfsException>(() => claims.AskAsync(Content, default));
    }
}
