namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>gRPC status codes, by the gRPC specification.</summary>
public enum StatusCode
{
    /// <summary>Success.</summary>
    OK = 0,
    /// <summary>The caller gave up.</summary>
    Cancelled = 1,
    /// <summary>No better code; a peer answers so when chaincode refuses an evaluation, and past its limit of concurrent requests.</summary>
    Unknown = 2,
    /// <summary>The request itself is wrong.</summary>
    InvalidArgument = 3,
    /// <summary>The deadline passed before an answer.</summary>
    DeadlineExceeded = 4,
    /// <summary>The thing asked for does not exist.</summary>
    NotFound = 5,
    /// <summary>The thing to be made exists.</summary>
    AlreadyExists = 6,
    /// <summary>The caller may not do this.</summary>
    PermissionDenied = 7,
    /// <summary>A limit is reached, such as that of a message's size.</summary>
    ResourceExhausted = 8,
    /// <summary>The system is not in a state for this, such as no chaincode of that name.</summary>
    FailedPrecondition = 9,
    /// <summary>Refused after work was begun, such as an endorsement that failed.</summary>
    Aborted = 10,
    /// <summary>Past the valid range.</summary>
    OutOfRange = 11,
    /// <summary>No such method.</summary>
    Unimplemented = 12,
    /// <summary>A broken invariant.</summary>
    Internal = 13,
    /// <summary>The server cannot be reached or is shutting down; may be tried again.</summary>
    Unavailable = 14,
    /// <summary>Data is lost.</summary>
    DataLoss = 15,
    /// <summary>No valid credentials.</summary>
    Unauthenticated = 16,
}

/// <summary>Who found that a call failed. Only <see cref="Answer"/> proves that the other side lives.</summary>
public enum RpcOrigin
{
    /// <summary>The other side answered with this status, or its answer cannot be used.</summary>
    Answer,
    /// <summary>The connection could not be made, or broke.</summary>
    Connection,
    /// <summary>TLS was refused by either side: a wrong root, name or certificate. Trying again changes nothing.</summary>
    Tls,
    /// <summary>As <see cref="Tls"/>, because the server's certificate has expired.</summary>
    ExpiredCertificate,
    /// <summary>The call's deadline passed on this side.</summary>
    Deadline,
    /// <summary>This side closed the channel or the call.</summary>
    Closed,
}

/// <summary>A gRPC call ended with another status than OK.</summary>
/// <param name="status">Status code.</param>
/// <param name="detail">The server's <c>grpc-message</c>, or this side's account of what failed.</param>
/// <param name="statusDetails">
/// The raw <c>grpc-status-details-bin</c> (a <c>google.rpc.Status</c>), or empty; for Fabric it names the peers that failed.
/// </param>
/// <param name="inner">What the transport reported, if anything.</param>
public sealed class RpcException(
    StatusCode status, string detail, ReadOnlyMemory<byte> statusDetails = default, Exception? inner = null)
    : Exception($"{status}: {detail}", inner)
{
    /// <summary>Status code.</summary>
    public StatusCode Status { get; } = status;

    /// <summary>The status message, without the code.</summary>
    public string Detail { get; } = detail;

    /// <summary>Who found that the call failed. Default <see cref="RpcOrigin.Answer"/>.</summary>
    public RpcOrigin Origin { get; init; }

    /// <summary>The serialized <c>google.rpc.Status</c>, or empty.</summary>
    public ReadOnlyMemory<byte> StatusDetails { get; } = statusDetails;
}
