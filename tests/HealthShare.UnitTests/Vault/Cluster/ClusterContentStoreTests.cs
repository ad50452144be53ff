using System.Security.Cryptography;
using HealthShare.UnitTests.Vault.Kubo;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Cluster;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.UnitTests.Vault.Cluster;

public sealed class ClusterContentStoreTests : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private readonly TemporaryFolder folder = new();
    private StandInKubo daemon = null!;
    private StandInCluster cluster = null!;
    private ClusterContentStore store = null!;

    public async Task InitializeAsync()
    {
        daemon = await StandInKubo.StartAsync();
        cluster = await StandInCluster.StartAsync();
        store = Open();
    }

    public async Task DisposeAsync()
    {
        store.Dispose();
        await cluster.DisposeAsync();
        await daemon.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_stored_is_in_the_pinset_and_reads_back()
    {
        var content = RandomNumberGenerator.GetBytes(5000);
        var stored = await store.PutAsync(new MemoryStream(content), new ContentLayout(1024, 4), Ct);
        var pin = cluster.Pins[stored.Cid];
        Assert.Contains("replication-min=2&replication-max=3&name=healthshare-", pin, StringComparison.Ordinal);
        Assert.Contains("mode=recursive", pin, StringComparison.Ordinal);
        Assert.Contains("meta-custodian=NorthMSP", pin, StringComparison.Ordinal);
        Assert.Empty(daemon.Pins); // the cluster decides who pins
        Assert.True(await store.IsPinnedAsync(stored.Cid, Ct));
        Assert.True(await store.HasAsync(stored.Cid, Ct));
        await using var stream = await store.OpenAsync(stored.Cid, Ct);
        var read = new byte[content.Length];
        await stream.ReadExactlyAsync(read, Ct);
        Assert.Equal(content, read);
    }

    [Fact]
    public async Task Stored_is_said_once_enough_peers_have_pinned_and_failed_ones_are_recovered()
    {
        string[][] steps = [["pin_queued", "pinning", "remote"], ["pin_error", "pinned", "remote"], ["pinning", "pinned", "remote"], ["pinned", "pinned", "remote"]];
        var at = -1;
        cluster.States = () => steps[Math.Min(Interlocked.Increment(ref at), steps.Length - 1)];
        await store.PutAsync(new MemoryStream([1]), Ct);
        Assert.True(at >= 3);
        Assert.Single(cluster.Calls, call => call.EndsWith("/recover", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pinned", "pinning", "remote")]
    [InlineData("pinned", "cluster_error", "remote")]
    [InlineData("pinned", "a word of the future", "remote")]
    [InlineData("unexpectedly_unpinned", "pin_error", "remote")]
    public async Task Too_few_pins_within_the_time_are_a_failure_that_names_each_peer(params string[] states)
    {
        cluster.States = () => states;
        using var impatient = Open(options => options with { PinTimeout = TimeSpan.FromMilliseconds(60) });
        var failure = await Assert.ThrowsAsync<IpfsException>(() => impatient.PutAsync(new MemoryStream([1]), Ct));
        Assert.Equal(IpfsFailure.TimedOut, failure.Failure);
        Assert.Contains("cluster1: ", failure.Message, StringComparison.Ordinal);
        Assert.False(await impatient.IsPinnedAsync(Cid.Of(CidCodec.Raw, [1]), Ct));
    }

    [Fact]
    public async Task A_pin_that_is_only_ordered_waits_for_no_peer_has_failed_ones_recover_and_ends_an_unpinning()
    {
        var cid = (await store.PutAsync(new MemoryStream([1]), Ct)).Cid;
        await store.UnpinAsync(cid, Ct);
        cluster.States = () => ["pinned", "pin_error", "cluster_error"]; // for ever: the store's own time for a pin is two minutes
        Assert.False(await store.OrderPinAsync(cid, Ct));
        Assert.Contains($"POST /pins/{cid}/recover", cluster.Calls);
        cluster.States = () => ["pinned", "pinned", "remote"];
        Assert.True(await store.OrderPinAsync(cid, Ct));
        Assert.True(await store.IsPinnedAsync(cid, Ct));
    }

    [Fact]
    public async Task Where_all_are_to_pin_each_must_say_so()
    {
        using var everywhere = Open(options => options with { ReplicationMin = -1, ReplicationMax = -1, PinTimeout = TimeSpan.FromMilliseconds(60) });
        cluster.States = () => ["pinned", "pinned", "pin_queued"];
        await Assert.ThrowsAsync<IpfsException>(() => everywhere.PutAsync(new MemoryStream([1]), Ct));
        cluster.States = () => ["pinned", "pinned", "pinned"];
        await everywhere.PutAsync(new MemoryStream([1]), Ct);
        cluster.States = () => [];
        Assert.False(await everywhere.IsPinnedAsync(Cid.Of(CidCodec.Raw, [1]), Ct));
    }

    [Fact]
    public async Task Pinning_what_nobody_holds_says_that_it_is_not_there()
    {
        cluster.States = () => ["pin_error", "pin_error", "pin_error"];
        using var impatient = Open(options => options with { PinTimeout = TimeSpan.FromMilliseconds(60) });
        await Assert.ThrowsAsync<ContentNotFoundException>(() => impatient.PinAsync(Cid.Of(CidCodec.Raw, [9]), Ct));
    }

    [Fact]
    public async Task What_is_unpinned_leaves_the_pinset_after_its_grace_time()
    {
        var stored = await store.PutAsync(new MemoryStream([1]), Ct);
        var kept = await store.PutAsync(new MemoryStream([2]), Ct);
        await store.UnpinAsync(stored.Cid, Ct);
        Assert.False(await store.IsPinnedAsync(stored.Cid, Ct));
        Assert.Equal(0, await store.CollectGarbageAsync(TimeSpan.FromHours(1), Ct));
        Assert.Equal(2, cluster.Pins.Count);
        Assert.Equal(1, await store.CollectGarbageAsync(TimeSpan.Zero, Ct));
        Assert.Equal([kept.Cid], cluster.Pins.Keys);
        Assert.Contains("POST /ipfs/gc?local=true", cluster.Calls);
        await store.Cluster.UnpinAsync(stored.Cid, Ct);
        var pins = new List<Cid>();
        await foreach (var pin in store.ListPinsAsync(Ct))
            pins.Add(pin);
        Assert.Equal([kept.Cid], pins);
    }

    [Fact]
    public async Task An_empty_pinset_lists_nothing()
    {
        await foreach (var pin in store.ListPinsAsync(Ct))
            Assert.Fail(pin.ToString());
    }

    [Fact]
    public async Task Health_and_status_are_told_as_the_peers_tell_them()
    {
        await store.Cluster.CheckHealthAsync(Ct);
        cluster.States = () => ["pinned", "pin_error", "remote"];
        var stored = Cid.Of(CidCodec.Raw, [1]);
        cluster.Pins[stored] = "";
        var status = await store.Cluster.GetStatusAsync(stored, local: false, Ct);
        Assert.Equal([ClusterPinState.Pinned, ClusterPinState.PinError, ClusterPinState.Remote], status.Peers.Select(peer => peer.State));
        Assert.Equal(("cluster1", "context deadline exceeded", 1), (status.Peers[1].PeerName, status.Peers[1].Error, status.Peers[1].Attempts));
        Assert.Equal(1, status.Pinned);
        Assert.True(status.NeedsRecovery);
    }

    [Fact]
    public async Task A_status_of_another_content_or_of_no_peers_is_refused()
    {
        var other = Cid.Of(CidCodec.Raw, [8]);
        foreach (var answer in new[] { $"{{\"cid\":\"{other}\",\"peer_map\":{{}}}}", "{}", "[]", $"{{\"cid\":{{\"/\":\"{Cid.Of(CidCodec.Raw, [1])}\"}}}}" })
        {
            cluster.Before = async http =>
            {
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, answer);
                return true;
            };
            await Assert.ThrowsAsync<IpfsException>(() => store.Cluster.GetStatusAsync(Cid.Of(CidCodec.Raw, [1]), local: false, Ct));
        }
    }

    [Fact]
    public async Task A_peer_that_wants_authorization_gets_it_over_the_authority_that_is_named_and_no_other()
    {
        using var certificate = LoopbackCertificate.Create();
        await using var secured = await StandInCluster.StartAsync(certificate);
        secured.Authorization = "Basic bm9ydGg6czNjcmV0";
        var ca = folder.File("ca.pem");
        await File.WriteAllTextAsync(ca, certificate.ExportCertificatePem());
        using var signedIn = new ClusterClient(new()
        {
            Url = secured.Url, CaFile = ca, Authorization = IpfsEndpoint.Basic("north", "s3cret"), Retries = 0,
        });
        await signedIn.GetStatusAsync(Cid.Of(CidCodec.Raw, [1]), local: true, Ct);

        using var nobody = new ClusterClient(new() { Url = secured.Url, CaFile = ca, Retries = 0 });
        await nobody.CheckHealthAsync(Ct);
        Assert.Equal(IpfsFailure.Denied, (await Assert.ThrowsAsync<IpfsException>(
            () => nobody.GetStatusAsync(Cid.Of(CidCodec.Raw, [1]), local: true, Ct))).Failure);

        using var other = LoopbackCertificate.Create();
        await File.WriteAllTextAsync(ca, other.ExportCertificatePem());
        using var distrusting = new ClusterClient(new() { Url = secured.Url, CaFile = ca, Retries = 0 });
        Assert.Equal(IpfsFailure.Unreachable, (await Assert.ThrowsAsync<IpfsException>(() => distrusting.CheckHealthAsync(Ct))).Failure);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(-1, 3)]
    [InlineData(1, -1)]
    [InlineData(-2, -2)]
    public void Factors_that_do_not_fit_together_are_refused(int min, int max) => Assert.Throws<ArgumentException>(
        () => new ClusterClient(new() { Url = cluster.Url, ReplicationMin = min, ReplicationMax = max }));

    private ClusterContentStore Open(Func<ClusterOptions, ClusterOptions>? change = null)
    {
        var options = new ClusterOptions
        {
            Url = cluster.Url, RetryDelay = TimeSpan.FromMilliseconds(1), Metadata = new Dictionary<string, string> { ["custodian"] = "NorthMSP" },
        };
        return ClusterContentStore.Open(new()
        {
            Rpc = new() { Url = daemon.Url, RetryDelay = TimeSpan.FromMilliseconds(1) },
            Cluster = change?.Invoke(options) ?? options,
            Folder = folder.File("unpinned"),
        });
    }
}
