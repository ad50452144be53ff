using System.Text;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.UnitTests.Vault.Kubo;

/// <summary>Whatever answers at a daemon's address: a failure that is named, in bounded memory and time.</summary>
public sealed class HostileDaemonTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private static readonly Cid Hello = Cid.Of(CidCodec.Raw, "hello"u8);

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(Ok + "Content-Length: 13\r\n\r\n<html></html>")]
    [InlineData(Ok + "Content-Length: 4\r\n\r\nnull")]
    [InlineData(Ok + "Content-Length: 2\r\n\r\n{}")]
    [InlineData(Ok + "Content-Length: 14\r\n\r\n{\"Version\":[1]")]
    [InlineData(Ok + "Content-Length: 5000000\r\n\r\n{}")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("")]
    public async Task An_answer_that_is_none_is_a_failure(string answer)
    {
        await using var daemon = new RawDaemon(answer);
        using var client = KuboRpcClientTests.Client(daemon.Url);
        await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_redirect_is_never_followed()
    {
        await using var elsewhere = new RawDaemon(Ok + "Content-Length: 0\r\n\r\n");
        await using var daemon = new RawDaemon($"HTTP/1.1 307 Moved\r\nLocation: {elsewhere.Url}api/v0/version\r\nContent-Length: 0\r\n\r\n");
        using var client = KuboRpcClientTests.Client(daemon.Url, options => options with { Authorization = IpfsEndpoint.ParseSecret("bearer:x") });
        await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(CancellationToken.None));
        Assert.Equal(0, elsewhere.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789012345678901234567890123456789\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n", "100\r\n                                                                                                                                                                                                                                                                \r\n")]
    [InlineData("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n", "40\r\n{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{\r\n")]
    public async Task An_answer_without_an_end_is_not_waited_for(string head, string again)
    {
        await using var daemon = new RawDaemon(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head), ct);
            while (true)
                await stream.WriteAsync(Encoding.Latin1.GetBytes(again), ct);
        });
        using var client = KuboRpcClientTests.Client(daemon.Url, options => options with { Retries = 0 });
        await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(CancellationToken.None));
        await Assert.ThrowsAsync<IpfsException>(async () =>
        {
            await foreach (var _ in client.ListPinsAsync(CancellationToken.None))
            {
            }
        });
    }

    [Fact]
    public async Task A_block_without_an_end_is_refused_at_its_longest_length()
    {
        await using var daemon = new RawDaemon(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Ok + "Transfer-Encoding: chunked\r\n\r\n"), ct);
            var chunk = Encoding.Latin1.GetBytes("10000\r\n" + new string('x', 0x10000) + "\r\n");
            while (true)
                await stream.WriteAsync(chunk, ct);
        });
        using var client = KuboRpcClientTests.Client(daemon.Url, options => options with { Retries = 0 });
        var failure = await Assert.ThrowsAsync<IpfsException>(() => client.GetBlockAsync(Hello, localOnly: true, CancellationToken.None));
        Assert.Equal(IpfsFailure.BadAnswer, failure.Failure);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData(Ok + "Content-Length: 100\r\n\r\n{")]
    public async Task An_answer_that_stands_still_is_given_up(string begun)
    {
        await using var daemon = new RawDaemon(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(begun), ct);
            await Task.Delay(Timeout.Infinite, ct);
        });
        using var client = KuboRpcClientTests.Client(daemon.Url, options => options with { CallTimeout = TimeSpan.FromSeconds(5) });
        var failure = await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(CancellationToken.None));
        Assert.Equal(IpfsFailure.TimedOut, failure.Failure);
        Assert.Equal(1, daemon.Connections);
    }

    [Fact]
    public async Task An_answer_that_drips_is_given_up_as_well()
    {
        await using var daemon = new RawDaemon(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Ok + "Content-Length: 100000\r\n\r\n"), ct);
            while (true)
            {
                await stream.WriteAsync(" "u8.ToArray(), ct);
                await Task.Delay(5, ct);
            }
        });
        using var client = KuboRpcClientTests.Client(daemon.Url, options => options with { CallTimeout = TimeSpan.FromMilliseconds(200) });
        var failure = await Assert.ThrowsAsync<IpfsException>(() => client.GetVersionAsync(CancellationToken.None));
        Assert.Equal(IpfsFailure.TimedOut, failure.Failure);
    }

    [Fact]
    public async Task An_error_that_arrives_behind_the_body_is_a_failure()
    {
        await using var daemon = new RawDaemon(Ok + "Trailer: X-Stream-Error\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
            + "X-Stream-Error: block was lost\r\n\r\n");
        using var client = KuboRpcClientTests.Client(daemon.Url);
        await using var cat = await client.CatAsync(Hello, 0, null, CancellationToken.None);
        var cut = await Assert.ThrowsAsync<IpfsException>(() => cat.CopyToAsync(Stream.Null));
        Assert.Equal((IpfsFailure.Cut, "block was lost"), (cut.Failure, cut.Reason));
        // The bytes themselves would have done: a block is not believed either when its answer ends like this.
        await Assert.ThrowsAsync<IpfsException>(() => client.GetBlockAsync(Hello, localOnly: true, CancellationToken.None));
    }

    [Fact]
    public async Task A_stream_that_is_cut_or_stands_still_is_no_short_file()
    {
        await using var cut = new RawDaemon(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        using var first = KuboRpcClientTests.Client(cut.Url);
        await using var broken = await first.CatAsync(Hello, 0, null, CancellationToken.None);
        Assert.Equal(IpfsFailure.Cut, (await Assert.ThrowsAsync<IpfsException>(() => broken.CopyToAsync(Stream.Null))).Failure);

        await using var still = new RawDaemon(async (stream, ct) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), ct);
            await Task.Delay(Timeout.Infinite, ct);
        });
        using var second = KuboRpcClientTests.Client(still.Url, options => options with { FetchTimeout = TimeSpan.FromSeconds(10) });
        await using var waiting = await second.CatAsync(Hello, 0, null, CancellationToken.None);
        Assert.Equal(IpfsFailure.TimedOut, (await Assert.ThrowsAsync<IpfsException>(() => waiting.CopyToAsync(Stream.Null))).Failure);
    }

    [Fact]
    public async Task The_callers_cancellation_is_no_failure_of_the_daemon()
    {
        await using var daemon = new RawDaemon((_, ct) => Task.Delay(Timeout.Infinite, ct));
        using var client = KuboRpcClientTests.Client(daemon.Url);
        using var stop = new CancellationTokenSource();
        var waiting = client.GetVersionAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
