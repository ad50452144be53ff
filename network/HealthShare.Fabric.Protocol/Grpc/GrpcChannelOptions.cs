using System.Security.Cryptography.X509Certificates;

namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>Settings of a <see cref="GrpcChannel"/>; every default suits a Fabric peer.</summary>
public sealed record GrpcChannelOptions
{
    /// <summary>
    /// Certificates a TLS server's chain must end in; nothing else is trusted then, and nothing is downloaded.
    /// Empty (the default) means the machine's own trust store. Ignored for <c>http</c> addresses.
    /// </summary>
    public X509Certificate2Collection TrustedRoots { get; init; } = [];

    /// <summary>
    /// Name the server's certificate must carry, where it differs from the address that is dialled, such as
    /// <c>peer0.north.example</c> behind <c>127.0.0.1</c>. Also sent as SNI and as the request's authority. Default: the address.
    /// </summary>
    public string? TargetName { get; init; }

    /// <summary>Certificate with private key to show to a server that asks for one (mutual TLS). Default: none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// Certificates between <see cref="ClientCertificate"/> and the root that servers trust, sent along with it. Default: none.
    /// </summary>
    public X509Certificate2Collection ClientIntermediates { get; init; } = [];

    /// <summary>Longest wait for TCP and TLS to be established. Default 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Silence after which an HTTP/2 ping is sent. Default 90 seconds: a Fabric peer drops clients that ping more often than
    /// once a minute.
    /// </summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Longest wait for the answer to a ping before the connection is given up. Default 20 seconds.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Largest message sent or received, in bytes. Default 104,857,600 (100 MiB), as Fabric's own.</summary>
    public int MaxMessageSize { get; init; } = GrpcDefaults.MaxMessageSize;

    /// <summary>Clock of the calls' deadlines. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>Values both sides start from.</summary>
public static class GrpcDefaults
{
    /// <summary>Largest message in bytes: 100 MiB, as in Fabric's own clients and servers.</summary>
    public const int MaxMessageSize = 100 * 1024 * 1024;
}
