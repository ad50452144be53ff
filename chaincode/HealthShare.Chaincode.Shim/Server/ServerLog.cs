using System.Net;
using HealthShare.Fabric.Protocol.Grpc;
using Microsoft.Extensions.Logging;
using MessageType = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>
/// What the server logs. In one class, because the generator writes several in any order, and another order is another build digest.
/// </summary>
internal static partial class ServerLog
{
    [LoggerMessage(3101, LogLevel.Debug, "{TransactionId} answered {Type} after {Milliseconds:0.0} ms.")]
    public static partial void LogAnswered(this ILogger logger, string transactionId, MessageType type, double milliseconds);

    [LoggerMessage(3102, LogLevel.Warning, "{TransactionId} passed its limit of {Seconds} s and was cancelled.")]
    public static partial void LogTimeout(this ILogger logger, string transactionId, double seconds);

    [LoggerMessage(3103, LogLevel.Warning, "{TransactionId} was begun twice by one peer and was cancelled.")]
    public static partial void LogDuplicate(this ILogger logger, string transactionId);

    [LoggerMessage(3104, LogLevel.Warning, "{TransactionId}: the peer refused {Call}.")]
    public static partial void LogLedgerRefused(this ILogger logger, string transactionId, string call);

    [LoggerMessage(3105, LogLevel.Error, "{TransactionId} failed: {What}")]
    public static partial void LogFailed(this ILogger logger, string transactionId, string what);

    [LoggerMessage(3111, LogLevel.Information, "Peer {Peer} is ready to send transactions for {PackageId}.")]
    public static partial void LogReady(this ILogger logger, string peer, string packageId);

    [LoggerMessage(3112, LogLevel.Information, "The stream of peer {Peer} is closed.")]
    public static partial void LogClosed(this ILogger logger, string peer);

    [LoggerMessage(3113, LogLevel.Error, "Peer {Peer} did not accept the package id {PackageId}: it waits for another one, or another "
        + "service has registered it there already. Compare with what the peer has installed (peer lifecycle chaincode "
        + "queryinstalled) and with the address in that package. The stream is ended.")]
    public static partial void LogNotRegistered(this ILogger logger, string peer, string packageId);

    [LoggerMessage(3114, LogLevel.Warning, "Peer {Peer} does not keep to the protocol, its stream is ended: {Status}, {Detail}")]
    public static partial void LogBroken(this ILogger logger, string peer, StatusCode status, string detail);

    [LoggerMessage(3115, LogLevel.Debug, "An answer for {TransactionId} came after its end.")]
    public static partial void LogLateAnswer(this ILogger logger, string transactionId);

    [LoggerMessage(3116, LogLevel.Debug, "The answer of {TransactionId} could not be delivered: {ExceptionType}.")]
    public static partial void LogNotDelivered(this ILogger logger, string transactionId, string exceptionType);

    [LoggerMessage(3121, LogLevel.Information, "Listening on {Endpoint} for peers that installed {PackageId}, {Transport}.")]
    public static partial void LogListening(this ILogger logger, IPEndPoint endpoint, string packageId, string transport);

    [LoggerMessage(3122, LogLevel.Information, "The service of {PackageId} has stopped.")]
    public static partial void LogStopped(this ILogger logger, string packageId);
}
