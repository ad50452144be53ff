using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Mllp;

namespace HealthShare.UnitTests.Hl7.Mllp;

/// <summary>Listeners and senders on the loopback.</summary>
internal static class MllpScene
{
    public static MllpServer Start(IMllpHandler handler, Func<MllpServerOptions, MllpServerOptions>? change = null)
    {
        var options = new MllpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0) };
        var server = new MllpServer(change is null ? options : change(options), handler);
        server.Start();
        return server;
    }

    public static Task<MllpClient> ConnectAsync(MllpServer server, CancellationToken ct = default) =>
        MllpClient.ConnectAsync(new MllpClientOptions
        {
            Host = "127.0.0.1", Port = server.LocalEndpoint.Port, ConnectTimeout = TimeSpan.FromMinutes(2), AcknowledgementTimeout = TimeSpan.FromMinutes(2),
        }, ct);

    public static async Task<TcpClient> ConnectRawAsync(MllpServer server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.LocalEndpoint);
        return tcp;
    }

    public static byte[] Message(string id, string note = "") =>
        Encoding.UTF8.GetBytes($"MSH|^~\\&|A|B|C|D|2024||ADT^A01|{id}|P|2.5.1\rEVN|A01|2024|{note}\r");

    /// <summary>Waits for what happens a moment after the other side has seen its cause.</summary>
    public static async Task EventuallyAsync(Func<bool> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1));
            await Task.Delay(10);
        }
    }
}

/// <summary>Takes messages as a node would, and remembers their control ids.</summary>
internal sealed class MllpRecorder : IMllpHandler
{
    public ConcurrentQueue<string> Received { get; } = new();

    public ConcurrentQueue<(string Reason, Exception? Failure)> Closings { get; } = new();

    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource? Gate { get; init; }

    public string? FailOn { get; init; }

    /// <summary>Control id of a message that fails the first time.</summary>
    public string? FailOnceOn { get; set; }

    /// <summary>Control id of a message that is refused.</summary>
    public string? RefuseId { get; init; }

    /// <summary>What every message is answered with, instead of an acknowledgement.</summary>
    public byte[]? Answer { get; init; }

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(
        ReadOnlyMemory<byte> message, EndPoint? sender, CancellationToken cancellationToken)
    {
        var parsed = Er7Message.Parse(message);
        var id = parsed.Get("MSH-10").Text;
        Entered.TrySetResult();
        if (Gate is not null)
            await Gate.Task.WaitAsync(cancellationToken);
        if (id == FailOn)
            throw new InvalidOperationException("The handler failed.");
        if (id == FailOnceOn)
        {
            FailOnceOn = null;
            throw new InvalidOperationException("The handler failed once.");
        }
        if (id == RefuseId)
            return Acknowledgement.Write(parsed, "AE", "x", DateTimeOffset.UnixEpoch, MessageFault.Of(Table0357.UnknownKeyIdentifier, "Nobody knows it."));
        Received.Enqueue(id);
        return Answer ?? Acknowledgement.Write(parsed, "AA", "x", DateTimeOffset.UnixEpoch);
    }

    public ReadOnlyMemory<byte> RefuseConnection(ReadOnlyMemory<byte> beginning, int limit) => Acknowledgement.Write(
        Er7Message.ParseHeader(beginning), "AR", "x", DateTimeOffset.UnixEpoch, MessageFault.Internal("Too many."));

    public ReadOnlyMemory<byte> RefuseTooLarge(ReadOnlyMemory<byte> beginning, EndPoint? sender, int limit) => Acknowledgement.Write(
        Er7Message.ParseHeader(beginning), "AR", "x", DateTimeOffset.UnixEpoch, MessageFault.Internal("Too large."));

    public ReadOnlyMemory<byte> RefuseForNow(ReadOnlyMemory<byte> beginning) => Acknowledgement.Write(
        Er7Message.ParseHeader(beginning), "AR", "x", DateTimeOffset.UnixEpoch, MessageFault.Internal("No room."));

    public void Closed(EndPoint? sender, string reason, Exception? failure) => Closings.Enqueue((reason, failure));
}
