using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Node.Cli.Sending;

/// <summary>The listener cannot be reached, or not be agreed with; the message says why.</summary>
internal sealed class NoListenerException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Sends messages over several connections. On each, a message waits for its own acknowledgement before the next one goes; one whose
/// acknowledgement did not come is sent again over a new connection, which a receiver that knows its control id takes for the same message.
/// </summary>
/// <param name="target">Where to.</param>
/// <param name="connections">Connections, 1 or more; with one, messages arrive in their order.</param>
/// <param name="rate">Messages per second over all connections; null for as many as the listener takes.</param>
/// <param name="repetitions">How often a message is sent again whose acknowledgement did not come.</param>
/// <param name="clock">Times it all.</param>
internal sealed class MessageSender(MllpClientOptions target, int connections, double? rate, int repetitions, TimeProvider clock)
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private readonly Lock pacing = new();
    private DateTimeOffset nextStart = clock.GetUtcNow();

    /// <summary>Sends all messages. After a failure, or when it is stopped, those that were found and not sent are told to the tally.</summary>
    /// <exception cref="NoListenerException">No connection could be had; what was not sent yet is not sent.</exception>
    public async Task RunAsync(IAsyncEnumerable<OutgoingMessage> messages, SendTally tally, CancellationToken ct)
    {
        var queue = Channel.CreateBounded<OutgoingMessage>(new BoundedChannelOptions(connections * 2) { SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] workers = [.. Enumerable.Range(0, connections).Select(_ => WorkAsync(queue.Reader, tally, stop))];
        try
        {
            // Without a listener the files are still read to their end, so that all that was not sent is counted.
            await foreach (var message in messages.WithCancellation(ct))
            {
                if (!await OfferAsync(queue.Writer, message, stop.Token))
                    tally.Withhold();
            }
        }
        finally
        {
            queue.Writer.Complete();
            try
            {
                await Task.WhenAll(workers);
            }
            finally
            {
                while (queue.Reader.TryRead(out _))
                    tally.Withhold();
            }
        }
    }

    private static async Task<bool> OfferAsync(ChannelWriter<OutgoingMessage> queue, OutgoingMessage message, CancellationToken stop)
    {
        try
        {
            await queue.WriteAsync(message, stop);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task WorkAsync(ChannelReader<OutgoingMessage> queue, SendTally tally, CancellationTokenSource stop)
    {
        SendConnection? connection = null;
        try
        {
            await foreach (var message in queue.ReadAllAsync(stop.Token))
                connection = await SendAsync(connection, message, tally, stop.Token);
            if (connection is not null)
                await connection.FinishAsync(ClosePatience, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped from outside, or by another worker that has no listener.
        }
        catch (NoListenerException)
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Sends one message, again where its acknowledgement did not come.</summary>
    /// <returns>The connection to go on with; null where none is left.</returns>
    private async Task<SendConnection?> SendAsync(SendConnection? connection, OutgoingMessage message, SendTally tally, CancellationToken ct)
    {
        var begun = false; // from then on nobody knows whether the listener has it
        try
        {
            await PaceAsync(ct);
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    connection ??= await ConnectAsync(tally, ct);
                    begun = true;
                    await connection.SendAsync(message, clock, ct);
                    return connection;
                }
                catch (MllpException e)
                {
                    if (connection is not null)
                        await connection.DisposeAsync();
                    connection = null;
                    if (attempt == repetitions)
                    {
                        if (begun)
                            tally.Lose(message, e.Message);
                        else
                            tally.Unsent(message, e.Message);
                        return null;
                    }
                    tally.Again();
                    await Task.Delay(FirstPause * Math.Pow(2, Math.Min(attempt, 6)), clock, ct);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or NoListenerException)
        {
            if (begun)
                tally.Lose(message, "The sending was stopped before its acknowledgement came.");
            else
                tally.Withhold();
            if (connection is not null)
                await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<SendConnection> ConnectAsync(SendTally tally, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await SendConnection.ConnectAsync(target, tally, ct);
            }
            catch (SocketException e) when (attempt < repetitions)
            {
                _ = e; // it may be starting again; the last failure is told
                await Task.Delay(FirstPause * Math.Pow(2, Math.Min(attempt, 6)), clock, ct);
            }
            catch (Exception e) when (e is SocketException or AuthenticationException)
            {
                throw new NoListenerException($"{target.Host}:{target.Port} cannot be reached: {e.Message}", e);
            }
        }
    }

    private Task PaceAsync(CancellationToken ct)
    {
        if (rate is not { } perSecond)
            return Task.CompletedTask;
        DateTimeOffset start;
        lock (pacing)
        {
            // Time that nobody used is not made up for: the rate is the most, not the mean.
            start = nextStart = Later(nextStart + TimeSpan.FromSeconds(1 / perSecond), clock.GetUtcNow());
        }
        var wait = start - clock.GetUtcNow();
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, ct) : Task.CompletedTask;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
