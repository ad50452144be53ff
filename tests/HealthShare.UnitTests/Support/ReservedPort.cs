using System.Net;
using System.Net.Sockets;

namespace HealthShare.UnitTests.Support;

/// <summary>A port of the loopback where nobody listens, and that nobody else is given, until it is let go: other tests run at the same time.</summary>
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort() => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // and never listens

    public int Number => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public void Dispose() => socket.Dispose();
}
