using System.Net;
using System.Security.Cryptography;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Ipfs;
using HealthShare.Vault.Content;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>What three real daemons do by themselves, which everything above them rests on.</summary>
[Collection(SwarmCollection.Name)]
public sealed class PrivateSwarmTests(SwarmFixture swarm)
{
    [IpfsFact]
    public async Task What_one_daemon_stores_another_reads()
    {
        using var north = new RawRpc(swarm.North);
        using var east = new RawRpc(swarm.East);
        var content = RandomNumberGenerator.GetBytes(2_500_000);

        var cid = await north.AddAsync(new MemoryStream(content));

        Assert.Equal(content, await east.CatAsync(cid));
    }

    [IpfsFact]
    public async Task A_daemon_with_another_swarm_key_cannot_join()
    {
        var otherKey = swarm.PathOf("other.key");
        IpfsSwarm.WriteNewKey(otherKey);
        await using var stranger = await IpfsDaemon.StartAsync(
            swarm.Launcher, swarm.PathOf("stranger"), otherKey, CancellationToken.None);
        using var strangers = new RawRpc(stranger);
        using var north = new RawRpc(swarm.North);

        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.ConnectAsync(swarm.North, CancellationToken.None));
        await Assert.ThrowsAsync<HttpRequestException>(() => swarm.North.ConnectAsync(stranger, CancellationToken.None));

        Assert.Equal(0, await strangers.PeerCountAsync());
        // A connection of a daemon that another test killed may be noticed late.
        for (var attempt = 0; attempt < 600 && await north.PeerCountAsync() != 2; attempt++)
            await Task.Delay(100);
        Assert.Equal(2, await north.PeerCountAsync());
    }

    [IpfsFact]
    public async Task The_gateway_gives_a_block_only_where_it_is_held_and_fetches_nothing()
    {
        using var north = new RawRpc(swarm.North);
        using var south = new RawRpc(swarm.South);
        var content = RandomNumberGenerator.GetBytes(1000);
        var cid = await north.AddAsync(new MemoryStream(content));

        Assert.Equal(content, await north.HeldBlockAsync(cid));
        Assert.Null(await south.HeldBlockAsync(cid));

        await south.CatAsync(cid);
        Assert.Equal(content, await south.HeldBlockAsync(cid));
    }

    [IpfsFact]
    public async Task The_gateway_takes_no_other_question()
    {
        using var north = new RawRpc(swarm.North);
        var cid = Cid.Of(CidCodec.Raw, "anything"u8);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, await north.GatewayStatusAsync($"/ipfs/{cid}?format=raw", HttpMethod.Post));
        Assert.Equal(HttpStatusCode.BadRequest, await north.GatewayStatusAsync($"/ipfs/{cid}", HttpMethod.Get));
        Assert.Equal(HttpStatusCode.BadRequest, await north.GatewayStatusAsync("/ipfs/nonsense?format=raw", HttpMethod.Get));
        Assert.Equal(HttpStatusCode.BadRequest, await north.GatewayStatusAsync("/ipfs/..%2f..%2fswarm.key?format=raw", HttpMethod.Get));
        Assert.Equal(HttpStatusCode.BadRequest, await north.GatewayStatusAsync("/api/v0/id", HttpMethod.Get));
    }

    [IpfsFact]
    public async Task A_key_that_is_none_stops_the_start_and_is_named()
    {
        var broken = swarm.PathOf("broken.key");
        await File.WriteAllTextAsync(broken, "/key/swarm/psk/1.0.0/\n/base16/\nno key\n");

        var failure = await Assert.ThrowsAsync<SandboxException>(
            () => IpfsDaemon.StartAsync(swarm.Launcher, swarm.PathOf("keyless"), broken, CancellationToken.None));

        Assert.Contains("broken.key' cannot be used", failure.Message, StringComparison.Ordinal);
    }
}
