using System.Diagnostics;
using System.Globalization;
using System.Text;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Benchmarks.Hl7;

/// <summary>Senders as hospitals have them: each keeps one connection and sends its next message when the last one is acknowledged.</summary>
internal static class MllpLoad
{
    private const int Connections = 8;
    private const int Patients = 200;
    private const int MessageBytes = 1500;

    /// <summary>Sends messages over eight connections.</summary>
    /// <param name="port">Who takes them, on this machine.</param>
    /// <param name="first">Number of the first message; no two have the same.</param>
    /// <param name="count">How many.</param>
    /// <param name="ct">Stops the senders.</param>
    /// <returns>Seconds until the last one was acknowledged positively.</returns>
    public static async Task<double> SendAsync(int port, int first, int count, CancellationToken ct)
    {
        var clients = new List<MllpClient>();
        try
        {
            for (var i = 0; i < Connections; i++)
                clients.Add(await MllpClient.ConnectAsync("127.0.0.1", port, cancellationToken: ct));
            var next = first - 1;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(clients.Select(client => Task.Run(async () =>
            {
                while (Interlocked.Increment(ref next) is var number && number < first + count)
                {
                    var answer = await client.SendAsync(Message(number), ct);
                    if (!answer.IsPositive)
                        throw new InvalidOperationException($"A message was answered {answer.Code}.");
                }
            }, ct)));
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private static byte[] Message(int number)
    {
        var text = new StringBuilder(MessageBytes + 100);
        text.Append(CultureInfo.InvariantCulture, $"MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ORU^R01^ORU_R01|B{number:D8}|P|2.5.1\r")
            .Append(CultureInfo.InvariantCulture, $"PID|1||B{number % Patients:D6}^^^NORTH^MR||Bench^Mark||19700101|F\r")
            .Append("OBR|1|||24323-8^Comprehensive metabolic panel^LN|||20260301083000+0100||||||||||||||||||F\r");
        for (var i = 1; text.Length < MessageBytes; i++)
            text.Append(CultureInfo.InvariantCulture, $"OBX|{i}|NM|2345-7^Glucose^LN||{number + i}|mg/dL|70-99||||F\r");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
