using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.DevLedger.Gateway;

/// <summary>What the gateways of all organizations share.</summary>
internal sealed record GatewayServices(
    ChannelConfig Config, ChannelLedger Ledger, ChaincodeDefinitions Definitions, IReadOnlyList<Endorser> Endorsers,
    SystemChaincodes SystemChaincodes, Broadcast Broadcast, Orderer Orderer);

/// <summary>One organization's <c>gateway.Gateway</c>, with the codes and texts of a peer's.</summary>
internal sealed class GatewayService(string mspId, Endorser local, GatewayServices services) : IDisposable
{
    private const int MostConcurrentRequests = 500;
    private readonly SemaphoreSlim places = new(MostConcurrentRequests);

    /// <summary>Executes a query at one peer, the gateway's own where that is possible.</summary>
    public Task<EvaluateResponse> EvaluateAsync(EvaluateRequest request, CancellationToken ct) => LimitedAsync(async () =>
    {
        var call = Read(request.ProposedTransaction, "a signed proposal is required", "failed to unpack transaction proposal: ");
        if (call.Channel.ChannelId.Length == 0)
            throw new RpcException(StatusCode.InvalidArgument, "failed to unpack transaction proposal: no channel id provided");
        if (call.Channel.ChannelId != services.Config.ChannelId)
            throw new RpcException(StatusCode.Unavailable, NoConfig(call.Channel.ChannelId));
        var targets = EvaluatorsFor(call, request.TargetOrganizations);
        List<ErrorDetail> details = [];
        EndorserAnswer? answer = null;
        foreach (var endorser in targets)
        {
            answer = await endorser.ProcessAsync(call, endorse: false, ct);
            if (answer.Code is StatusCode.OK)
                return new EvaluateResponse { Result = answer.Response };
            details.Add(GatewayErrors.Detail(endorser, answer.Message));
            if (!answer.MayRetryElsewhere)
                throw GatewayErrors.With(answer.Code, $"evaluate call to endorser returned error: {answer.Message}", details);
        }
        throw GatewayErrors.With(
            answer!.Code, "failed to evaluate transaction, see attached details for more info", details);
    });

    /// <summary>Collects endorsements.</summary>
    public Task<EndorseResponse> EndorseAsync(EndorseRequest request, CancellationToken ct) => LimitedAsync(async () =>
    {
        var call = Read(request.ProposedTransaction, "the proposed transaction must contain a signed proposal");
        var endorsers = services.Endorsers
            .Where(endorser => call.Channel.ChannelId == services.Config.ChannelId && endorser.Has(call.Target)).ToList();
        var collector = new EndorsementCollector(call, endorsers, services.Definitions);
        return new EndorseResponse
        {
            PreparedTransaction = request.EndorsingOrganizations.Count > 0
                ? await collector.FromAsync(request.EndorsingOrganizations, ct)
                : await collector.ByPolicyAsync(mspId, ct),
        };
    });

    /// <summary>Hands a transaction to ordering; says nothing about its commit.</summary>
    public Task<SubmitResponse> SubmitAsync(SubmitRequest request, CancellationToken ct) => LimitedAsync(async () =>
    {
        if (request.PreparedTransaction is not { } envelope)
            throw new RpcException(StatusCode.InvalidArgument, "a prepared transaction is required");
        if (envelope.Signature.IsEmpty)
            throw new RpcException(StatusCode.InvalidArgument, "prepared transaction must be signed");
        if (request.ChannelId != services.Config.ChannelId)
            throw new RpcException(StatusCode.FailedPrecondition, NoConfig(request.ChannelId));
        var (status, info) = await services.Broadcast.AddAsync(envelope, ct);
        return status switch
        {
            Status.Success => new SubmitResponse(),
            >= Status.BadRequest and < Status.InternalServerError => throw new RpcException(StatusCode.Aborted,
                $"received unsuccessful response from orderer: status={Name(status)}, info={info}"),
            _ => throw GatewayErrors.With(StatusCode.Unavailable, "no orderers could successfully process transaction",
                GatewayErrors.Detail(local, info)),
        };
    });

    /// <summary>Waits until a transaction is in a block.</summary>
    public Task<CommitStatusResponse> CommitStatusAsync(SignedCommitStatusRequest signed, CancellationToken ct) =>
        LimitedAsync(async () =>
        {
            if (signed.Request.IsEmpty)
                throw new RpcException(StatusCode.InvalidArgument, "a commit status request is required");
            var request = Parse(CommitStatusRequest.Parser, signed.Request, "invalid status request");
            RequireReader(request.ChannelId, request.Identity, signed.Request, signed.Signature);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, services.Orderer.Ended);
            try
            {
                var status = await services.Ledger.WaitForAsync(request.TransactionId, either.Token);
                return new CommitStatusResponse { Result = status.Code, BlockNumber = status.Block };
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw new RpcException(StatusCode.Unavailable, "ordering has stopped");
            }
        });

    /// <summary>Follows the events of a chaincode's valid transactions, block by block.</summary>
    public async IAsyncEnumerable<ChaincodeEventsResponse> ChaincodeEventsAsync(
        SignedChaincodeEventsRequest signed, [EnumeratorCancellation] CancellationToken ct)
    {
        if (signed.Request.IsEmpty)
            throw new RpcException(StatusCode.InvalidArgument, "a chaincode events request is required");
        var request = Parse(ChaincodeEventsRequest.Parser, signed.Request, "invalid chaincode events request");
        RequireReader(request.ChannelId, request.Identity, signed.Request, signed.Signature);
        var events = new EventReader(services.Ledger, request);
        if (!await places.WaitAsync(0, ct))
            throw Busy();
        try
        {
            await foreach (var response in events.ReadAsync(ct))
                yield return response;
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();

    private List<Endorser> EvaluatorsFor(ProposedCall call, RepeatedField<string> targets)
    {
        // Transient data goes to the gateway's own organization unless the client names others.
        var protect = call.HasTransientData && targets.Count == 0;
        var able = services.Endorsers.Append(local).Distinct()
            .Where(endorser => endorser.Has(call.Target))
            .Where(endorser => protect ? endorser.MspId == mspId : targets.Count == 0 || targets.Contains(endorser.MspId))
            .OrderByDescending(endorser => endorser.MspId == mspId)
            .ToList();
        if (able.Count > 0)
            return able;
        var none = $"no peers available to evaluate chaincode {call.Target} in channel {call.Channel.ChannelId}";
        throw new RpcException(StatusCode.FailedPrecondition, protect
            ? $"no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data: {none}"
            : none);
    }

    private void RequireReader(string channel, ByteString identity, ByteString data, ByteString signature)
    {
        if (channel != services.Config.ChannelId)
            throw new RpcException(StatusCode.PermissionDenied, SystemChaincodes.UnknownChannel(channel));
        var reader = services.Config.Identities.Verify(identity, data.Span, signature, out _);
        if (reader is null || !services.SystemChaincodes.MayRead(reader))
            throw new RpcException(StatusCode.PermissionDenied, services.SystemChaincodes.Denied("/Channel/Application/Readers"));
    }

    private async Task<T> LimitedAsync<T>(Func<Task<T>> serve)
    {
        if (!await places.WaitAsync(0))
            throw Busy();
        try
        {
            return await serve();
        }
        finally
        {
            places.Release();
        }
    }

    private static ProposedCall Read(Fabric.Protocol.Peer.SignedProposal? proposal, string absent, string prefix = "")
    {
        if (proposal is null or { ProposalBytes.IsEmpty: true })
            throw new RpcException(StatusCode.InvalidArgument, prefix + absent);
        try
        {
            return ProposedCall.Read(proposal);
        }
        catch (FabricDataException e)
        {
            throw new RpcException(StatusCode.InvalidArgument, prefix + e.Message);
        }
    }

    private static T Parse<T>(MessageParser<T> parser, ByteString bytes, string what) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"{what}: {GoTexts.Malformed}");
        }
    }

    private static string NoConfig(string channel) =>
        $"failed to get config for channel [{channel}]: could not get last config for channel {channel}";

    private static string Name(Status status) =>
        Fabric.Protocol.Common.CommonReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)status)?.Name ?? $"{(int)status}";

    // A peer's limiter gives no code of its own, so clients see this one.
    private static RpcException Busy() => new(StatusCode.Unknown,
        $"too many requests for /gateway.Gateway, exceeding concurrency limit ({MostConcurrentRequests})");
}
