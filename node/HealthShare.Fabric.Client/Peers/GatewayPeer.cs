using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using HealthShare.Fabric.Client.Certificates;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>One gateway peer: its connection, and what is known of its health. Every call through it is counted.</summary>
internal sealed class GatewayPeer(int index, PeerSetup setup, GatewayOptions options) : IGrpcChannel
{
    private readonly IGrpcChannel channel = setup.Channel;
    private readonly PeerBreaker breaker = new(options);
    private volatile ShownCertificate? shown = setup.Shown;
    private volatile Failure? lastError;
    private long lastSuccess;

    /// <summary>Its place in the order of preference.</summary>
    public int Index { get; } = index;

    public string Name { get; } = setup.Name;

    public string? MspId { get; } = setup.MspId;

    /// <summary>End of the certificate that this client shows to the peer; null where it shows none.</summary>
    public DateTimeOffset? ClientCertificateNotAfter => shown?.NotAfter;

    public bool OwnCertificateHasExpired => ClientCertificateNotAfter < options.TimeProvider.GetUtcNow();

    /// <summary>SHA-256 of the certificate that this client shows to the peer; empty where it shows none.</summary>
    public ReadOnlyMemory<byte> TlsCertificateHash => shown?.Hash ?? options.TlsCertificateHash;

    public Uri Address => channel.Address;

    public DateTimeOffset? ServerCertificateNotAfter => channel.ServerCertificateNotAfter;

    public GatewayPeerState State => breaker.State;

    /// <summary>What failed last; null where nothing did.</summary>
    public RpcException? LastError => lastError?.Error;

    public GatewayPeerHealth Health => new(
        Name, Address, MspId, breaker.State, breaker.Failures, lastError?.Error.Detail, lastError?.At,
        Volatile.Read(ref lastSuccess) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
        channel.ServerCertificateNotAfter);

    /// <inheritdoc cref="PeerBreaker.Admit"/>
    public GatewayPeerState Admit() => breaker.Admit();

    /// <inheritdoc cref="PeerBreaker.MayOnlyBeLate"/>
    public bool MayOnlyBeLate => breaker.MayOnlyBeLate;

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var begun = breaker.Begin();
        try
        {
            CheckOwnCertificate();
            var answer = await channel.UnaryAsync(method, request, options, ct);
            Succeeded();
            return answer;
        }
        catch (RpcException e)
        {
            Failed(e, begun);
            throw;
        }
        catch
        {
            breaker.End();
            throw;
        }
    }

    /// <summary>A call that the peer answers when something happens: its silence tells nothing.</summary>
    public async Task<TResponse> WaitAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            CheckOwnCertificate();
            var answer = await channel.UnaryAsync(method, request, options, ct);
            StreamAnswered();
            return answer;
        }
        catch (RpcException e) when (e.Origin is not RpcOrigin.Deadline)
        {
            StreamFailed(e);
            throw;
        }
    }

    // A stream may be silent for hours, so only its first message and its end tell anything.
    public async IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default,
        [EnumeratorCancellation] CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        CheckStreamCertificate();
        await using var items = channel.ServerStreamAsync(method, request, options, ct).GetAsyncEnumerator(ct);
        var heard = false;
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (RpcException e)
            {
                StreamFailed(e);
                throw;
            }
            if (!heard)
            {
                heard = true;
                StreamAnswered();
            }
            yield return items.Current;
        }
    }

    public async Task<IGrpcDuplexCall<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken ct = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        CheckStreamCertificate();
        try
        {
            return new WatchedDuplexCall<TRequest, TResponse>(this, await channel.DuplexAsync(method, options, ct));
        }
        catch (RpcException e)
        {
            StreamFailed(e);
            throw;
        }
    }

    /// <summary>Shows another certificate from the next connection on. One that is not this library's is its maker's to renew.</summary>
    public void Renew(X509Certificate2 certificate, X509Certificate2Collection? intermediates)
    {
        var hadExpired = OwnCertificateHasExpired;
        (channel as GrpcChannel)?.RenewClientCertificate(certificate, intermediates);
        shown = ShownCertificate.Of(certificate);
        if (hadExpired)
        {
            breaker.Forgive(); // it was not asked for want of this
        }
    }

    public ValueTask DisposeAsync() => channel.DisposeAsync();

    /// <summary>A stream of this peer brought something.</summary>
    public void StreamAnswered()
    {
        breaker.Begin();
        Succeeded();
    }

    /// <summary>A stream of this peer broke.</summary>
    public void StreamFailed(RpcException e) => Failed(e, breaker.Begin());

    // A server refuses it only after the handshake, in words that nobody understands.
    private void CheckOwnCertificate()
    {
        if (OwnCertificateHasExpired)
        {
            throw new RpcException(StatusCode.Unavailable, string.Create(
                CultureInfo.InvariantCulture, $"this client's TLS certificate for {Name} expired at {ClientCertificateNotAfter:u}."))
            {
                Origin = RpcOrigin.ExpiredCertificate,
            };
        }
    }

    private void CheckStreamCertificate()
    {
        try
        {
            CheckOwnCertificate();
        }
        catch (RpcException e)
        {
            StreamFailed(e);
            throw;
        }
    }

    private void Succeeded()
    {
        Volatile.Write(ref lastSuccess, options.TimeProvider.GetUtcNow().UtcTicks);
        breaker.Answered();
    }

    private void Failed(RpcException e, long begun)
    {
        switch (e.Origin)
        {
            case RpcOrigin.Answer:
                breaker.Answered();
                break;
            case RpcOrigin.Closed:
                breaker.End();
                break;
            default:
                lastError = new Failure(e, options.TimeProvider.GetUtcNow());
                breaker.Failed(begun, e.Origin is RpcOrigin.Deadline);
                break;
        }
    }

    private sealed record Failure(RpcException Error, DateTimeOffset At);
}
