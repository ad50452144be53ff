using System.Collections.Concurrent;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// gRPC over HTTP/2, on <see cref="SocketsHttpHandler"/>: plaintext by prior knowledge (<c>http</c>) or TLS (<c>https</c>).
/// Connects when first used and again after a loss. Thread-safe; one instance serves any number of concurrent calls.
/// </summary>
public sealed class GrpcChannel : IGrpcChannel
{
    private const int StreamWindow = 1024 * 1024;

    private readonly GrpcChannelOptions options;
    private volatile GrpcConnections http;
    private readonly ServerCertificateCheck? certificates;
    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentDictionary<string, Uri> addresses = new(StringComparer.Ordinal); // by path: a handful of methods

    /// <summary>Makes a channel; nothing is dialled yet.</summary>
    /// <param name="address">Scheme, host and port, such as <c>https://127.0.0.1:7051</c>.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not an absolute http or https address without a path.</exception>
    public GrpcChannel(Uri address, GrpcChannelOptions? options = null)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.PathAndQuery != "/")
        {
            throw new ArgumentException("Expected an address such as https://127.0.0.1:7051.", nameof(address));
        }
        (Address, this.options) = (address, options ?? new GrpcChannelOptions());
        certificates = address.Scheme is "https"
            ? new ServerCertificateCheck(this.options.TargetName ?? address.Host, this.options.TimeProvider)
            : null;
        http = new GrpcConnections(CreateHandler(this.options, certificates));
    }

    /// <inheritdoc/>
    public Uri Address { get; }

    /// <inheritdoc/>
    public DateTimeOffset? ServerCertificateNotAfter => certificates?.NotAfter;

    /// <summary>
    /// Shows another certificate from now on: calls that begin afterwards go over new connections. Calls and streams that are under
    /// way keep theirs to their end.
    /// </summary>
    /// <param name="certificate">Certificate with private key; stays the caller's, for as long as the channel.</param>
    /// <param name="intermediates">What to send along with it; null sends nothing else.</param>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    /// <exception cref="ObjectDisposedException">The channel is closed.</exception>
    public void RenewClientCertificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("The certificate comes without its private key.", nameof(certificate));
        }
        ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, this);
        var renewed = options with { ClientCertificate = certificate, ClientIntermediates = intermediates ?? [] };
        Interlocked.Exchange(ref http, new GrpcConnections(CreateHandler(renewed, certificates))).Leave();
    }

    /// <inheritdoc/>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        await using var call = Begin(method.Path, new UnaryContent(request, this.options.MaxMessageSize), options, ct);
        await call.OpenAsync();
        var answer = await call.ReadAsync(method.ResponseParser, call.Token)
            ?? throw new RpcException(StatusCode.Internal, "The server answered OK without a message.");
        return await call.ReadAsync(method.ResponseParser, call.Token) is null
            ? answer
            : throw new RpcException(StatusCode.Internal, "The server answered with more than one message.");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default,
        [EnumeratorCancellation] CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        await using var call = Begin(method.Path, new UnaryContent(request, this.options.MaxMessageSize), options, ct);
        await call.OpenAsync();
        while (await call.ReadAsync(method.ResponseParser, call.Token) is { } message)
        {
            yield return message;
        }
    }

    /// <inheritdoc/>
    public async Task<IGrpcDuplexCall<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var content = new DuplexContent();
        var duplex = new GrpcDuplexCall<TRequest, TResponse>(
            Begin(method.Path, content, options, ct), content, method.ResponseParser, this.options.MaxMessageSize);
        try
        {
            await duplex.OpenAsync();
            return duplex;
        }
        catch
        {
            await duplex.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends every call that is still open with <see cref="StatusCode.Cancelled"/> and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        http.Dispose();
    }

    private GrpcCall Begin(string path, HttpContent content, GrpcCallOptions call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var connections = http;
        while (!connections.TryEnter())
        {
            connections = http; // a renewal came in between
        }
        return new GrpcCall(
            connections, addresses.GetOrAdd(path, static (path, address) => new Uri(address, path), Address), content, options, call, certificates, closing.Token, ct);
    }

    private static SocketsHttpHandler CreateHandler(GrpcChannelOptions options, ServerCertificateCheck? certificates) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true, // a server may allow a hundred streams only, and event streams hold theirs
        InitialHttp2StreamWindowSize = StreamWindow,
        MaxResponseHeadersLength = 127, // KiB; a peer's status details carry what every endorser said
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        ConnectTimeout = options.ConnectTimeout,
        KeepAlivePingDelay = options.KeepAliveDelay,
        KeepAlivePingTimeout = options.KeepAliveTimeout,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        SslOptions = CreateTls(options, certificates),
    };

    private static SslClientAuthenticationOptions CreateTls(GrpcChannelOptions options, ServerCertificateCheck? certificates)
    {
        var tls = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        if (certificates is not null)
        {
            tls.RemoteCertificateValidationCallback = certificates.Accept;
        }
        if (options.TrustedRoots.Count > 0)
        {
            tls.CertificateChainPolicy = GrpcTrust.PolicyFor(options.TrustedRoots);
        }
        if (options.ClientCertificate is { } certificate)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(
                certificate, options.ClientIntermediates, offline: true);
        }
        return tls;
    }
}
