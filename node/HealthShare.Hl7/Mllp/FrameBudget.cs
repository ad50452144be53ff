namespace HealthShare.Hl7.Mllp;

/// <summary>
/// Bytes that the open frames of all connections of a listener may hold together. Who needs more waits, and is not read meanwhile: its sender is slowed
/// down by TCP. Thread-safe.
/// </summary>
/// <remarks>
/// Three rules keep it moving. The frame that began first is let in first. Where all that hold something wait for more, the one that began last gives
/// up its frame, so that never all wait for each other. Where room is wanted, a frame that has not grown for <paramref name="patience"/> is
/// given up. Whoever waits for longer than that, while the others grow, is refused. What is larger than the whole budget passes alone.
/// </remarks>
/// <param name="total">The bytes.</param>
/// <param name="patience">How long a frame may stand still while others want room, and how long others wait.</param>
/// <param name="clock">The clock.</param>
internal sealed class FrameBudget(long total, TimeSpan patience, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly HashSet<FrameShare> holders = [];
    private readonly SortedSet<FrameShare> waiting = new(Comparer<FrameShare>.Create((one, other) => one.Began.CompareTo(other.Began)));
    private long taken;
    private long frames;

    /// <summary>Bytes that are held now.</summary>
    public long Taken
    {
        get
        {
            lock (gate)
                return taken;
        }
    }

    /// <summary>Takes bytes for a frame; false where the frame is to be given up.</summary>
    public ValueTask<bool> TakeAsync(FrameShare share, int bytes, CancellationToken ct)
    {
        Task<bool> turn;
        lock (gate)
        {
            if (share.IsLost)
                return new(false);
            if (share.Held == 0)
                share.Began = ++frames;
            if (waiting.Count == 0 && Fits(share, bytes))
            {
                Give(share, bytes);
                return new(true);
            }
            turn = share.Queue(bytes);
            waiting.Add(share);
            LetIn();
        }
        return new(WaitAsync(share, turn, ct));
    }

    /// <summary>The frame is whole and being handled: it holds what it holds, and ends by itself.</summary>
    public void Complete(FrameShare share)
    {
        lock (gate)
            share.IsComplete = true;
    }

    /// <summary>Gives back all that a frame holds.</summary>
    public void Release(FrameShare share)
    {
        lock (gate)
        {
            share.IsComplete = share.IsLost = false;
            waiting.Remove(share);
            if (holders.Remove(share))
                taken -= share.Held;
            share.Held = 0;
            LetIn();
        }
    }

    private async Task<bool> WaitAsync(FrameShare share, Task<bool> turn, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await turn.WaitAsync(patience, clock, ct);
            }
            catch (TimeoutException)
            {
                lock (gate)
                {
                    if (turn.IsCompleted)
                        continue;
                    LetIn(); // one that stood still meanwhile makes room
                    if (IsRoomComing() || turn.IsCompleted)
                        continue;
                    waiting.Remove(share);
                    return false;
                }
            }
        }
    }

    private bool Fits(FrameShare share, int bytes) => taken == share.Held || taken + bytes <= total;

    private void Give(FrameShare share, int bytes)
    {
        share.Held += bytes;
        share.Grew = clock.GetTimestamp();
        holders.Add(share);
        taken += bytes;
    }

    // With the gate held.
    private void LetIn()
    {
        while (waiting.Min is { } first && Fits(first, first.Wanted))
        {
            waiting.Remove(first);
            Give(first, first.Wanted);
            first.Answer(true);
        }
        if (waiting.Count == 0 || IsRoomComing())
            return;
        if (holders.IsSubsetOf(waiting))
        {
            // The first to wait is one of them: whoever waits without holding anything began after those that hold something.
            var last = holders.MaxBy(share => share.Began)!;
            waiting.Remove(last);
            last.IsLost = true;
            last.Answer(false);
        }
        else if (holders.Where(share => !share.IsComplete && !waiting.Contains(share)).MinBy(share => share.Grew) is { } still
            && clock.GetElapsedTime(still.Grew) >= patience)
        {
            still.IsLost = true;
            ThreadPool.UnsafeQueueUserWorkItem(static share => share.Drop(), still, preferLocal: false); // it may come back here at once
        }
    }

    private bool IsRoomComing() => holders.Any(share => share.IsLost);
}

/// <summary>What one connection's frame holds of a <see cref="FrameBudget"/>, whose lock guards it.</summary>
/// <param name="budget">The budget.</param>
/// <param name="drop">Wakes the connection's reader, which then finds <see cref="IsLost"/> and releases what it holds.</param>
internal sealed class FrameShare(FrameBudget budget, Action drop) : IDisposable
{
    private volatile bool isLost;
    private TaskCompletionSource<bool>? turn;

    /// <summary>Which frame it is, in the order in which they first took something.</summary>
    public long Began { get; set; }

    /// <summary>Bytes it holds.</summary>
    public long Held { get; set; }

    /// <summary>When it last took some.</summary>
    public long Grew { get; set; }

    /// <summary>Bytes it waits for.</summary>
    public int Wanted { get; private set; }

    /// <summary>Whether it is not read any more but handled.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Whether the frame is to be given up.</summary>
    public bool IsLost
    {
        get => isLost;
        set => isLost = value;
    }

    /// <inheritdoc cref="FrameBudget.TakeAsync"/>
    public ValueTask<bool> TakeAsync(int bytes, CancellationToken ct) => budget.TakeAsync(this, bytes, ct);

    /// <inheritdoc cref="FrameBudget.Complete"/>
    public void Complete() => budget.Complete(this);

    /// <inheritdoc cref="FrameBudget.Release"/>
    public void Release() => budget.Release(this);

    public void Dispose() => Release();

    /// <summary>Wakes the reader.</summary>
    public void Drop() => drop();

    /// <summary>Begins to wait.</summary>
    public Task<bool> Queue(int bytes)
    {
        Wanted = bytes;
        turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return turn.Task;
    }

    /// <summary>Ends the wait.</summary>
    public void Answer(bool mayGrow) => turn!.TrySetResult(mayGrow);
}
