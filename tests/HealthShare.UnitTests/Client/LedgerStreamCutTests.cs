using System.Buffers.Binary;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Orderer;
using HealthShare.UnitTests.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace HealthShare.UnitTests.Client;

/// <summary>Streams that end where no stream should, and peers that take over.</summary>
public sealed class LedgerStreamCutTests
{
    private const ulong Blocks = 40;
    private static readonly GatewayOptions Quick = GatewayPeersScene.Quick;

    public enum Ending
    {
        Reset,
        WithoutStatus,
        StatusOk,
    }

    [Theory]
    [InlineData(Ending.Reset)]
    [InlineData(Ending.WithoutStatus)]
    [InlineData(Ending.StatusOk)]
    public async Task Blocks_come_once_over_a_stream_cut_at_every_kind_of_place(Ending ending)
    {
        var size = Frame(1).Length;
        int[] cuts = [0, 1, size, 4, 5, 6, size + 1, size / 2, size - 1, size + 4, 3, size + 5, (2 * size) - 1, 2 * size, (2 * size) + 6];
        var (connections, last, tries) = (0, 0ul, 0);
        await using var server = await ServeAsync(async (http, next) =>
        {
            (last, tries) = (next, next == last ? tries + 1 : 1);
            var cut = cuts[Interlocked.Increment(ref connections) % cuts.Length];
            byte[] three = [.. Frame(next), .. Frame(next + 1), .. Frame(next + 2)];
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(three.AsMemory(0, Math.Min(cut, three.Length)));
            await http.Response.Body.FlushAsync();
            if (ending is Ending.Reset)
            {
                // A reset takes with it what the client has not read yet; without a pause no block would ever get through, and a slow one needs more.
                await Task.Delay(TimeSpan.FromMilliseconds(20 * tries));
                http.Abort();
            }
            else if (ending is Ending.StatusOk)
            {
                http.Response.AppendTrailer("grpc-status", "0");
            }
        });
        using var scene = new Identity();
        await using var client = new GatewayClient(new GrpcChannel(server.Address), scene.Signing, "channel-1", Quick);

        var numbers = new List<ulong>();
        await foreach (var block in client.BlocksAsync(0, Blocks))
        {
            numbers.Add(block.Header.Number);
        }

        Assert.Equal(Enumerable.Range(0, (int)Blocks + 1).Select(n => (ulong)n), numbers);
        Assert.True(connections > cuts.Length);
    }

    [Theory]
    [InlineData("headers")]
    [InlineData("trailers")]
    [InlineData("length")]
    [InlineData("garbage")]
    [InlineData("html")]
    public async Task An_answer_without_end_or_without_sense_is_left(string kind)
    {
        var connections = 0;
        await using var server = await ServeAsync(async (http, next) =>
        {
            var first = Interlocked.Increment(ref connections) == 1;
            http.Response.ContentType = first && kind == "html" ? "text/html" : "application/grpc";
            if (first && kind == "headers")
            {
                http.Response.Headers["x-endless"] = Enumerable.Repeat(new string('x', 4000), 60).ToArray();
            }
            await http.Response.Body.WriteAsync(!first ? Frame(next) : kind switch
            {
                "length" => [0, 0xff, 0xff, 0xff, 0xff, 1],
                "garbage" => [0, 0, 0, 0, 3, 0xff, 0xff, 0xff],
                _ => [],
            });
            if (first && kind == "trailers")
            {
                http.Response.AppendTrailer("grpc-message", new string('x', 300_000));
            }
        });
        using var scene = new Identity();
        await using var client = new GatewayClient(new GrpcChannel(server.Address), scene.Signing, "channel-1", Quick);

        var read = 0;
        await foreach (var block in client.BlocksAsync(0, last: 2))
        {
            Assert.Equal((ulong)read++, block.Header.Number);
        }

        Assert.Equal(3, read);
    }

    [Fact]
    public async Task A_stream_moves_to_another_peer_and_goes_on_behind_the_last_block()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Deliver = async (seek, stream, _) =>
        {
            await stream.WriteAsync(FakeGateway.Block(seek.Start.Specified.Number));
            throw new RpcException(StatusCode.Unavailable, "the peer stops");
        };
        scene.Second.Deliver = async (seek, stream, _) =>
        {
            for (var n = seek.Start.Specified.Number; n <= seek.Stop.Specified.Number; n++)
            {
                await stream.WriteAsync(FakeGateway.Block(n));
            }
        };

        var numbers = new List<ulong>();
        await foreach (var block in scene.Client.BlocksAsync(3, last: 6))
        {
            numbers.Add(block.Header.Number);
        }

        Assert.Equal([3ul, 4, 5, 6], numbers);
        Assert.Equal(4ul, Assert.Single(scene.Second.Requests.OfType<SeekInfo>()).Start.Specified.Number);
    }

    [Fact]
    public async Task A_peer_that_lies_is_left_for_one_that_does_not()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        scene.First.Deliver = (_, stream, _) => stream.WriteAsync(FakeGateway.Block(9));
        scene.Second.Deliver = (seek, stream, _) => stream.WriteAsync(FakeGateway.Block(seek.Start.Specified.Number));

        await foreach (var block in scene.Client.BlocksAsync(0, last: 0))
        {
            Assert.Equal(0ul, block.Header.Number);
        }

        Assert.Single(scene.First.Requests);
    }

    [Fact]
    public async Task Private_data_is_asked_of_the_own_organizations_peers_only()
    {
        await using var scene = await GatewayPeersScene.StartAsync();
        var attempts = 0;
        scene.First.DeliverPrivate = (seek, stream, _) => Interlocked.Increment(ref attempts) < 4
            ? throw new RpcException(StatusCode.Unavailable, "not yet")
            : stream.WriteAsync(new() { BlockAndPrivateData = new() { Block = FakeGateway.Block(seek.Start.Specified.Number).Block } });

        await foreach (var block in scene.Client.PrivateBlocks.ReadAsync(0, last: 0))
        {
            Assert.Empty(block.PrivateData);
        }

        Assert.Empty(scene.Second.Requests);
    }

    private static byte[] Frame(ulong number)
    {
        var message = FakeGateway.Block(number).ToByteArray();
        byte[] frame = [0, 0, 0, 0, 0, .. message];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        return frame;
    }

    private static Task<GrpcTestServer> ServeAsync(Func<HttpContext, ulong, Task> answer) => GrpcTestServer.StartAsync(
        endpoints => endpoints.MapPost(FabricMethods.Deliver.Path, async (HttpContext http) =>
        {
            var header = new byte[5];
            await http.Request.Body.ReadExactlyAsync(header);
            var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
            await http.Request.Body.ReadExactlyAsync(message);
            var payload = Payload.Parser.ParseFrom(Envelope.Parser.ParseFrom(message).Payload);
            await answer(http, SeekInfo.Parser.ParseFrom(payload.Data).Start.Specified.Number);
        }));

    private sealed class Identity : IDisposable
    {
        private readonly TestAuthority authority = new("identity authority");

        public Identity() => Signing = FakeGateway.NewIdentity(authority);

        public Fabric.Protocol.Msp.SigningIdentity Signing { get; }

        public void Dispose()
        {
            Signing.Dispose();
            authority.Dispose();
        }
    }
}
