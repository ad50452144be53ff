using Google.Protobuf;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.Chaincode;

/// <summary>
/// One organization's own connection to a chaincode service: dialled when first needed and again after it was lost, as a peer
/// does.
/// </summary>
internal sealed partial class ChaincodeConnection : IAsyncDisposable
{
    private const string AnyPackage = "(any package)";
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);
    private readonly string mspId;
    private readonly ChaincodeService service;
    private readonly GrpcChannel channel;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private Task<ChaincodeSession>? opening;

    public ChaincodeConnection(string mspId, ChaincodeService service, TimeProvider time, ILogger logger)
    {
        (this.mspId, this.service, this.time, this.logger) = (mspId, service, time, logger);
        channel = new GrpcChannel(service.Address, service.Transport);
    }

    /// <summary>Has the chaincode execute a transaction.</summary>
    /// <returns>Its COMPLETED or ERROR.</returns>
    /// <exception cref="ChaincodeFailure">It cannot be reached, is another package, or did not answer in time.</exception>
    public async Task<ChaincodeMessage> ExecuteAsync(
        TransactionExecution execution, ChaincodeInput input, TimeSpan timeout, CancellationToken ct)
    {
        var session = await SessionAsync().WaitAsync(ct);
        return await session.ExecuteAsync(execution, input.ToByteString(), timeout, time, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (opening is { IsCompletedSuccessfully: true } open)
            await (await open).DisposeAsync();
        await channel.DisposeAsync();
    }

    // Callers that come while it is dialled share the attempt; after a failure the next one dials again.
    private Task<ChaincodeSession> SessionAsync()
    {
        lock (gate)
        {
            if (opening is null or { IsFaulted: true } or { IsCanceled: true } or { IsCompletedSuccessfully: true, Result.Ended: true })
            {
                var lost = opening is { IsCompletedSuccessfully: true } ended ? ended.Result : null;
                opening = Task.Run(() => OpenAsync(lost));
            }
            return opening;
        }
    }

    private async Task<ChaincodeSession> OpenAsync(ChaincodeSession? lost)
    {
        if (lost is not null)
            await lost.DisposeAsync();
        using var limit = new CancellationTokenSource(DialTimeout, time);
        try
        {
            var session = await ChaincodeSession.OpenAsync(channel, service.PackageId, limit.Token);
            LogConnected(mspId, session.PackageId, service.Address);
            _ = LogEndAsync(session);
            return session;
        }
        catch (Exception e) when (e is RpcException or ChaincodeFailure or OperationCanceledException)
        {
            var reason = e is OperationCanceledException ? $"no registration within {DialTimeout.TotalSeconds:0} s" : Reason(e);
            LogFailed(mspId, service.PackageId ?? AnyPackage, service.Address, reason);
            throw new ChaincodeFailure(
                $"could not launch chaincode {service.PackageId ?? AnyPackage}: connection to {service.Address.Authority} failed: {reason}", e);
        }
    }

    private async Task LogEndAsync(ChaincodeSession session)
    {
        if (await session.Completion is { } reason)
            LogLost(mspId, session.PackageId, service.Address, reason);
    }

    private static string Reason(Exception e) => e is RpcException rpc ? rpc.Detail : e.Message;

    [LoggerMessage(3101, LogLevel.Information, "{MspId}: chaincode {PackageId} at {Address} is registered.")]
    private partial void LogConnected(string mspId, string packageId, Uri address);

    [LoggerMessage(3103, LogLevel.Warning, "{MspId}: the stream of chaincode {PackageId} at {Address} has broken off.")]
    private partial void LogLost(string mspId, string packageId, Uri address, Exception reason);

    [LoggerMessage(3102, LogLevel.Error, "{MspId}: chaincode {PackageId} at {Address} is not usable: {Reason}.")]
    private partial void LogFailed(string mspId, string packageId, Uri address, string reason);
}
