using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Client;

public sealed class GatewayTelemetryTests : IDisposable
{
    private readonly string channel = "channel-" + Guid.NewGuid().ToString("N"); // other tests run at the same time
    private readonly ConcurrentQueue<Activity> activities = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> measured = new();
    private readonly ActivityListener activityListener;
    private readonly MeterListener meterListener = new();

    public GatewayTelemetryTests()
    {
        activityListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if ((string?)activity.GetTagItem("fabric.channel") == channel)
                    activities.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(activityListener);
        meterListener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == GatewayTelemetry.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        meterListener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument.Name, value, tags));
        meterListener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument.Name, value, tags));
        meterListener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measure(instrument.Name, value, tags));
        meterListener.Start();
    }

    [Fact]
    public async Task A_transaction_is_one_activity_with_one_of_each_stage_and_its_ids()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        await using var client = NewClient(scene);

        var result = await client.SubmitAsync(GatewayScene.Request);

        var whole = Assert.Single(activities, activity => activity.OperationName == "fabric transaction");
        Assert.Equal(result.TransactionId, whole.GetTagItem("fabric.transaction_id"));
        Assert.Equal(7L, whole.GetTagItem("fabric.block"));
        var stages = activities.Where(activity => activity.Parent == whole).ToList();
        Assert.Equal(["fabric endorse", "fabric submit", "fabric commit_status"], stages.Select(stage => stage.OperationName));
        Assert.Equal(("grpc", scene.First.Address.Port, "basic", "put"), (
            stages[0].GetTagItem("rpc.system"), stages[0].GetTagItem("server.port"), stages[0].GetTagItem("fabric.chaincode"),
            stages[0].GetTagItem("fabric.function")));
        Assert.Equal(3, Of("fabric.client.stage.duration").Count);
    }

    [Fact]
    public async Task Nothing_of_what_is_asked_or_answered_gets_into_it()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        await using var client = NewClient(scene);
        scene.First.Evaluate = (_, _) => throw new RpcException(
            StatusCode.Unknown, "evaluate call to endorser returned error: chaincode response 500, thing.wrong: Secret-answer.");

        await client.SubmitAsync(new TransactionRequest("basic", "put", "Secret-argument"));
        await Assert.ThrowsAsync<LedgerException>(() => client.EvaluateAsync(new TransactionRequest("basic", "get", "Secret-argument")));
        meterListener.RecordObservableInstruments();

        var told = activities.SelectMany(activity => activity.TagObjects).Select(tag => tag.Value)
            .Concat(activities.Select(activity => (object?)activity.StatusDescription))
            .Concat(measured.SelectMany(measurement => measurement.Tags.Values));
        Assert.DoesNotContain(told, value => value?.ToString()?.Contains("Secret", StringComparison.OrdinalIgnoreCase) == true);
        Assert.Contains(Of("fabric.client.stage.duration"), m => (string?)m.GetValueOrDefault("error.type") == LedgerCodes.ChaincodeError);
    }

    [Fact]
    public async Task Failovers_retries_conflicts_and_the_states_of_peers_are_counted()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        await using var client = NewClient(scene);
        scene.First.Kill();
        scene.Second.CommitStatus = (_, _) => Task.FromResult(new CommitStatusResponse
        {
            Result = scene.Second.Requests.OfType<SubmitRequest>().Count() < 2 ? TxValidationCode.MvccReadConflict : TxValidationCode.Valid,
        });

        await client.SubmitAsync(GatewayScene.Request with { IdempotencyKey = "a" });
        meterListener.RecordObservableInstruments();

        Assert.NotEmpty(Of("fabric.client.failovers"));
        Assert.Single(Of("fabric.client.conflicts"));
        Assert.Single(Of("fabric.client.retries"));
        Assert.Equal(2, Of("fabric.client.peer.state").Count);
        Assert.Single(Of("fabric.client.certificate.remaining"));
    }

    [Fact]
    public async Task The_trace_of_the_caller_travels_to_the_peer()
    {
        await using var scene = await GatewayPeersScene.StartAsync(1);
        await using var client = NewClient(scene);
        string? seen = null;
        scene.First.Evaluate = (_, context) =>
        {
            seen = context.Http.Request.Headers["traceparent"];
            return Task.FromResult(new EvaluateResponse { Result = new Response { Status = 200 } });
        };

        await client.EvaluateAsync(GatewayScene.Request);

        Assert.Equal(Assert.Single(activities).Id, seen);
    }

    public void Dispose()
    {
        activityListener.Dispose();
        meterListener.Dispose();
    }

    private GatewayClient NewClient(GatewayPeersScene scene) => GatewayClient.Connect(
        [.. scene.Gateways.Select(gateway => new GatewayEndpoint(gateway.Address, new GrpcChannelOptions()))],
        scene.Identity, channel, GatewayPeersScene.Quick);

    private List<Dictionary<string, object?>> Of(string instrument) =>
        [.. measured.Where(measurement => measurement.Instrument == instrument).Select(measurement => measurement.Tags)];

    private void Measure(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = tags.ToArray().ToDictionary();
        if ((string?)copy.GetValueOrDefault("fabric.channel") == channel)
            measured.Enqueue((instrument, value, copy));
    }
}
