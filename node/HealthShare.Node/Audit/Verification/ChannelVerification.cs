using HealthShare.Chaincode;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.Node.Audit.Verification;

/// <summary>One verification of a channel: every block and signature from the genesis block on, and every decision and release in them.</summary>
/// <param name="genesis">SHA-256 in hex that the genesis block must have; null takes any.</param>
internal sealed class ChannelVerification(string? genesis) : IDisposable
{
    private readonly BlockVerifier verifier = new();
    private StoredReplayState? state;
    private DecisionReplay? replay;

    /// <summary>What was thrown where no rule foresaw what a transaction writes; for a log.</summary>
    public Exception? Cause { get; private set; }

    /// <summary>What was found so far, with this as its end.</summary>
    public VerificationSummary Summary => verifier.Summary;

    /// <summary>The replay of the decisions; null before the first block.</summary>
    public DecisionReplay? Replay => replay;

    /// <summary>Verifies the blocks up to a height.</summary>
    /// <param name="blocks">From the genesis block on, in order; none after the last, so that what is committed later is the next run's.</param>
    /// <param name="height">How many there must be.</param>
    /// <param name="progress">Told after each block how many are done.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>The first fault; null when there is none.</returns>
    public async Task<AuditFault?> RunAsync(IAsyncEnumerable<Block> blocks, ulong height, Func<ulong, Task> progress, CancellationToken ct)
    {
        await foreach (var block in blocks.WithCancellation(ct))
        {
            if (verifier.Verify(block) is { } fault)
                return AuditFault.Of(fault);
            if (block.Header.Number == 0 && genesis is not null && !genesis.Equals(Summary.GenesisHash, StringComparison.OrdinalIgnoreCase))
            {
                return AuditFault.Of(new BlockFault(BlockFaultKind.Configuration, 0, null, null,
                    $"The genesis block has the hash {Summary.GenesisHash}, not the one that was given."));
            }
            replay ??= new DecisionReplay(Summary.Channel, ContractCatalog.ChaincodeName, state ??= new StoredReplayState());
            if (await replay.ApplyAsync(new BlockView(block), verifier.Outcomes, ct) is { } finding)
            {
                Cause = finding.Cause;
                return AuditFault.Of(finding);
            }
            await progress(block.Header.Number + 1);
        }
        if (height > 0 && Summary.Blocks == height)
            return null;
        // A ledger without even a genesis block is nothing that could be found right.
        return AuditFault.Of(verifier.Unreadable(
            height == 0 ? "There is no block." : $"The blocks end after {Summary.Blocks} of {height}."));
    }

    /// <inheritdoc/>
    public void Dispose() => state?.Dispose();
}
