using System.Threading.Channels;

namespace HealthShare.Node.Intake.Journal;

/// <summary>Wakes the pipeline's stages when there is something new in a state; calls while a stage is awake already count once.</summary>
internal sealed class IntakeSignal
{
    private readonly Dictionary<IntakeState, Channel<bool>> bells = Enum.GetValues<IntakeState>().ToDictionary(
        state => state, _ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));

    /// <summary>Whether senders keep the journal busy.</summary>
    public DoorLoad Door { get; } = new();

    /// <summary>There is a message in that state.</summary>
    public void Set(IntakeState state) => bells[state].Writer.TryWrite(true);

    /// <summary>Waits for a message in that state, at most for that time.</summary>
    /// <returns>False when the time was up.</returns>
    public async Task<bool> WaitAsync(IntakeState state, TimeSpan longest, TimeProvider clock, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        try
        {
            return await bells[state].Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
