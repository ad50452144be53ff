using System.Net;
using System.Net.Sockets;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.AspNetCore.Routing;

namespace HealthShare.UnitTests.Protocol.Grpc;

/// <summary>Deadlines, cancellation and lost connections, as each side sees them.</summary>
public sealed class GrpcEndingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        var seen = new TaskCompletionSource<DateTimeOffset?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcTestServer.StartAsync(endpoints => MapHang(endpoints, seen));
        await using var channel = new GrpcChannel(server.Address);
        // The connection stands before the time runs.
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Submit, new SubmitRequest()))).Status);

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
            FabricMethods.Evaluate, new EvaluateRequest(), new GrpcCallOptions(TimeSpan.FromSeconds(10))));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.Status);
        Assert.NotNull(await seen.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_server_answers_that_the_deadline_passed_even_to_a_patient_client()
    {
        var seen = new TaskCompletionSource<DateTimeOffset?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcTestServer.StartAsync(endpoints => MapHang(endpoints, seen));
        using var http = new HttpClient();
        using var request = RawGrpc.Request(server.Address, FabricMethods.Evaluate.Path, [0, 0, 0, 0, 0]);
        request.Headers.Add("grpc-timeout", "50m");

        using var response = await http.SendAsync(request);

        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Cancelling_a_unary_call_reaches_the_server()
    {
        var seen = new TaskCompletionSource<DateTimeOffset?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcTestServer.StartAsync(endpoints => MapHang(endpoints, seen, entered));
        await using var channel = new GrpcChannel(server.Address);
        using var cancel = new CancellationTokenSource();

        var call = channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest(), ct: cancel.Token);
        await entered.Task.WaitAsync(Patience);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Null(await seen.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Leaving_a_server_stream_early_reaches_the_server()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcServerStream(FabricMethods.ChaincodeEvents, (_, context) => OneThenHang(seen, context)));
        await using var channel = new GrpcChannel(server.Address);

        await foreach (var _ in channel.ServerStreamAsync(FabricMethods.ChaincodeEvents, new SignedChaincodeEventsRequest()))
        {
            break;
        }

        await seen.Task.WaitAsync(Patience);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ending_a_duplex_stream_from_the_client_reaches_the_server(bool byToken)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcDuplex(FabricMethods.ChaincodeConnect, async (stream, context) =>
            {
                try
                {
                    await foreach (var message in stream.ReadAllAsync())
                    {
                        await stream.WriteAsync(message);
                    }
                }
                catch (OperationCanceledException)
                {
                    seen.TrySetResult();
                    throw;
                }
            }));
        await using var channel = new GrpcChannel(server.Address);
        using var cancel = new CancellationTokenSource();
        var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect, ct: cancel.Token);
        await call.WriteAsync(new ChaincodeMessage());
        await using (var answers = call.ReadAllAsync().GetAsyncEnumerator())
        {
            Assert.True(await answers.MoveNextAsync());
            if (byToken)
            {
                var next = answers.MoveNextAsync();
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
            }
        }
        await call.DisposeAsync();

        await seen.Task.WaitAsync(Patience);
        await Assert.ThrowsAnyAsync<Exception>(() => call.WriteAsync(new ChaincodeMessage()));
    }

    [Fact]
    public async Task A_duplex_stream_ended_by_the_server_gives_its_status_to_the_reader_and_stops_the_writer()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcDuplex(FabricMethods.ChaincodeConnect, async (stream, _) =>
            {
                await stream.WriteAsync(new ChaincodeMessage { Txid = "last words" });
                throw new RpcException(StatusCode.PermissionDenied, "not you");
            }));
        await using var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        var received = new List<string>();

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var message in call.ReadAllAsync())
            {
                received.Add(message.Txid);
            }
        });

        Assert.Equal(StatusCode.PermissionDenied, failure.Status);
        Assert.Equal(["last words"], received);
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_unavailable()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{((IPEndPoint)reserved.LocalEndPoint!).Port}"));

        var unary = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest()));
        var duplex = await Assert.ThrowsAsync<RpcException>(() => channel.DuplexAsync(FabricMethods.ChaincodeConnect));

        Assert.Equal((StatusCode.Unavailable, StatusCode.Unavailable), (unary.Status, duplex.Status));
    }

    [Fact]
    public async Task A_listener_that_never_speaks_is_ended_by_the_deadline()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var channel = new GrpcChannel(new Uri($"http://{silent.LocalEndpoint}"));

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
            FabricMethods.Evaluate, new EvaluateRequest(), new GrpcCallOptions(TimeSpan.FromMilliseconds(200))));

        Assert.Equal(StatusCode.DeadlineExceeded, failure.Status);
    }

    [Fact]
    public async Task A_server_that_goes_away_breaks_the_call_and_a_new_one_on_its_port_serves_the_next()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource<DateTimeOffset?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await GrpcTestServer.StartAsync(endpoints => MapHang(endpoints, seen, entered));
        await using var channel = new GrpcChannel(first.Address);
        var call = channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest());
        await entered.Task.WaitAsync(Patience);

        await first.DisposeAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => call);
        await using var second = await GrpcTestServer.StartAsync(GrpcCallTests.MapEcho, port: first.Address.Port);
        var answer = await channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest { TransactionId = "again" });

        Assert.Contains(failure.Status, new[] { StatusCode.Unavailable, StatusCode.Cancelled, StatusCode.Internal });
        Assert.Equal("again", answer.Result.Message);
    }

    [Fact]
    public async Task Closing_the_channel_ends_its_open_streams()
    {
        await using var server = await GrpcTestServer.StartAsync(GrpcCallTests.MapEcho);
        var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        await using var answers = call.ReadAllAsync().GetAsyncEnumerator();
        var next = answers.MoveNextAsync();

        await channel.DisposeAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await next);
        Assert.Equal(StatusCode.Cancelled, failure.Status);
    }

    [Fact]
    public async Task A_connection_that_is_reset_the_moment_it_stands_is_an_unavailable_server()
    {
        // What the system's HTTP client lets through when the socket is gone before it has looked at its other end.
        using var http = new GrpcConnections(new Failing(new SocketException((int)SocketError.NotConnected)));
        await using var call = new GrpcCall(http, new Uri("http://127.0.0.1:1/gateway.Gateway/Submit"), new ByteArrayContent([]),
            new GrpcChannelOptions(), default, certificates: null, CancellationToken.None, CancellationToken.None);

        var failure = await Assert.ThrowsAsync<RpcException>(call.OpenAsync);

        Assert.Equal((StatusCode.Unavailable, RpcOrigin.Connection), (failure.Status, failure.Origin));
    }

    private sealed class Failing(Exception failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(failure);
    }

    private static void MapHang(
        IEndpointRouteBuilder endpoints, TaskCompletionSource<DateTimeOffset?> ended, TaskCompletionSource? entered = null) =>
        endpoints.MapGrpcUnary(FabricMethods.Evaluate, async (_, context) =>
        {
            entered?.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            finally
            {
                ended.TrySetResult(context.Deadline);
            }
            return new EvaluateResponse();
        });

    private static async IAsyncEnumerable<ChaincodeEventsResponse> OneThenHang(TaskCompletionSource ended, GrpcServerContext context)
    {
        yield return new ChaincodeEventsResponse();
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            ended.TrySetResult();
        }
    }
}
