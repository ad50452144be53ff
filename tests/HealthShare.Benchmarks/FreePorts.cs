using System.Net;
using System.Net.Sockets;

namespace HealthShare.Benchmarks;

/// <summary>The sandbox counts its ports from one base: a range in which nobody listens now.</summary>
internal static class FreePorts
{
    public static int Find()
    {
        for (var candidate = 21_000 + Environment.ProcessId % 50 * 40; ; candidate += 40)
        {
            if (Enumerable.Range(candidate, 32).All(IsFree))
                return candidate;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
