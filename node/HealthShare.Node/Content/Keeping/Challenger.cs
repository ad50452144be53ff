using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Replicas;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping;

/// <summary>Lets replicas prove what they hold: by random ranges, or by all of it. Every failure becomes a verdict.</summary>
internal sealed class Challenger(ReplicaBoard board, IOptions<ContentOptions> options, KeepingMetrics metrics)
{
    // Beyond the end of any content, by far: where the length is not known, a replica's own root says where the end is.
    private const long UnknownSize = 1L << 40;

    /// <summary>Asks for random ranges.</summary>
    public Task<ReplicaVerdict> ChallengeAsync(IContentReplica replica, KeptContent content, CancellationToken ct) =>
        AskAsync(replica, async limit =>
        {
            for (var range = 0; range < options.Value.Keeping.RangesPerChallenge; range++)
            {
                // From the root to the leaf there are a few blocks, each with a time-out of its own.
                limit.CancelAfter(Patience * 4);
                var position = Random.Shared.NextInt64(Math.Max(1, content.Size ?? UnknownSize));
                await replica.ChallengeAsync(content.Cid, content.Size, position, limit.Token);
            }
        }, ct);

    /// <summary>Asks for all of it; where a pace is given, no faster than that.</summary>
    public Task<ReplicaVerdict> ReadAllAsync(IContentReplica replica, KeptContent content, Pace? pace, CancellationToken ct) =>
        AskAsync(replica, async limit =>
        {
            var size = 0L;
            limit.CancelAfter(Patience);
            await foreach (var block in replica.ReadBlocksAsync(content.Cid, limit.Token))
            {
                size += block.IsLeaf ? block.Bytes.Length : 0;
                limit.CancelAfter(Timeout.InfiniteTimeSpan);
                if (pace is not null)
                {
                    metrics.Scrubbed(block.Bytes.Length);
                    await pace.SpendAsync(block.Bytes.Length, ct);
                }
                limit.CancelAfter(Patience); // for the next one: a long content may take long, a replica that stands still may not
            }
            if (content.Size is { } known && known != size)
                throw new ContentCorruptException(content.Cid, $"it has {size} bytes instead of {known}.");
        }, ct);

    private TimeSpan Patience => options.Value.Keeping.ChallengeTimeout;

    private async Task<ReplicaVerdict> AskAsync(IContentReplica replica, Func<CancellationTokenSource, Task> ask, CancellationToken ct)
    {
        if (!board.MayAsk(replica.Name))
            return new(replica, ReplicaState.Unavailable, "it did not answer lately and is asked again later.", WasAsked: false);
        ReplicaVerdict verdict;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await ask(limit);
            verdict = new(replica, ReplicaState.Held);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && Fault(replica, e) is { } fault)
        {
            verdict = fault;
        }
        board.Note(verdict);
        return verdict;
    }

    private static ReplicaVerdict? Fault(IContentReplica replica, Exception e) => e switch
    {
        ContentNotFoundException => new(replica, ReplicaState.Missing, "it does not hold all of it."),
        ContentCorruptException => new(replica, ReplicaState.Corrupt, e.Message),
        OperationCanceledException => new(replica, ReplicaState.Unavailable, "it did not answer in time."),
        IOException or UnauthorizedAccessException => new(replica, ReplicaState.Unavailable, e.Message),
        _ => null,
    };
}
