using System.Text;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using Microsoft.AspNetCore.Routing;

namespace HealthShare.UnitTests.Protocol.Grpc;

public sealed class GrpcCallTests
{
    [Fact]
    public async Task A_message_that_is_given_up_in_the_middle_leaves_the_stream_to_the_others()
    {
        // More than the reader's window takes: the write waits until somebody reads.
        var large = new ChaincodeMessage { Txid = "given up", Payload = ByteString.CopyFrom(new byte[20_000_000]) };
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcDuplex(FabricMethods.ChaincodeConnect, async (stream, _) =>
            {
                using var impatient = new CancellationTokenSource();
                var write = stream.WriteAsync(large, impatient.Token);
                await impatient.CancelAsync();
                waits.SetResult();
                await write;
                await stream.WriteAsync(new ChaincodeMessage { Txid = "innocent" });
            }));
        await using var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        await waits.Task;

        var read = new List<string>();
        await foreach (var message in call.ReadAllAsync())
            read.Add(message.Txid);

        Assert.Equal(["given up", "innocent"], read);
    }

    [Fact]
    public async Task A_unary_call_carries_the_message_both_ways()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);

        var answer = await channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest { TransactionId = "tx-1" });

        Assert.Equal("tx-1", answer.Result.Message);
    }

    [Fact]
    public async Task A_message_of_many_windows_arrives_whole()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);
        var text = new string('x', 5_000_000);

        var answer = await channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest { TransactionId = text });

        Assert.Equal(text, answer.Result.Message);
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcUnary(FabricMethods.Submit, (_, _) => Task.FromResult(new SubmitResponse())));
        await using var channel = new GrpcChannel(server.Address);

        Assert.NotNull(await channel.UnaryAsync(FabricMethods.Submit, new SubmitRequest()));
    }

    [Fact]
    public async Task A_server_stream_delivers_in_order_and_ends()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcServerStream(FabricMethods.ChaincodeEvents, (_, _) => Count(500)));
        await using var channel = new GrpcChannel(server.Address);

        var numbers = new List<ulong>();
        await foreach (var answer in channel.ServerStreamAsync(FabricMethods.ChaincodeEvents, new SignedChaincodeEventsRequest()))
        {
            numbers.Add(answer.BlockNumber);
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(n => (ulong)n), numbers);
    }

    [Fact]
    public async Task A_stream_that_fails_midway_delivers_what_came_before()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcServerStream(FabricMethods.ChaincodeEvents, (_, _) => Count(3, then: StatusCode.DataLoss)));
        await using var channel = new GrpcChannel(server.Address);
        var received = 0;

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var _ in channel.ServerStreamAsync(FabricMethods.ChaincodeEvents, new SignedChaincodeEventsRequest()))
            {
                received++;
            }
        });

        Assert.Equal((3, StatusCode.DataLoss), (received, failure.Status));
    }

    [Fact]
    public async Task A_duplex_stream_interleaves_both_directions()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        await using var answers = call.ReadAllAsync().GetAsyncEnumerator();

        for (var n = 0; n < 200; n++)
        {
            await call.WriteAsync(new ChaincodeMessage { Txid = $"tx-{n}" });
            Assert.True(await answers.MoveNextAsync());
            Assert.Equal($"tx-{n}", answers.Current.Txid);
        }
        await call.CompleteAsync();

        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task Messages_written_together_arrive_whole_and_in_order_whatever_their_sizes()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        int[] sizes = [0, 1, 300, 70_000, 20_000, 20_000, 20_000, 20_000, 5, 200_000, 0];

        await call.WriteAllAsync([.. sizes.Select((size, n) => new ChaincodeMessage
        {
            Txid = $"tx-{n}", Payload = ByteString.CopyFrom(new byte[size]),
        })]);
        await call.WriteAllAsync([]);
        await call.CompleteAsync();

        List<(string, int)> received = [];
        await foreach (var message in call.ReadAllAsync())
            received.Add((message.Txid, message.Payload.Length));
        Assert.Equal(sizes.Select((size, n) => ($"tx-{n}", size)), received);
    }

    [Fact]
    public async Task Of_messages_written_together_none_is_sent_where_one_is_too_large()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address, new GrpcChannelOptions { MaxMessageSize = 100 });
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.WriteAllAsync(
            [new ChaincodeMessage { Txid = "small" }, new ChaincodeMessage { Payload = ByteString.CopyFrom(new byte[200]) }]));
        await call.WriteAsync(new ChaincodeMessage { Txid = "next" });
        await call.CompleteAsync();

        Assert.Equal(StatusCode.ResourceExhausted, failure.Status);
        List<string> received = [];
        await foreach (var message in call.ReadAllAsync())
            received.Add(message.Txid);
        Assert.Equal(["next"], received);
    }

    [Fact]
    public async Task Either_side_may_speak_first_in_a_duplex_stream()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcDuplex(FabricMethods.ChaincodeConnect, async (stream, _) =>
            {
                await stream.WriteAsync(new ChaincodeMessage { Type = ChaincodeMessage.Types.Type.Register });
                await foreach (var message in stream.ReadAllAsync())
                {
                    Assert.Equal(ChaincodeMessage.Types.Type.Registered, message.Type);
                }
            }));
        await using var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);
        await using var answers = call.ReadAllAsync().GetAsyncEnumerator();

        Assert.True(await answers.MoveNextAsync());
        Assert.Equal(ChaincodeMessage.Types.Type.Register, answers.Current.Type);
        await call.WriteAsync(new ChaincodeMessage { Type = ChaincodeMessage.Types.Type.Registered });
        await call.CompleteAsync();
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task Concurrent_writers_of_one_duplex_stream_never_mix_their_frames()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);
        await using var call = await channel.DuplexAsync(FabricMethods.ChaincodeConnect);

        var writers = Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var n = 0; n < 50; n++)
            {
                await call.WriteAsync(new ChaincodeMessage { Txid = $"{writer}-{n}", Payload = ByteString.CopyFrom(new byte[n * 300]) });
            }
        }).ToArray();
        var received = new List<string>();
        var reading = Task.Run(async () =>
        {
            await foreach (var message in call.ReadAllAsync())
            {
                Assert.Equal(int.Parse(message.Txid.Split('-')[1]) * 300, message.Payload.Length);
                received.Add(message.Txid);
            }
        });
        await Task.WhenAll(writers);
        await call.CompleteAsync();
        await reading;

        Assert.Equal(400, received.Distinct().Count());
    }

    [Fact]
    public async Task Hundreds_of_calls_run_at_once_beside_open_streams()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);
        var streams = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => channel.DuplexAsync(FabricMethods.ChaincodeConnect)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(n =>
            channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest { TransactionId = $"tx-{n}" })));
        foreach (var stream in streams)
        {
            await stream.WriteAsync(new ChaincodeMessage { Txid = "open" });
            await stream.CompleteAsync();
            await foreach (var message in stream.ReadAllAsync())
            {
                Assert.Equal("open", message.Txid);
            }
            await stream.DisposeAsync();
        }

        Assert.Equal(Enumerable.Range(0, 400).Select(n => $"tx-{n}"), answers.Select(a => a.Result.Message));
    }

    [Fact]
    public async Task A_refusal_brings_its_code_its_text_and_its_details()
    {
        var details = Encoding.UTF8.GetBytes("any bytes\0 at all");
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcUnary(FabricMethods.Endorse, Task<EndorseResponse> (_, _) =>
                throw new RpcException(StatusCode.Aborted, "100 % Überprüfung\nfehlgeschlagen", details)));
        await using var channel = new GrpcChannel(server.Address);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Endorse, new EndorseRequest()));

        Assert.Equal(StatusCode.Aborted, refusal.Status);
        Assert.Equal("100 % Überprüfung\nfehlgeschlagen", refusal.Detail);
        Assert.Equal(details, refusal.StatusDetails.ToArray());
    }

    [Fact]
    public async Task An_unexpected_exception_of_a_handler_keeps_its_text_to_itself()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcUnary(FabricMethods.Endorse, Task<EndorseResponse> (_, _) =>
                throw new InvalidOperationException("secret")));
        await using var channel = new GrpcChannel(server.Address);

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Endorse, new EndorseRequest()));

        Assert.Equal(StatusCode.Unknown, failure.Status);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_that_is_not_served_is_unimplemented()
    {
        await using var server = await GrpcTestServer.StartAsync(MapEcho);
        await using var channel = new GrpcChannel(server.Address);

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Endorse, new EndorseRequest()));

        Assert.Equal(StatusCode.Unimplemented, failure.Status);
    }

    [Fact]
    public async Task Too_large_a_message_is_refused_by_whoever_sees_it_first()
    {
        await using var server = await GrpcTestServer.StartAsync(endpoints =>
            endpoints.MapGrpcUnary(
                FabricMethods.Evaluate,
                (request, _) => Task.FromResult(Echo(request.TransactionId.Length > 10 ? request.TransactionId : new string('y', 5000))),
                new GrpcServerOptions { MaxMessageSize = 8000 }));
        await using var wide = new GrpcChannel(server.Address);
        await using var narrow = new GrpcChannel(server.Address, new GrpcChannelOptions { MaxMessageSize = 2000 });

        var byServer = await Assert.ThrowsAsync<RpcException>(() => EvaluateAsync(wide, new string('x', 200_000)));
        var bySender = await Assert.ThrowsAsync<RpcException>(() => EvaluateAsync(narrow, new string('x', 3000)));
        var byReceiver = await Assert.ThrowsAsync<RpcException>(() => EvaluateAsync(narrow, "short"));

        Assert.All([byServer, bySender, byReceiver], e => Assert.Equal(StatusCode.ResourceExhausted, e.Status));
        static Task<EvaluateResponse> EvaluateAsync(GrpcChannel channel, string text) =>
            channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest { TransactionId = text });
    }

    internal static void MapEcho(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcUnary(FabricMethods.Evaluate, (request, _) => Task.FromResult(Echo(request.TransactionId)));
        endpoints.MapGrpcDuplex(FabricMethods.ChaincodeConnect, async (stream, _) =>
        {
            await foreach (var message in stream.ReadAllAsync())
            {
                await stream.WriteAsync(message);
            }
        });
    }

    private static EvaluateResponse Echo(string text) => new() { Result = new Response { Status = 200, Message = text } };

    private static async IAsyncEnumerable<ChaincodeEventsResponse> Count(int count, StatusCode? then = null)
    {
        for (var n = 0; n < count; n++)
        {
            await Task.Yield();
            yield return new ChaincodeEventsResponse { BlockNumber = (ulong)n };
        }
        if (then is { } status)
        {
            throw new RpcException(status, "The stream broke.");
        }
    }
}
