using System.Net;
using System.Net.Http.Headers;

namespace HealthShare.Vault.Content.Replicas;

/// <summary>
/// The blocks that another member's IPFS daemon holds, by its read-only HTTP gateway (trustless gateway, raw blocks). The daemon
/// must run with <c>Gateway.NoFetch</c>: each request also asks it for what it has already and nothing else.
/// </summary>
/// <remarks>
/// The gateway is not trusted: no redirect is followed, no cookie kept, no encoding unpacked, no more than one block read, and one
/// block takes no longer than <paramref name="timeout"/>, whatever the gateway does meanwhile.
/// </remarks>
/// <param name="name">Name for people.</param>
/// <param name="gateway">The gateway's address; <c>ipfs/CID</c> is appended to its path.</param>
/// <param name="timeout">Longest that one block may take, connecting included.</param>
/// <param name="http">Sends the requests; see <see cref="CreateHandler"/>.</param>
/// <param name="time">Measures the time-out; the system's where null.</param>
public sealed class GatewayBlocks(string name, Uri gateway, TimeSpan timeout, HttpMessageInvoker http, TimeProvider? time = null) : IBlockSource
{
    private const string RawBlock = "application/vnd.ipld.raw";
    private readonly Uri root = new(gateway.AbsoluteUri.TrimEnd('/') + "/ipfs/");

    /// <summary>A handler that takes nothing from a gateway but its answer.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = 4,
        MaxResponseHeadersLength = 16, // KiB
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadBlockAsync(Cid cid, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(timeout, time ?? TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, $"{cid}?format=raw"));
            request.Headers.CacheControl = new CacheControlHeaderValue { OnlyIfCached = true };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(RawBlock));
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("HealthShare", null));
            using var response = await http.SendAsync(request, stop.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await ReadAsync(cid, response, stop.Token),
                // 412: not there, and not to be fetched. 404 and 410: not there.
                HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound or HttpStatusCode.Gone => throw new ContentNotFoundException(cid),
                var status => throw Unavailable($"it answers with status {(int)status}."),
            };
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw Unavailable($"one block took longer than {timeout}.", e);
        }
        catch (HttpRequestException e)
        {
            throw Unavailable(e.HttpRequestError is HttpRequestError.Unknown ? "the connection failed." : $"{e.HttpRequestError}.", e);
        }
        catch (IOException e) when (e is not (ContentNotFoundException or ContentCorruptException or ReplicaUnavailableException))
        {
            throw Unavailable("the answer broke off.", e);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(Cid cid, HttpResponseMessage response, CancellationToken ct)
    {
        // A sign-in page or a proxy's error page is no statement about the block.
        if (response.Content.Headers.ContentType?.MediaType is { } type and not (RawBlock or "application/octet-stream"))
            throw Unavailable($"it answers with {(type.Length <= 64 ? type : "something")} instead of a block.");
        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw Unavailable("it answers in an encoding that was not asked for.");
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        // What the header says of the length is not believed: memory grows with what comes, up to one block.
        using var block = new MemoryStream();
        var part = new byte[64 * 1024];
        for (int read; (read = await body.ReadAsync(part, ct)) > 0;)
        {
            if (block.Length + read > IBlockSource.MaxBlock)
                throw new ContentCorruptException(cid, $"replica {name} sends more than a block has.");
            block.Write(part, 0, read);
        }
        return block.GetBuffer().AsMemory(0, (int)block.Length);
    }

    private ReplicaUnavailableException Unavailable(string reason, Exception? inner = null) => new(name, reason, inner);
}
