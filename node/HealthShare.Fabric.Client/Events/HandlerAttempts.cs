namespace HealthShare.Fabric.Client;

/// <summary>Calls what an item needs, again where it fails, with growing pauses and a bound.</summary>
internal sealed class HandlerAttempts(ProcessingOptions options, TimeProvider clock, EventPosition position)
{
    /// <param name="who">Subject of the failure's sentence, such as <c>The handler</c>.</param>
    /// <param name="attempt">What to do; given the number of the attempt, from 1.</param>
    /// <param name="ct">Ends the attempts.</param>
    public async Task RunAsync(string who, Func<int, Task> attempt, CancellationToken ct)
    {
        var pause = options.RetryDelay;
        for (var number = 1; ; number++)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                await attempt(number);
                return;
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                if (number == options.Attempts)
                {
                    throw new EventProcessingException(
                        position, number, $"{who} failed {number} times, last with {e.GetType().Name}, before {position}.", e);
                }
            }
            await Task.Delay(pause, clock, ct);
            pause = pause * 2 < options.MaxRetryDelay ? pause * 2 : options.MaxRetryDelay;
        }
    }
}
