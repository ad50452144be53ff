using System.Diagnostics;
using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Telemetry;

/// <summary>One call of one peer, or a wait for what any peer tells, as activity and measurement. Costs next to nothing while nobody listens.</summary>
internal readonly struct StageSpan
{
    private readonly Activity? activity;
    private readonly LedgerStage stage;
    private readonly string channel;
    private readonly GatewayPeer? peer;
    private readonly long started;

    private StageSpan(Activity? activity, LedgerStage stage, string channel, GatewayPeer? peer)
    {
        (this.activity, this.stage, this.channel, this.peer) = (activity, stage, channel, peer);
        started = Stopwatch.GetTimestamp();
    }

    public static StageSpan Begin(LedgerStage stage, string channel, string transactionId, TransactionRequest? request, GatewayPeer? peer)
    {
        var activity = GatewayTelemetry.Source.HasListeners()
            ? GatewayTelemetry.Source.StartActivity($"fabric {NameOf(stage)}", ActivityKind.Client)
            : null;
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("rpc.system", "grpc");
            activity.SetTag("rpc.service", "gateway.Gateway");
            activity.SetTag("rpc.method", stage.ToString());
            activity.SetTag("server.address", peer?.Address.Host);
            activity.SetTag("server.port", peer?.Address.Port);
            activity.SetTag("fabric.peer", peer?.Name);
            activity.SetTag("fabric.channel", channel);
            activity.SetTag("fabric.transaction_id", transactionId);
            activity.SetTag("fabric.chaincode", request?.Chaincode);
            activity.SetTag("fabric.function", request?.Function);
        }
        return new StageSpan(activity, stage, channel, peer);
    }

    public void Succeed(ulong? block = null)
    {
        activity?.SetTag("fabric.block", block is { } number ? (long)number : null);
        End(null);
    }

    public void Fail(RpcException e)
    {
        if (activity is null && !GatewayTelemetry.StageDuration.Enabled)
        {
            return;
        }
        var failure = LedgerErrors.From(stage, "", e);
        // A chaincode's own codes may be many; they are the caller's business.
        var code = failure.ChaincodeStatus is null ? failure.Code : LedgerCodes.ChaincodeError;
        activity?.SetTag("error.type", code);
        activity?.SetTag("rpc.grpc.status_code", (int)e.Status);
        activity?.SetStatus(ActivityStatusCode.Error);
        End(code);
    }

    /// <summary>The caller gave up.</summary>
    public void Cancel()
    {
        activity?.SetStatus(ActivityStatusCode.Error);
        activity?.SetTag("error.type", "cancelled");
        End("cancelled");
    }

    private void End(string? error)
    {
        if (GatewayTelemetry.StageDuration.Enabled)
        {
            var tags = new TagList
            {
                { "fabric.stage", NameOf(stage) },
                { "fabric.channel", channel },
            };
            if (peer is not null)
            {
                tags.Add("fabric.peer", peer.Name);
                tags.Add("server.address", peer.Address.Host);
                tags.Add("server.port", peer.Address.Port);
            }
            if (error is not null)
            {
                tags.Add("error.type", error);
            }
            GatewayTelemetry.StageDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
        }
        activity?.Dispose();
    }

    private static string NameOf(LedgerStage stage) => stage switch
    {
        LedgerStage.Evaluate => "evaluate",
        LedgerStage.Endorse => "endorse",
        LedgerStage.Submit => "submit",
        LedgerStage.CommitStatus => "commit_status",
        _ => "other",
    };
}
