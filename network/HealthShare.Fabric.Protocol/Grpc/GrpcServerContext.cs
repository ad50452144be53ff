using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>What a handler knows about the call it serves.</summary>
public sealed class GrpcServerContext
{
    internal GrpcServerContext(HttpContext http, GrpcServerOptions options, DateTimeOffset? deadline, CancellationToken cancellation) =>
        (Http, Options, Deadline, CancellationToken) = (http, options, deadline, cancellation);

    /// <summary>Cancelled when the client resets the stream or disconnects, and when the deadline passes.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>When the client stops waiting; null when it set no deadline.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>The certificate by which the client authenticated its TLS connection; null without mutual TLS.</summary>
    public X509Certificate2? ClientCertificate => Http.Connection.ClientCertificate;

    /// <summary>The client's network address, where it is known.</summary>
    public EndPoint? Peer => Http.Connection.RemoteIpAddress is { } ip ? new IPEndPoint(ip, Http.Connection.RemotePort) : null;

    /// <summary>The request below gRPC.</summary>
    public HttpContext Http { get; }

    internal GrpcServerOptions Options { get; }
}

/// <summary>Settings of the methods that a server maps.</summary>
public sealed record GrpcServerOptions
{
    /// <summary>Largest message sent or received, in bytes. Default 104,857,600 (100 MiB), as Fabric's own.</summary>
    public int MaxMessageSize { get; init; } = GrpcDefaults.MaxMessageSize;

    /// <summary>Clock of the deadlines. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>The server's end of a stream in both directions.</summary>
public interface IGrpcServerStream<out TRequest, in TResponse>
{
    /// <summary>Reads the client's messages until it half-closes; for one reader, once.</summary>
    /// <exception cref="OperationCanceledException">The client reset the stream or disconnected.</exception>
    /// <exception cref="RpcException">A message is malformed or too large.</exception>
    IAsyncEnumerable<TRequest> ReadAllAsync(CancellationToken ct = default);

    /// <summary>Sends one message and flushes it, waiting while the client's window is full. Safe for concurrent writers.</summary>
    /// <exception cref="OperationCanceledException">The client reset the stream or disconnected.</exception>
    Task WriteAsync(TResponse message, CancellationToken ct = default);
}
