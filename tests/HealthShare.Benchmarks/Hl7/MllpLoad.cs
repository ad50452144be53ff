using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HealthShare.Benchmarks.Hl7;

/// <summary>
/// Senders as hospitals have them: each keeps one connection and sends its next message when the last one is acknowledged. They share the processors with
/// what is measured, so they do as little as a sender can: a thread each, frames made of one text, answers looked through for their two fields.
/// </summary>
internal static class MllpLoad
{
    private const int Connections = 8;
    private const int Patients = 200;
    private const int MessageBytes = 1500;
    private const int LongestAnswer = 4096;
    private static readonly byte[] ControlId = "|ORU^R01^ORU_R01|B"u8.ToArray();
    private static readonly byte[] PatientNumber = "PID|1||B"u8.ToArray();
    private static readonly byte[] Template = Frame();

    /// <summary>Sends messages over eight connections.</summary>
    /// <param name="port">Who takes them, on this machine.</param>
    /// <param name="first">Number of the first message; no two have the same.</param>
    /// <param name="count">How many.</param>
    /// <param name="ct">Stops the senders.</param>
    /// <returns>Seconds until the last one was acknowledged positively.</returns>
    public static async Task<double> SendAsync(int port, int first, int count, CancellationToken ct)
    {
        var next = first - 1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Factory.StartNew(() =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(IPAddress.Loopback, port);
            var (frame, answer) = (Template.ToArray(), new byte[LongestAnswer]);
            while (!ct.IsCancellationRequested && Interlocked.Increment(ref next) is var number && number < first + count)
            {
                Write(frame, ControlId, number, 8);
                Write(frame, PatientNumber, number % Patients, 6);
                socket.Send(frame);
                Check(Receive(socket, answer), frame.AsSpan(frame.AsSpan().IndexOf(ControlId) + ControlId.Length - 1, 9));
            }
        }, ct, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        ct.ThrowIfCancellationRequested();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Write(byte[] frame, byte[] behind, int number, int digits)
    {
        var at = frame.AsSpan(frame.AsSpan().IndexOf(behind) + behind.Length, digits);
        number.TryFormat(at, out _, digits == 8 ? "D8" : "D6", CultureInfo.InvariantCulture);
    }

    private static ReadOnlySpan<byte> Receive(Socket socket, byte[] answer)
    {
        var length = 0;
        while (length < 2 || answer[length - 2] != 0x1C)
        {
            var read = length == answer.Length ? 0 : socket.Receive(answer.AsSpan(length));
            if (read == 0)
                throw new InvalidOperationException("A connection ended, or an answer has no end.");
            length += read;
        }
        return answer.AsSpan(0, length);
    }

    // An acknowledgement counts only for the message that it names.
    private static void Check(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> controlId)
    {
        var at = answer.IndexOf("\rMSA|"u8) + 5;
        if (at < 5 || !answer[at..].StartsWith("AA|"u8) || !answer[(at + 3)..].StartsWith(controlId))
            throw new InvalidOperationException($"A message was answered otherwise: {Encoding.ASCII.GetString(answer)}");
    }

    private static byte[] Frame()
    {
        var text = new StringBuilder(MessageBytes + 100);
        text.Append("\vMSH|^~\\&|LAB|NORTH|NODE|NORTH|20260301101500+0100||ORU^R01^ORU_R01|B00000000|P|2.5.1\r")
            .Append("PID|1||B000000^^^NORTH^MR||Bench^Mark||19700101|F\r")
            .Append("OBR|1|||24323-8^Comprehensive metabolic panel^LN|||20260301083000+0100||||||||||||||||||F\r");
        for (var i = 1; text.Length < MessageBytes; i++)
            text.Append(CultureInfo.InvariantCulture, $"OBX|{i}|NM|2345-7^Glucose^LN||{70 + i}|mg/dL|70-99||||F\r");
        return Encoding.ASCII.GetBytes(text.Append("\u001c\r").ToString());
    }
}
