using System.Runtime.CompilerServices;
using HealthShare.Vault.Content.Ipfs;
using HealthShare.Vault.Content.Kubo;

namespace HealthShare.Vault.Content.Cluster;

/// <summary>Settings of a store at an IPFS Cluster.</summary>
public sealed record ClusterContentStoreOptions
{
    /// <summary>The IPFS daemon beside the cluster peer: blocks go in and come out there.</summary>
    public required KuboRpcOptions Rpc { get; init; }

    /// <summary>The cluster peer.</summary>
    public required ClusterOptions Cluster { get; init; }

    /// <summary>Folder on this machine for the marks of what was unpinned; made if it is absent.</summary>
    public required string Folder { get; init; }

    /// <summary>How content is cut. Changing it changes the CIDs of what is stored later; what is there stays readable.</summary>
    public ContentLayout Layout { get; init; } = ContentLayout.Default;

    /// <summary>
    /// Whether collecting garbage has the daemon remove blocks, too; false only lets go of pins, and leaves the blocks to the schedule
    /// of those who run the daemon, which takes nothing new meanwhile. Default true.
    /// </summary>
    public bool CollectsGarbage { get; init; } = true;
}

/// <summary>A content store at an IPFS Cluster: stored is what its minimum of peers says it pinned.</summary>
/// <remarks>
/// Blocks go to the local daemon unpinned and the cluster decides who pins them; should that daemon collect its garbage between
/// the two, pinning fails and nothing was promised. A peer can say pinned without being so: the keeper's challenges are the
/// proof. Content whose pin was late stays in the pinset, where it is no record's. Besides the exceptions of
/// <see cref="IContentStore"/>, every call fails with <see cref="IpfsException"/> while the daemon or the peer is away. Thread-safe.
/// </remarks>
public sealed class ClusterContentStore : IContentStore, IDisposable
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ClusterContentStoreOptions options;
    private readonly TimeProvider time;
    private readonly UnpinMarks marks;

    private ClusterContentStore(ClusterContentStoreOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        marks = new UnpinMarks(options.Folder, time);
        Rpc = new KuboRpcClient(options.Rpc, time);
        Cluster = new ClusterClient(options.Cluster, time);
    }

    /// <summary>The local daemon itself; it lives as long as the store.</summary>
    public KuboRpcClient Rpc { get; }

    /// <summary>The cluster peer itself, for what a store does not offer: status for each peer, recovery, health.</summary>
    public ClusterClient Cluster { get; }

    /// <summary>Makes the store; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="IOException">The folder or a file of trusted authorities cannot be used.</exception>
    public static ClusterContentStore Open(ClusterContentStoreOptions options, TimeProvider? time = null) => options.Layout.IsValid
        ? new(options, time ?? TimeProvider.System)
        : throw new ArgumentException("A chunk is 1 KiB to 2,096,896 bytes; a node has 2 to 8,192 links.", nameof(options));

    /// <inheritdoc/>
    public Task<StoredContent> PutAsync(Stream content, CancellationToken ct) => PutAsync(content, options.Layout, ct);

    /// <inheritdoc/>
    public async Task<StoredContent> PutAsync(Stream content, ContentLayout layout, CancellationToken ct)
    {
        if (!layout.IsValid)
            throw new ArgumentException("A chunk is 1 KiB to 2,096,896 bytes; a node has 2 to 8,192 links.", nameof(layout));
        var stored = await Rpc.ImportAsync(content, layout, pin: false, ct);
        await KeepAsync(stored.Cid, ct);
        return stored;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(Cid cid, CancellationToken ct) => await KuboReadStream.OpenAsync(Rpc, cid, ct);

    /// <inheritdoc/>
    public async Task<bool> HasAsync(Cid cid, CancellationToken ct) =>
        (await Cluster.GetStatusAsync(cid, local: false, ct)).Pinned > 0 || await IsHereAsync(cid, ct);

    /// <inheritdoc/>
    /// <remarks>Pinned is what at least the minimum of peers says it pinned.</remarks>
    public async Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct) =>
        marks.IsPinned(cid) && (await Cluster.GetStatusAsync(cid, local: false, ct)).IsPinnedBy(options.Cluster.ReplicationMin);

    /// <inheritdoc/>
    public async Task PinAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await KeepAsync(cid, ct);
        }
        catch (IpfsException e) when (e.Failure is IpfsFailure.TimedOut)
        {
            if (await HasAsync(cid, ct))
                throw;
            throw new ContentNotFoundException(cid);
        }
    }

    /// <summary>Has the cluster pin a content and does not wait for its peers.</summary>
    /// <returns>True when at least the minimum of peers says that it has pinned already.</returns>
    /// <exception cref="IpfsException">The cluster did not take it, such as with fewer peers than the minimum.</exception>
    public async Task<bool> OrderPinAsync(Cid cid, CancellationToken ct)
    {
        await marks.RemoveAsync(cid, ct);
        await Cluster.PinAsync(cid, ct);
        var status = await Cluster.GetStatusAsync(cid, local: false, ct);
        if (status.NeedsRecovery)
            status = await Cluster.RecoverAsync(cid, ct);
        return status.IsPinnedBy(options.Cluster.ReplicationMin);
    }

    /// <inheritdoc/>
    public Task UnpinAsync(Cid cid, CancellationToken ct) => marks.AddAsync(cid, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<Cid> ListPinsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var cid in Cluster.ListPinsAsync(ct))
        {
            if (marks.IsPinned(cid))
                yield return cid;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Only the local daemon removes blocks; what the other peers' daemons keep is up to those who run them.</remarks>
    public async Task<int> CollectGarbageAsync(TimeSpan grace, CancellationToken ct)
    {
        var released = await marks.ReleaseAsync(grace, Cluster.UnpinAsync, ct);
        if (options.CollectsGarbage)
            await Cluster.CollectGarbageAsync(ct);
        return released;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cluster.Dispose();
        Rpc.Dispose();
        marks.Dispose();
    }

    private async Task<bool> IsHereAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await Rpc.GetBlockSizeAsync(cid, localOnly: true, ct);
            return true;
        }
        catch (ContentNotFoundException)
        {
            return false;
        }
    }

    // In this order: whoever lets go does so under the mark, before it is removed.
    private async Task KeepAsync(Cid cid, CancellationToken ct)
    {
        await marks.RemoveAsync(cid, ct);
        await Cluster.PinAsync(cid, ct);
        var recovered = false;
        var started = time.GetTimestamp();
        for (var pause = FirstLook; ; pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, pause.Ticks * 2)))
        {
            var status = await Cluster.GetStatusAsync(cid, local: false, ct);
            if (status.IsPinnedBy(options.Cluster.ReplicationMin))
                return;
            if (time.GetElapsedTime(started) >= options.Cluster.PinTimeout)
            {
                throw new IpfsException("cluster/pin", IpfsFailure.TimedOut,
                    $"only {status.Pinned} peers pinned within {options.Cluster.PinTimeout}: {status.Describe()}.");
            }
            // The cluster tries again by itself too, but minutes later.
            if (!recovered && status.NeedsRecovery)
            {
                await Cluster.RecoverAsync(cid, ct);
                recovered = true;
            }
            await Task.Delay(pause, time, ct);
        }
    }
}
