using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HealthShare.Benchmarks.Access;

/// <summary>
/// One kept connection that posts prepared requests over HTTP/1.1 and reads what comes back, with next to nothing around it: the load
/// program shares the processors with what it measures.
/// </summary>
internal sealed class PlainConnection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[16 * 1024];

    public static async Task<PlainConnection> OpenAsync(int port, CancellationToken ct)
    {
        var connection = new PlainConnection();
        await connection.socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ct);
        return connection;
    }

    /// <summary>The bytes of a request.</summary>
    public static byte[] Post(int port, string path, string token, string json) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        + $"Content-Length: {json.Length}\r\n\r\n{json}");

    /// <summary>Sends a request and reads its answer.</summary>
    /// <returns>Status line, headers and body; valid until the next call.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> SendAsync(byte[] request, CancellationToken ct)
    {
        await socket.SendAsync(request, ct);
        var length = 0;
        while (!IsWhole(buffer.AsSpan(0, length)))
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), ct);
            if (count == 0)
                throw new InvalidOperationException("The server closed the connection.");
            length += count;
        }
        return buffer.AsMemory(0, length);
    }

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        var length = answer[..head].IndexOf("Content-Length: "u8);
        if (length < 0)
            return answer.EndsWith("\r\n0\r\n\r\n"u8); // sent in chunks, of which this is the last
        var digits = answer[(length + 16)..head];
        var end = digits.IndexOf((byte)'\r');
        return answer.Length >= head + 4 + int.Parse(end < 0 ? digits : digits[..end], System.Globalization.CultureInfo.InvariantCulture);
    }
}
