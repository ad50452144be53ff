using Microsoft.Extensions.Options;

namespace HealthShare.Node.ReadModel;

/// <summary>
/// After a commit: waits, for a while, until this node's own copy has the block, so that whoever asks next finds it. The
/// commit counts whether or not the copy is that far.
/// </summary>
internal sealed partial class CatchUp(
    IReadModel readModel, IOptions<ReadModelOptions> options, TimeProvider clock, ILogger<CatchUp> logger)
{
    public async Task ToAsync(ulong block, CancellationToken ct)
    {
        try
        {
            await readModel.WaitForAsync(block, ct).WaitAsync(options.Value.WaitForBlock, clock, ct);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            LogBehind(block);
        }
    }

    [LoggerMessage(3221, LogLevel.Warning, "Block {Block} has not reached the copy of the channel yet.")]
    private partial void LogBehind(ulong block);
}
