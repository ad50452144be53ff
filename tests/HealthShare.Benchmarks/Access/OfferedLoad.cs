using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace HealthShare.Benchmarks.Access;

/// <summary>
/// Offers requests by the clock, whether those before were answered or not, so that a server that stalls has to account for all that came
/// meanwhile: a time counts from when the request was due to leave, the wait for a free connection included.
/// </summary>
internal static class OfferedLoad
{
    private const int Connections = 64; // more than ever wait where the server keeps up
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Sends requests at a rate.</summary>
    /// <param name="port">Port of the server.</param>
    /// <param name="perSecond">Requests a second.</param>
    /// <param name="count">Requests in all.</param>
    /// <param name="send">Sends the numbered request over a connection and checks its answer.</param>
    /// <param name="ct">Stops between requests.</param>
    /// <returns>Milliseconds of each request, and seconds from the first that was offered to the last that was answered.</returns>
    public static async Task<(double[] Milliseconds, double Seconds)> RunAsync(
        int port, int perSecond, int count, Func<PlainConnection, int, Task> send, CancellationToken ct)
    {
        var due = Channel.CreateUnbounded<(int Number, long At)>(new UnboundedChannelOptions { SingleWriter = true });
        var times = new ConcurrentBag<double[]>();
        var connections = new List<PlainConnection>();
        try
        {
            for (var i = 0; i < Connections; i++)
                connections.Add(await PlainConnection.OpenAsync(port, ct));
            var workers = connections.Select(connection => Task.Run(() => WorkAsync(connection), ct)).ToList();
            var started = Stopwatch.GetTimestamp();
            // A thread of its own: the pool's timers are as late as the pool is busy.
            var clock = new Thread(() => Offer(started)) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
            clock.Start();
            await Task.WhenAll(workers);
            return ([.. times.SelectMany(own => own)], Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }

        void Offer(long started)
        {
            for (var next = 0; next < count && !ct.IsCancellationRequested; Thread.Sleep(Tick))
            {
                for (var until = Math.Min(count, (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond)); next < until; next++)
                    due.Writer.TryWrite((next, Stopwatch.GetTimestamp()));
            }
            due.Writer.Complete();
        }

        async Task WorkAsync(PlainConnection connection)
        {
            var own = new List<double>(count / Connections * 2);
            await foreach (var (number, at) in due.Reader.ReadAllAsync(ct))
            {
                await send(connection, number);
                own.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }
            times.Add([.. own]);
        }
    }
}
