using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Database;
using HealthShare.Node.Keys;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Webhooks;

/// <summary>How a try ended.</summary>
/// <param name="Outcome">A status or a word, as people see it.</param>
/// <param name="IsTaken">True for a status of 200 to 299.</param>
/// <param name="IsGone">True where the receiver says that it is there no more.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone, six hours at most; null where it does not.</param>
internal sealed record WebhookOutcome(string Outcome, bool IsTaken = false, bool IsGone = false, TimeSpan? RetryAfter = null);

/// <summary>Sends a delivery once. Follows no redirects, keeps no cookies, reads no bodies, and opens connections to allowed addresses only.</summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly AddressRule rule;
    private readonly NodeKeys keys;
    private readonly IDatabase database;
    private readonly WebhooksOptions options;
    private readonly TimeProvider clock;
    private readonly HttpClient client;

    public WebhookSender(AddressRule rule, NodeKeys keys, IDatabase database, IOptions<WebhooksOptions> options, TimeProvider clock)
    {
        (this.rule, this.keys, this.database, this.options, this.clock) = (rule, keys, database, options.Value, clock);
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(5), MaxResponseHeadersLength = 16, ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Looks a host name up; tests put another in.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> LookUp { get; set; } = Dns.GetHostAddressesAsync;

    /// <summary>Sends once.</summary>
    public async Task<WebhookOutcome> SendAsync(string webhookId, string url, string deliveryId, string body, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Timeout);
        try
        {
            using var request = await RequestAsync(webhookId, url, deliveryId, body, ct);
            if (request is null)
                return new WebhookOutcome("deleted");
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return new WebhookOutcome(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture), answer.IsSuccessStatusCode,
                answer.StatusCode is HttpStatusCode.Gone, answer.IsSuccessStatusCode ? null : RetryAfter(answer.Headers.RetryAfter));
        }
        catch (HttpRequestException e)
        {
            return new WebhookOutcome(e.InnerException is AddressRefusedException ? "addressRefused" : "unreachable");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new WebhookOutcome("timeout");
        }
    }

    public void Dispose() => client.Dispose();

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked)
    {
        var wait = asked?.Delta ?? asked?.Date - clock.GetUtcNow();
        return wait is not { } time || time <= TimeSpan.Zero ? null : time < DeliveryTable.LongestPause ? time : DeliveryTable.LongestPause;
    }

    private async Task<HttpRequestMessage?> RequestAsync(string webhookId, string url, string deliveryId, string body, CancellationToken ct)
    {
        byte[]? secret;
        await using (var connection = await database.OpenAsync(ct))
            secret = await keys.Secrets.FindAsync(connection, SecretPurpose.Webhook, webhookId, ct);
        if (secret is null)
            return null;
        try
        {
            var now = clock.GetUtcNow().ToUnixTimeSeconds();
            var request = new HttpRequestMessage(HttpMethod.Post, url)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            request.Headers.Add("webhook-id", deliveryId);
            request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("webhook-signature", WebhookSignature.Of(secret, deliveryId, now, body));
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("HealthShare", null));
            return request;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // The addresses that are checked are the ones that are connected to: a name that changes between the two leads nowhere else.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var isPlain = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttp;
        var allowed = (await LookUp(context.DnsEndPoint.Host, ct))
            .Where(address => rule.Allows(address) && (!isPlain || IPAddress.IsLoopback(address))).ToArray();
        if (allowed.Length == 0)
            throw new AddressRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class AddressRefusedException() : IOException("No address of that host may be connected to.");
}
