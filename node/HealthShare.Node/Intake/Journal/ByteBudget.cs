namespace HealthShare.Node.Intake.Journal;

/// <summary>Bytes that may be in memory at once; who comes later waits in line. What is larger than all of it passes alone. Thread-safe.</summary>
internal sealed class ByteBudget(long total)
{
    private readonly Lock gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Turn)> waiting = new();
    private long taken;

    /// <summary>Takes bytes if there is room at once, and nobody waits for it; call <see cref="Return"/> with the same number once.</summary>
    public bool TryTake(long bytes)
    {
        lock (gate)
        {
            if (waiting.Count > 0 || !Fits(bytes))
                return false;
            taken += bytes;
            return true;
        }
    }

    /// <summary>Returns when there is room; call <see cref="Return"/> with the same number once.</summary>
    public async Task TakeAsync(long bytes, CancellationToken ct)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Turn)> place;
        lock (gate)
        {
            if (waiting.Count == 0 && Fits(bytes))
            {
                taken += bytes;
                return;
            }
            place = waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        try
        {
            await place.Value.Turn.Task.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place);
            throw;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes)
    {
        lock (gate)
        {
            taken -= bytes;
            LetIn();
        }
    }

    private bool Fits(long bytes) => taken == 0 || taken + bytes <= total;

    private void LetIn()
    {
        while (waiting.First is { } first && Fits(first.Value.Bytes))
        {
            taken += first.Value.Bytes;
            waiting.RemoveFirst();
            first.Value.Turn.SetResult();
        }
    }

    // Whoever gives up may have been let in at the same moment, or have stood before others that fit.
    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Turn)> place)
    {
        lock (gate)
        {
            if (place.Value.Turn.Task.IsCompleted)
                taken -= place.Value.Bytes;
            else
                waiting.Remove(place);
            LetIn();
        }
    }
}
