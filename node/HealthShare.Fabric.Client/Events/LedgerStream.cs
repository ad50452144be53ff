using System.Runtime.CompilerServices;

namespace HealthShare.Fabric.Client;

/// <summary>
/// One kind of what a channel delivers: blocks, filtered blocks, blocks with private data, or the events of a chaincode. Read it, or
/// have a handler process it. Any number of readers, each with a connection of its own.
/// </summary>
/// <remarks>
/// Items come in the channel's order, without a gap, each once, over any number of reconnections; a peer that repeats, skips or
/// sends what does not follow is left and asked again. Reading is by demand: what is not asked for waits in the peer and in the
/// connection's window (1 MiB at first, grown by the transport to 16 MiB at most), never in a queue here.
/// </remarks>
/// <typeparam name="T">Type of the items.</typeparam>
public sealed class LedgerStream<T>
{
    private readonly Func<EventPosition, ulong?, CancellationToken, IAsyncEnumerable<T>> open;
    private readonly Func<EventStart, CancellationToken, Task<EventPosition>> resolve;
    private readonly Func<T, EventPosition> after;
    private readonly TimeProvider clock;

    internal LedgerStream(
        Func<EventPosition, ulong?, CancellationToken, IAsyncEnumerable<T>> open,
        Func<EventStart, CancellationToken, Task<EventPosition>> resolve, Func<T, EventPosition> after, TimeProvider clock) =>
        (this.open, this.resolve, this.after, this.clock) = (open, resolve, after, clock);

    /// <summary>The position behind an item, to go on from once it is processed.</summary>
    public EventPosition PositionAfter(T item) => after(item);

    /// <summary>
    /// Reads from a start on. Ends with the last block asked for, by cancellation, or where the peer refuses this identity. A reader
    /// that was never served ends also after eight failures of TLS in a row (a wrong root, name or address), and any reader whose own
    /// TLS certificate has expired.
    /// </summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="last">Number of the last block wanted; null follows without end.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="LedgerException">
    /// The peer does not serve this identity, or not this channel, or again and again sent what was not asked for; or TLS, as said above.
    /// </exception>
    public async IAsyncEnumerable<T> ReadAsync(
        EventStart start, ulong? last = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var position = await resolve(start, ct);
        await foreach (var item in open(position, last, ct))
        {
            yield return item;
        }
    }

    /// <summary>
    /// Reads from where the checkpoint stands (from block 0 where there is none). An item counts as processed, and is
    /// checkpointed, when the next one is asked for: after a crash the last one comes again.
    /// </summary>
    /// <exception cref="LedgerException">As for reading from a start.</exception>
    public async IAsyncEnumerable<T> ReadAsync(ICheckpointer checkpointer, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var from = await checkpointer.LoadAsync(ct) ?? new EventPosition(0);
        await foreach (var item in open(from, null, ct))
        {
            yield return item;
            await checkpointer.SaveAsync(after(item), ct);
        }
    }

    /// <summary>
    /// Hands each item to a handler and saves the position once the handler has returned: <b>at least once</b>. A crash between
    /// the two brings that one item again, so the handler's effect must bear repetition; while the process lives, an item whose
    /// handler returned is never handed over again. Runs until <see cref="ProcessingOptions.Last"/> or cancellation.
    /// </summary>
    /// <param name="checkpointer">Keeps the position. One processor per checkpointer.</param>
    /// <param name="handler">Called for one item at a time.</param>
    /// <param name="options">Start, end, and how often a failing handler is called again; null for the defaults.</param>
    /// <param name="ct">Ends the processing; the item under way is not checkpointed.</param>
    /// <exception cref="EventProcessingException">Handler or checkpointer failed as often as is allowed.</exception>
    /// <exception cref="LedgerException">As for reading.</exception>
    public Task ProcessAsync(
        ICheckpointer checkpointer, Func<T, CancellationToken, Task> handler, ProcessingOptions? options = null,
        CancellationToken ct = default) =>
        RunAsync(checkpointer, options ?? new ProcessingOptions(), async (item, attempts) =>
        {
            await attempts.RunAsync("The handler", _ => handler(item, ct), ct);
            await attempts.RunAsync("The checkpointer", _ => checkpointer.SaveAsync(after(item), ct).AsTask(), ct);
        }, ct);

    /// <summary>
    /// Hands each item to a handler that stores its effect and the position in one transaction of its own: <b>exactly once</b>,
    /// whatever crashes when. Where the handler throws, the stored position is read again before the item is handed over anew, so
    /// that a commit whose answer was lost is not repeated. Runs until <see cref="ProcessingOptions.Last"/> or cancellation.
    /// </summary>
    /// <param name="handler">Loads the position; stores effect and position together. One processor per handler's position.</param>
    /// <param name="options">Start, end, and how often a failing handler is called again; null for the defaults.</param>
    /// <param name="ct">Ends the processing.</param>
    /// <exception cref="EventProcessingException">The handler failed as often as is allowed; its last failure is the inner one.</exception>
    /// <exception cref="LedgerException">As for reading.</exception>
    public Task ProcessAsync(ITransactionalHandler<T> handler, ProcessingOptions? options = null, CancellationToken ct = default) =>
        RunAsync(handler, options ?? new ProcessingOptions(), (item, attempts) => attempts.RunAsync("The handler", async attempt =>
        {
            if (attempt == 1 || await handler.LoadAsync(ct) != after(item))
            {
                await handler.HandleAsync(item, after(item), ct);
            }
        }, ct), ct);

    private async Task RunAsync(
        ICheckpointer checkpointer, ProcessingOptions options, Func<T, HandlerAttempts, Task> process, CancellationToken ct)
    {
        options.Validate();
        if (await checkpointer.LoadAsync(ct) is not { } position)
        {
            // Stored at once: "the next block" would be a later one after a crash before the first item.
            position = await resolve(options.Start, ct);
            await checkpointer.SaveAsync(position, ct);
        }
        await foreach (var item in open(position, options.Last, ct))
        {
            await process(item, new HandlerAttempts(options, clock, after(item)));
        }
    }
}
