using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;
using HealthShare.Hl7;
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

    /// <summary>Sends all messages.</summary>
    /// <exception cref="NoListenerException">No connection could be had; what was not sent yet is not sent.</exception>
    public async Task RunAsync(IAsyncEnumerable<OutgoingMessage> messages, SendTally tally, CancellationToken ct)
    {
        var queue = Channel.CreateBounded<OutgoingMessage>(new BoundedChannelOptions(connections * 2) { SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] workers = [.. Enumerable.Range(0, connections).Select(_ => WorkAsync(queue.Reader, tally, stop))];
        try
        {
            await foreach (var message in messages.WithCancellation(stop.Token))
                await queue.Writer.WriteAsync(message, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // A worker gave up; its reason comes from the wait below.
        }
        finally
        {
            queue.Writer.Complete();
            await Task.WhenAll(workers);
        }
    }

    private async Task WorkAsync(ChannelReader<OutgoingMessage> queue, SendTally tally, CancellationTokenSource stop)
    {
        MllpClient? client = null;
        try
        {
            await foreach (var message in queue.ReadAllAsync(stop.Token))
            {
                await PaceAsync(stop.Token);
                client = await SendAsync(client, message, tally, stop.Token);
            }
            if (client is not null && tally.Posted > 0)
                await client.CloseAsync(ClosePatience, stop.Token);
        }
        catch (MllpException e)
        {
            tally.Finding($"{target.Host}:{target.Port}", $"The listener did not close the connection, so what asked for no answer may not have arrived: {e.Message}");
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
            if (client is not null)
                await client.DisposeAsync();
        }
    }

    /// <summary>Sends one message, again where its acknowledgement did not come.</summary>
    /// <returns>The connection to go on with; null where none is left.</returns>
    private async Task<MllpClient?> SendAsync(MllpClient? client, OutgoingMessage message, SendTally tally, CancellationToken ct)
    {
        var answered = MllpClient.IsAnswered(Er7Message.Parse(message.Bytes));
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                client ??= await ConnectAsync(ct);
                var started = clock.GetTimestamp();
                if (!answered)
                {
                    await client.PostAsync(message.Bytes, ct);
                    tally.Post(message);
                    return client;
                }
                var acknowledgement = await client.SendAsync(message.Bytes, ct);
                if (acknowledgement.IsPositive)
                    tally.Take(message, clock.GetElapsedTime(started));
                else
                    tally.Refuse(message, Reason(acknowledgement));
                return client;
            }
            catch (MllpException e)
            {
                if (client is not null)
                    await client.DisposeAsync();
                client = null;
                if (attempt == repetitions)
                {
                    tally.Lose(message, e.Message);
                    return null;
                }
                tally.Again();
                await Task.Delay(FirstPause * Math.Pow(2, Math.Min(attempt, 6)), clock, ct);
            }
        }
    }

    private async Task<MllpClient> ConnectAsync(CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await MllpClient.ConnectAsync(target, ct);
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

    private static string Reason(MllpAcknowledgement acknowledgement)
    {
        var error = acknowledgement.Message.Segment("ERR"u8);
        var code = error.Field(3).Component(1).Text is { Length: > 0 } stated ? stated : error.Field(1).Component(4).Subcomponent(1).Text;
        var words = error.Field(8).Text is { Length: > 0 } user ? user : acknowledgement.Message.Get("MSA-3").Text;
        return string.Join(' ', new[] { acknowledgement.Code, code, words }.Where(part => part.Length > 0));
    }
}
