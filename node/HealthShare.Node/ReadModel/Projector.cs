using System.Data.Common;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Node.Ledger;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.ReadModel;

/// <summary>
/// Follows the blocks from the checkpoint and applies each. What passes by itself (a ledger or database that is away) is tried
/// again; a gap, a broken chain, an unreadable valid transaction or a block that some check refuses stops the copy until somebody
/// has looked.
/// </summary>
internal sealed partial class Projector(
    ILedger ledger, ReplicaWriter writer, IEnumerable<IBlockCheck> checks, ReadModelState state, IOptions<FabricOptions> options,
    TimeProvider clock, ILogger<Projector> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ChainBrokenException or FabricDataException)
            {
                LogStopped(null, e.Message);
                state.Stopped(e.Message);
                return;
            }
            // Anything else may pass; the checkpoint says where to go on.
            catch (Exception e) when (e is LedgerException or DbException or IOException or TimeoutException or OperationCanceledException)
            {
                LogInterrupted(e.GetType().Name, (e as LedgerException)?.Code ?? e.Message);
            }
            // Nobody foresaw it, so it is no reason to go on, nor to take down what does not depend on the copy.
            catch (Exception e)
            {
                var reason = $"unforeseen {e.GetType().Name} at block {state.Height}";
                LogStopped(e, reason);
                state.Stopped(reason);
                return;
            }
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        var checkpoint = await writer.LoadAsync(ct);
        state.Applied(checkpoint.Next);
        LogFollows(checkpoint.Next);
        await foreach (var block in ledger.BlocksAsync(checkpoint.Next, ct))
            checkpoint = await ApplyAsync(block, checkpoint, ct);
    }

    private async Task<Checkpoint> ApplyAsync(Block block, Checkpoint checkpoint, CancellationToken ct)
    {
        var view = BlockReader.Check(block, checkpoint.Next, checkpoint.LastHash);
        foreach (var check in checks)
        {
            if (await check.FindFaultAsync(view, ct) is { } fault)
                throw new ChainBrokenException(fault);
        }
        var writes = BlockReader.WritesOf(view, options.Value.Chaincode);
        var hash = view.Hash.ToByteArray();
        await writer.ApplyAsync(new BlockChanges(view.Number, clock.GetUtcNow(), writes) { Facts = BlockReader.FactsOf(view) }, hash, ct);
        state.Applied(view.Number + 1);
        return new Checkpoint(view.Number + 1, hash);
    }

    [LoggerMessage(3201, LogLevel.Information, "Following the channel from block {Block}.")]
    private partial void LogFollows(ulong block);

    [LoggerMessage(3202, LogLevel.Warning, "Following the channel was interrupted and is taken up again: {Kind} {Reason}")]
    private partial void LogInterrupted(string kind, string reason);

    [LoggerMessage(3203, LogLevel.Critical, "The copy of the channel has stopped: {Reason}")]
    private partial void LogStopped(Exception? cause, string reason);
}
