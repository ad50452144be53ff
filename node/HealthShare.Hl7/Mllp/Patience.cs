namespace HealthShare.Hl7.Mllp;

/// <summary>The other side took too long.</summary>
internal sealed class PatienceEndedException(string message) : Exception(message);

/// <summary>
/// How long one side of a connection waits for the other, step after step: one timer for all of them, set only for what does not end at once. For one
/// step at a time.
/// </summary>
/// <param name="stop">Ends the waiting for another reason.</param>
internal sealed class Patience(CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);

    /// <summary>Waits for a step.</summary>
    /// <param name="begin">Begins the step; the token ends it.</param>
    /// <param name="longest">Longest wait.</param>
    /// <param name="otherwise">What is said when it took longer, in words that hold no content.</param>
    /// <exception cref="PatienceEndedException">It took longer.</exception>
    public ValueTask<T> WithinAsync<T>(Func<CancellationToken, ValueTask<T>> begin, TimeSpan longest, string otherwise)
    {
        var step = begin(limit.Token);
        return step.IsCompletedSuccessfully ? step : WaitAsync(step, longest, otherwise);
    }

    /// <inheritdoc cref="WithinAsync{T}(Func{CancellationToken, ValueTask{T}}, TimeSpan, string)"/>
    public async ValueTask WithinAsync(Func<CancellationToken, Task> begin, TimeSpan longest, string otherwise) =>
        await WithinAsync(async token =>
        {
            await begin(token);
            return true;
        }, longest, otherwise);

    public void Dispose() => limit.Dispose();

    private async ValueTask<T> WaitAsync<T>(ValueTask<T> step, TimeSpan longest, string otherwise)
    {
        limit.CancelAfter(longest);
        try
        {
            return await step;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw new PatienceEndedException(otherwise);
        }
        finally
        {
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
