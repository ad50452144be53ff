using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Cluster;

/// <summary>The REST interface of one IPFS Cluster peer. Thread-safe.</summary>
/// <remarks>
/// Every method fails with <see cref="IpfsException"/>. Written to IPFS Cluster's documentation and source (version 1); tried
/// against a stand-in in their shapes only.
/// </remarks>
public sealed class ClusterClient : IDisposable
{
    private const int MaxAnswer = 4 * 1024 * 1024;
    private readonly ClusterOptions options;
    private readonly IpfsTransport transport;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">The address is not usable, or the replication factors do not fit together.</exception>
    /// <exception cref="IOException">The file of trusted authorities cannot be read.</exception>
    public ClusterClient(ClusterOptions options, TimeProvider? time = null)
    {
        if (!options.IsValid)
            throw new ArgumentException("The replication factors are 1 or more with the first no larger than the second, or both -1.", nameof(options));
        this.options = options;
        transport = new IpfsTransport(options, time ?? TimeProvider.System);
    }

    /// <summary>Asks whether the peer serves. Open to everybody, so it proves reachability, not permission.</summary>
    public Task CheckHealthAsync(CancellationToken ct) => SendAsync(new(HttpMethod.Get, "cluster/health", "/health"), ct);

    /// <summary>Asks the cluster to pin a content; returns once it has decided who, not once they have done so.</summary>
    public Task PinAsync(Cid cid, CancellationToken ct)
    {
        var query = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"/pins/{cid}?mode=recursive&replication-min={options.ReplicationMin}&replication-max={options.ReplicationMax}"));
        // The name of a CID is always the same one: a repeated call must not look like a change of the pin.
        query.Append(CultureInfo.InvariantCulture, $"&name={Uri.EscapeDataString(options.Name)}-{cid.ToString()[^12..]}");
        foreach (var (key, value) in options.Metadata)
            query.Append(CultureInfo.InvariantCulture, $"&meta-{Uri.EscapeDataString(key)}={Uri.EscapeDataString(value)}");
        return SendAsync(new(HttpMethod.Post, "cluster/pin", query.ToString()), ct);
    }

    /// <summary>Takes a content out of the cluster's pinset; absent is fine.</summary>
    public async Task UnpinAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await SendAsync(new(HttpMethod.Delete, "cluster/unpin", $"/pins/{cid}"), ct);
        }
        catch (IpfsException e) when (e is { Status: HttpStatusCode.NotFound, Failure: IpfsFailure.Refused })
        {
            // What is wanted is so.
        }
    }

    /// <summary>Asks what each peer says about a content.</summary>
    /// <param name="cid">The content.</param>
    /// <param name="local">True asks only the peer that is called.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<ClusterPinStatus> GetStatusAsync(Cid cid, bool local, CancellationToken ct) =>
        StatusAsync(new(HttpMethod.Get, "cluster/status", $"/pins/{cid}?local={(local ? "true" : "false")}"), cid, ct);

    /// <summary>Makes the peers try again where pinning a content failed.</summary>
    /// <returns>What each says then.</returns>
    public Task<ClusterPinStatus> RecoverAsync(Cid cid, CancellationToken ct) =>
        StatusAsync(new(HttpMethod.Post, "cluster/recover", $"/pins/{cid}/recover"), cid, ct);

    /// <summary>Lists the cluster's pinset, as it comes; CIDs that this project never makes are left out.</summary>
    public async IAsyncEnumerable<Cid> ListPinsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        const string Call = "cluster/allocations";
        await using var answer = await transport.OpenAsync(new(HttpMethod.Get, Call, "/allocations?filter=pin"), ct);
        await foreach (var line in IpfsLines.ReadAsync(answer, Call, ClusterJson.Default.AllocationAnswer, ct))
        {
            if (ClusterJson.TryReadCid(line.Cid, out var cid))
                yield return cid;
        }
    }

    /// <summary>Lets the daemon of the peer that is called collect its garbage; others are left alone.</summary>
    public async Task CollectGarbageAsync(CancellationToken ct)
    {
        var call = new IpfsCall(HttpMethod.Post, "cluster/gc", "/ipfs/gc?local=true") { Timeout = options.PinTimeout };
        var answer = await transport.CallAsync(call, async body =>
            IpfsLines.Parse((await body.ReadAllAsync(MaxAnswer)).Span, call.Name, ClusterJson.Default.CollectionAnswer), ct);
        if (answer.PeerMap?.Values.FirstOrDefault(peer => peer.Error is { Length: > 0 }) is { Error: { } error })
            throw new IpfsException(call.Name, IpfsFailure.Refused, IpfsErrors.Tidy(error));
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    private Task<ReadOnlyMemory<byte>> SendAsync(IpfsCall call, CancellationToken ct) => transport.CallAsync(call, answer => answer.ReadAllAsync(MaxAnswer), ct);

    private async Task<ClusterPinStatus> StatusAsync(IpfsCall call, Cid cid, CancellationToken ct)
    {
        var answer = await transport.CallAsync(call, async body =>
            IpfsLines.Parse((await body.ReadAllAsync(MaxAnswer)).Span, call.Name, ClusterJson.Default.StatusAnswer), ct);
        if (!ClusterJson.TryReadCid(answer.Cid, out var told) || !told.Equals(cid) || answer.PeerMap is null)
            throw new IpfsException(call.Name, IpfsFailure.BadAnswer, "the answer speaks of another content.");
        return new(cid, [.. answer.PeerMap.Select(peer => (peer.Value ?? new(null, null, null, 0)).ToStatus(peer.Key))]);
    }
}
