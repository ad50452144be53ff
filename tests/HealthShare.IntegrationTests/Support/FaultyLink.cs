using System.Net;
using System.Net.Sockets;

namespace HealthShare.IntegrationTests.Support;

/// <summary>
/// A link to a peer that a test can cut, close or silence. It passes bytes on as they are, TLS included, so that client and peer
/// notice nothing but the fault; and it does so on every backend.
/// </summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly HashSet<TcpClient> open = [];
    private readonly Lock gate = new();
    private readonly string host;
    private readonly int port;
    private readonly Task accepting;
    private volatile bool closed;
    private volatile bool silent;
    private long bytesUp;
    private int accepted;

    public FaultyLink(string endpoint)
    {
        (host, port) = (endpoint[..endpoint.LastIndexOf(':')], int.Parse(endpoint.AsSpan(endpoint.LastIndexOf(':') + 1)));
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where to dial instead of the peer.</summary>
    public string Endpoint => listener.LocalEndpoint.ToString()!;

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>What went to the peer so far.</summary>
    public long BytesUp => Interlocked.Read(ref bytesUp);

    /// <summary>Breaks every connection; new ones work.</summary>
    public void Cut()
    {
        lock (gate)
        {
            foreach (var connection in open)
            {
                connection.LingerState = new LingerOption(true, 0); // a reset, as of a process that was killed
                connection.Close();
            }
            open.Clear();
        }
    }

    /// <summary>Breaks every connection and lets no new one through, until <see cref="Mend"/>.</summary>
    public void Close()
    {
        closed = true;
        Cut();
    }

    /// <summary>From now on what the peer says is lost, while what the client says still reaches it.</summary>
    public void Silence() => silent = true;

    /// <summary>Lets everything through again; connections that lost something are cut.</summary>
    public void Mend()
    {
        var lost = silent;
        (closed, silent) = (false, false);
        if (lost)
            Cut(); // after: none of them may lose anything more and stay
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        Close();
        await accepting;
        ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptTcpClientAsync(ended.Token);
                if (closed)
                {
                    client.LingerState = new LingerOption(true, 0);
                    client.Dispose();
                    continue;
                }
                Interlocked.Increment(ref accepted);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Stopped, or a client that gave up before it was accepted.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var peer = new TcpClient();
        try
        {
            await peer.ConnectAsync(host, port, ended.Token);
            lock (gate)
            {
                if (closed)
                    return; // meanwhile
                open.Add(client);
                open.Add(peer);
            }
            var up = CopyAsync(client, peer, isUp: true);
            await Task.WhenAny(up, CopyAsync(peer, client, isUp: false));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer is away: the client sees its connection end.
        }
        finally
        {
            lock (gate)
            {
                open.Remove(client);
                open.Remove(peer);
            }
            client.Dispose();
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool isUp)
    {
        var (buffer, lost) = (new byte[64 * 1024], false);
        try
        {
            var (source, target) = (from.GetStream(), to.GetStream());
            while (await source.ReadAsync(buffer, ended.Token) is > 0 and var count)
            {
                if (isUp)
                    Interlocked.Add(ref bytesUp, count);
                else if (lost |= silent)
                    continue; // also what comes between the end of the silence and the cut: bytes after a gap are no fault of a link
                await target.WriteAsync(buffer.AsMemory(0, count), ended.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut: that is what this is for.
        }
    }
}
