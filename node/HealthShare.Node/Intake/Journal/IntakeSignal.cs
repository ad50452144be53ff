using System.Threading.Channels;

namespace HealthShare.Node.Intake.Journal;

/// <summary>Wakes the pipeline when there is something new; calls while it is awake already count once.</summary>
internal sealed class IntakeSignal
{
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => bell.Writer.TryWrite(true);

    /// <summary>Waits for a call, at most for that time.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider clock, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        try
        {
            await bell.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The time is up: look again at what was postponed.
        }
    }
}
