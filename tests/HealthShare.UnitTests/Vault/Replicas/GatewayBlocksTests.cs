using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;

namespace HealthShare.UnitTests.Vault.Replicas;

public sealed class GatewayBlocksTests : IDisposable
{
    private static readonly byte[] Block = RandomNumberGenerator.GetBytes(5000);
    private static readonly Cid Id = Cid.Of(CidCodec.Raw, Block);
    private readonly HttpMessageInvoker http = new(GatewayBlocks.CreateHandler());

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_block_is_asked_for_raw_and_only_if_it_is_there()
    {
        await using var gateway = new StandInGateway(_ => Answer("200 OK", Block));
        await ReplicaOf(gateway).ChallengeAsync(Id, Block.Length, 4999, CancellationToken.None);
        var request = Assert.Single(gateway.Requests);
        Assert.StartsWith($"GET /base/ipfs/{Id}?format=raw HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nCache-Control: only-if-cached\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nAccept: application/vnd.ipld.raw\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Origin", request, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("412 Precondition Failed")]
    [InlineData("404 Not Found")]
    [InlineData("410 Gone")]
    public async Task What_is_not_there_is_missing(string status)
    {
        await using var gateway = new StandInGateway(_ => Answer(status, "ipld: could not find it"u8, "text/plain"));
        await Assert.ThrowsAsync<ContentNotFoundException>(() => ReplicaOf(gateway).ChallengeAsync(Id, null, 0, CancellationToken.None));
    }

    [Theory]
    [InlineData("application/vnd.ipld.raw")]
    [InlineData("application/octet-stream")]
    public async Task Wrong_bytes_are_corrupt(string type)
    {
        await using var gateway = new StandInGateway(_ => Answer("200 OK", [.. Block[..^1], (byte)~Block[^1]], type));
        await Assert.ThrowsAsync<ContentCorruptException>(() => ReplicaOf(gateway).ChallengeAsync(Id, null, 0, CancellationToken.None));
    }

    [Fact]
    public async Task More_than_a_block_is_cut_off_and_corrupt()
    {
        var much = new byte[3 * 1024 * 1024];
        await using var gateway = new StandInGateway(_ => Answer("200 OK", much));
        var failure = await Assert.ThrowsAsync<ContentCorruptException>(() => ReplicaOf(gateway).ChallengeAsync(Id, null, 0, CancellationToken.None));
        Assert.Contains("more than a block", failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> UselessAnswers => new()
    {
        { "a sign-in page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>" },
        { "a redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n" },
        { "an error", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n" },
        { "a time-out of its own", "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n" },
        { "too short for its length", "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipld.raw\r\nContent-Length: 5000\r\n\r\nabc" },
        { "an encoding", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc" },
        { "no HTTP", "220 smtp.example ESMTP\r\n" },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(UselessAnswers))]
    public async Task From_other_answers_nothing_is_concluded(string what, string answer)
    {
        Assert.NotNull(what);
        await using var gateway = new StandInGateway(_ => Encoding.ASCII.GetBytes(answer));
        var failure = await Assert.ThrowsAsync<ReplicaUnavailableException>(
            () => ReplicaOf(gateway).ChallengeAsync(Id, null, 0, CancellationToken.None));
        Assert.Equal("south", failure.Replica);
    }

    [Fact]
    public async Task A_length_that_is_announced_too_long_takes_no_memory_before_it_comes()
    {
        await using var gateway = new StandInGateway(_ => Encoding.ASCII.GetBytes(
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipld.raw\r\nContent-Length: 999999999999\r\n\r\nabc"));
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => ReplicaOf(gateway).ChallengeAsync(Id, null, 0, CancellationToken.None));
    }

    [Fact]
    public async Task One_that_sends_drop_by_drop_is_given_up_in_time()
    {
        await using var gateway = new StandInGateway(_ => Encoding.ASCII.GetBytes(
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipld.raw\r\nContent-Length: 5000\r\n\r\n")) { Drips = true };
        var failure = await Assert.ThrowsAsync<ReplicaUnavailableException>(
            () => ReplicaOf(gateway, TimeSpan.FromMilliseconds(300)).ChallengeAsync(Id, null, 0, CancellationToken.None));
        Assert.Contains("longer than", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_where_nobody_listens_is_unavailable_and_a_caller_that_stops_is_not_told_so()
    {
        using var port = new ReservedPort();
        var replica = new BlockReplica("south", new GatewayBlocks("south", new Uri($"http://127.0.0.1:{port.Number}"), TimeSpan.FromMinutes(1), http));
        await Assert.ThrowsAsync<ReplicaUnavailableException>(() => replica.ChallengeAsync(Id, null, 0, CancellationToken.None));

        await using var gateway = new StandInGateway(_ => []) { Drips = true };
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReplicaOf(gateway).ChallengeAsync(Id, null, 0, stop.Token));
    }

    private static byte[] Answer(string status, ReadOnlySpan<byte> body, string type = "application/vnd.ipld.raw") =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    private BlockReplica ReplicaOf(StandInGateway gateway, TimeSpan? timeout = null) =>
        new("south", new GatewayBlocks("south", gateway.Url, timeout ?? TimeSpan.FromMinutes(1), http));

    /// <summary>Answers every request with the bytes that the test wants, right HTTP or not, and hangs up.</summary>
    private sealed class StandInGateway : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stop = new();
        private readonly Func<string, byte[]> answer;
        private readonly Task serving;

        public StandInGateway(Func<string, byte[]> answer)
        {
            this.answer = answer;
            listener.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/base/");
            serving = ServeAsync();
        }

        public Uri Url { get; }

        /// <summary>After its answer it sends a byte now and then, for ever.</summary>
        public bool Drips { get; init; }

        public List<string> Requests { get; } = [];

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            listener.Stop();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        }

        private async Task ServeAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                await using var stream = client.GetStream();
                var request = new StringBuilder();
                var buffer = new byte[4096];
                while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)
                    && await stream.ReadAsync(buffer, stop.Token) is > 0 and var read)
                    request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                Requests.Add(request.ToString());
                try
                {
                    await stream.WriteAsync(answer(request.ToString()), stop.Token);
                    while (Drips)
                    {
                        await Task.Delay(20, stop.Token);
                        await stream.WriteAsync(new byte[1], stop.Token);
                    }
                }
                catch (IOException)
                {
                    // The client has hung up, as it may.
                }
            }
        }
    }
}
