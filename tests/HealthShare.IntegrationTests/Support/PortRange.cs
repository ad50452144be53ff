using System.Net;
using System.Net.Sockets;

namespace HealthShare.IntegrationTests.Support;

/// <summary>
/// Ports for child processes that must have the same ones again when they are started anew. Each range is taken for as long as this
/// process lives, by its last port, which is listened on: other test processes on the machine go past it.
/// </summary>
internal static class PortRange
{
    private const int Size = 50; // a sandbox uses 41 above its base
    private const int First = 10_000, Ranges = 200; // the scripts' tests and the browser's take others, all below what systems give out

    private static readonly List<TcpListener> Claims = [];
    private static int next = Environment.ProcessId * 7;

    /// <summary>Takes a range of which no port is in use.</summary>
    /// <returns>Its first port; 48 follow.</returns>
    /// <exception cref="InvalidOperationException">No range is free.</exception>
    public static int Take()
    {
        for (var attempt = 0; attempt < Ranges; attempt++)
        {
            var candidate = First + (int)((uint)Interlocked.Increment(ref next) % Ranges * Size);
            if (TryListen(candidate + Size - 1) is not { } claim)
                continue;
            if (Enumerable.Range(candidate, Size - 1).All(IsFree))
            {
                lock (Claims)
                    Claims.Add(claim);
                return candidate;
            }
            claim.Dispose();
        }
        throw new InvalidOperationException($"None of the {Ranges} ranges of ports from {First} on is free.");
    }

    private static bool IsFree(int port)
    {
        using var listener = TryListen(port);
        return listener is not null;
    }

    private static TcpListener? TryListen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
