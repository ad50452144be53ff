using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;

namespace HealthShare.Hl7.Mllp;

/// <summary>
/// Listens for MLLP connections. On each, frames are handled one after the other and answered in their order; connections run
/// side by side. Metrics: meter <c>HealthShare.Hl7.Mllp</c>.
/// </summary>
public sealed class MllpServer : IAsyncDisposable
{
    private const int MostRefusedAtATime = 32;
    private static readonly Meter Meter = new("HealthShare.Hl7.Mllp");
    private static readonly UpDownCounter<int> OpenConnections = Meter.CreateUpDownCounter<int>("mllp.server.connections");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("mllp.server.connections.refused");
    private static readonly Counter<long> Frames = Meter.CreateCounter<long>("mllp.server.frames");

    private readonly MllpServerOptions options;
    private readonly IMllpHandler handler;
    private readonly TcpListener listener;
    private readonly FrameBudget room;
    private readonly ConcurrentDictionary<int, Task> connections = new();
    private readonly CancellationTokenSource stopReading = new();
    private readonly CancellationTokenSource abort = new();
    private Task accepting = Task.CompletedTask;
    private int open;
    private int refusing;
    private int lastConnection;
    private int stopped;

    /// <summary>Makes a server; <see cref="Start"/> opens the port.</summary>
    public MllpServer(MllpServerOptions options, IMllpHandler handler)
    {
        this.options = options;
        this.handler = handler;
        listener = new TcpListener(options.Endpoint);
        // A sender is to hear that there is no room before its connection is closed for being idle.
        var patience = options.ExchangeTimeout < options.IdleTimeout / 2 ? options.ExchangeTimeout : options.IdleTimeout / 2;
        room = new FrameBudget(options.OpenFrameBytes, patience, options.Clock);
    }

    /// <summary>The address that is listened on, with the port that the system chose.</summary>
    public IPEndPoint LocalEndpoint => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>Connections open now, without those that are being refused.</summary>
    public int ConnectionCount => Volatile.Read(ref open);

    /// <summary>Bytes of frames that are open or being handled, beyond the first 64 KiB of each connection.</summary>
    public long OpenFrameBytes => room.Taken;

    /// <summary>Opens the port.</summary>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public void Start()
    {
        listener.Start(backlog: 512);
        accepting = AcceptAsync();
    }

    /// <summary>
    /// Stops: no new connections, no further frames; messages being handled are finished and acknowledged, at most for the drain time.
    /// </summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) == 1)
            return;
        await stopReading.CancelAsync();
        listener.Stop();
        await accepting;
        abort.CancelAfter(options.DrainTimeout);
        await Task.WhenAll(connections.Values);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        listener.Dispose();
        stopReading.Dispose();
        abort.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopReading.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync(stopReading.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // One connection failed before it was accepted, or handles ran out: go on, but not in a tight loop.
                handler.Closed(null, "A connection could not be accepted.", e);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                continue;
            }
            if (ConnectionCount < options.MaxConnections)
            {
                Run(socket, isAboveLimit: false);
                continue;
            }
            Refused.Add(1);
            if (Volatile.Read(ref refusing) < MostRefusedAtATime)
            {
                Run(socket, isAboveLimit: true);
                continue;
            }
            handler.Closed(RemoteOf(socket), "The limit of connections is reached.", null);
            socket.Dispose();
        }
    }

    private static EndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (SocketException) // gone already
        {
            return null;
        }
    }

    private void Run(Socket socket, bool isAboveLimit)
    {
        var id = Interlocked.Increment(ref lastConnection);
        var connection = new MllpConnection(socket, options, handler, room, isAboveLimit, () => Frames.Add(1));
        Count(isAboveLimit, 1);
        // Registered before it runs, so that its end always finds the entry to remove.
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connections[id] = completion.Task;
        _ = Task.Run(async () =>
        {
            await connection.RunAsync(stopReading.Token, abort.Token);
            Count(isAboveLimit, -1);
            connections.TryRemove(id, out _);
            completion.SetResult();
        });
    }

    private void Count(bool isAboveLimit, int change)
    {
        Interlocked.Add(ref isAboveLimit ? ref refusing : ref open, change);
        if (!isAboveLimit)
            OpenConnections.Add(change);
    }
}
