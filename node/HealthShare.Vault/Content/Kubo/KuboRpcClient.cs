using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>The RPC interface of one IPFS daemon (<c>/api/v0</c>), typed. Thread-safe; one instance for each daemon.</summary>
/// <remarks>
/// Every method fails with <see cref="IpfsException"/> where the daemon cannot be reached, refuses, or answers as no daemon does.
/// Calls that are safe to repeat are repeated. CIDs are compared decoded: daemons spell them differently. Written to Kubo's
/// documentation and tried against js-ipfs (npm ipfs-daemon 0.16).
/// </remarks>
public sealed partial class KuboRpcClient : IDisposable
{
    private const int MaxAnswer = 4 * 1024 * 1024;
    private readonly KuboRpcOptions options;
    private readonly IpfsTransport transport;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">The address is not usable.</exception>
    /// <exception cref="IOException">The file of trusted authorities cannot be read.</exception>
    public KuboRpcClient(KuboRpcOptions options, TimeProvider? time = null)
    {
        this.options = options;
        transport = new IpfsTransport(options, time ?? TimeProvider.System);
    }

    /// <summary>The daemon's address.</summary>
    public Uri Url => options.Url;

    /// <summary>Asks for the daemon's version. Open to everybody, so it proves reachability, not permission.</summary>
    public async Task<KuboVersion> GetVersionAsync(CancellationToken ct)
    {
        var answer = await CallAsync("version", "", KuboJson.Default.VersionAnswer, ct);
        return new(answer.Version ?? throw Malformed("version"), answer.Commit, answer.Repo) { IsKubo = answer.Golang is { Length: > 0 } };
    }

    /// <summary>Asks who the daemon is in the swarm.</summary>
    public async Task<KuboIdentity> GetIdentityAsync(CancellationToken ct)
    {
        var answer = await CallAsync("id", "", KuboJson.Default.IdAnswer, ct);
        return new(answer.Id ?? throw Malformed("id"), answer.Addresses ?? [], answer.AgentVersion);
    }

    /// <summary>Lists the peers that the daemon is connected with.</summary>
    public async Task<IReadOnlyList<KuboPeer>> GetPeersAsync(CancellationToken ct)
    {
        var answer = await CallAsync("swarm/peers", "", KuboJson.Default.PeersAnswer, ct);
        return [.. (answer.Peers ?? []).Select(peer => new KuboPeer(peer.Peer ?? throw Malformed("swarm/peers"), peer.Addr ?? ""))];
    }

    /// <summary>Connects the daemon with a peer.</summary>
    /// <param name="address">Multiaddress with the peer's id, such as <c>/ip4/10.0.0.2/tcp/4001/p2p/12D3…</c>.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task ConnectAsync(string address, CancellationToken ct) =>
        transport.CallAsync(Post("swarm/connect", $"arg={Uri.EscapeDataString(address)}"), answer => answer.ReadAllAsync(MaxAnswer), ct);

    /// <summary>Asks how full the repository is.</summary>
    public async Task<KuboRepoStat> GetRepoStatAsync(CancellationToken ct)
    {
        var answer = await CallAsync("repo/stat", "", KuboJson.Default.RepoStatAnswer, ct);
        return new(answer.NumObjects, answer.RepoSize, answer.StorageMax);
    }

    /// <summary>Removes every block that nothing pins, at once. The daemon accepts no writes meanwhile.</summary>
    /// <returns>How many blocks were removed.</returns>
    public async Task<long> CollectGarbageAsync(CancellationToken ct)
    {
        long removed = 0;
        await foreach (var line in LinesAsync(Post("repo/gc", "") with { Timeout = options.PinTimeout }, KuboJson.Default.CollectedLine, ct))
        {
            if (line.Error is { Length: > 0 } error)
                throw new IpfsException("repo/gc", IpfsFailure.Refused, IpfsErrors.Tidy(error));
            removed += line.Key is null ? 0 : 1;
        }
        return removed;
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    private static IpfsCall Post(string name, string query) =>
        new(HttpMethod.Post, name, query.Length == 0 ? $"/api/v0/{name}" : $"/api/v0/{name}?{query}");

    // The daemon is told to give up a little before we do, so that its own answer arrives and its work ends.
    private static IpfsCall Patient(IpfsCall call, TimeSpan patience) => call with
    {
        Path = string.Create(CultureInfo.InvariantCulture, $"{call.Path}&timeout={(long)patience.TotalMilliseconds}ms"),
        Timeout = patience + TimeSpan.FromSeconds(5),
    };

    private Task<T> CallAsync<T>(string name, string query, JsonTypeInfo<T> type, CancellationToken ct) => CallAsync(Post(name, query), type, ct);

    private Task<T> CallAsync<T>(IpfsCall call, JsonTypeInfo<T> type, CancellationToken ct) =>
        transport.CallAsync(call, async answer => IpfsLines.Parse((await answer.ReadAllAsync(MaxAnswer)).Span, call.Name, type), ct);

    private async IAsyncEnumerable<T> LinesAsync<T>(IpfsCall call, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var answer = await transport.OpenAsync(call, ct);
        await foreach (var line in IpfsLines.ReadAsync(answer, call.Name, type, ct))
            yield return line;
    }

    private static Cid ParseCid(string call, string? text) => CidText.TryParse(text, out var cid) ? cid : throw Malformed(call);

    private static IpfsException Malformed(string call) => new(call, IpfsFailure.BadAnswer, "the answer lacks what it must say.");
}
