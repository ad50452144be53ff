using HealthShare.Node.ReadModel;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Keeping.Passes;

/// <summary>
/// Finds what this node's pinset holds and nothing refers to: the ciphertext of a write that a crash broke off before its key was
/// committed, or a pin that came about after its caller had given up. Nobody can open such a content and nobody was told of it. After
/// a long time it is unpinned, and then waits for garbage collection like all else that was unpinned.
/// </summary>
/// <remarks>
/// A write that is under way looks the same until its key is committed, hence the long time. Nothing is unpinned while the copy of the
/// ledger is behind, or holds an entry that cannot be read, or where most of the store looks orphaned: then the database is not the
/// one that belongs to this store. What is wrongly unpinned even so and stands on the ledger is pinned again by the record pass.
/// </remarks>
internal sealed partial class OrphanPass(
    IContentStore store, LedgerRecords records, OrphanTable orphans, IReadModel readModel, IOptions<ContentOptions> options, TimeProvider clock,
    ILogger<OrphanPass> logger)
{
    private const int Batch = 500;

    // Fewer say nothing about whose database it is.
    private const int Few = 10;
    private static readonly TimeSpan UntilFresh = TimeSpan.FromMinutes(1);
    private DateTimeOffset nextAt = DateTimeOffset.MinValue;

    /// <summary>Looks for orphans when it is time.</summary>
    /// <returns>How long to wait before the next step.</returns>
    public async Task<TimeSpan> StepAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now < nextAt)
            return nextAt - now;
        if (!readModel.IsFresh)
            return UntilFresh;
        var (found, mayUnpin) = await LookAsync(ct);
        nextAt = now + options.Value.Keeping.PassEvery;
        if (found > 0)
            LogFound(found);
        if (mayUnpin)
            await UnpinAsync(ct);
        return options.Value.Keeping.PassEvery;
    }

    /// <summary>Looks for orphans now, where the ledger's copy allows it; none is unpinned.</summary>
    /// <returns>How many are known.</returns>
    public async Task<long> CountAsync(CancellationToken ct)
    {
        try
        {
            if (readModel.IsFresh)
                await LookAsync(ct);
        }
        catch (IOException e)
        {
            LogNoPins(e.Message); // what was known before is told
        }
        return await orphans.CountAsync(ct);
    }

    private async Task<(int Found, bool MayUnpin)> LookAsync(CancellationToken ct)
    {
        var (contents, pinned) = (new HashSet<Cid>(), 0);
        await foreach (var batch in store.ListPinsAsync(ct).Chunk(Batch).WithCancellation(ct))
        {
            pinned += batch.Length;
            var rest = batch.ToHashSet();
            await orphans.RemoveSealedAsync(rest, ct);
            contents.UnionWith(rest);
        }
        var readable = contents.Count == 0 || await records.RemoveReferredAsync(contents, ct);
        await orphans.ReplaceAsync(contents, ct);
        var isPlausible = contents.Count <= Few || contents.Count * 2 <= pinned;
        if (!isPlausible)
            LogImplausible(contents.Count, pinned);
        return (contents.Count, readable && isPlausible
            && (options.Value.Garbage.UnpinOrphans ?? options.Value.Provider is not ContentProvider.Kubo));
    }

    private async Task UnpinAsync(CancellationToken ct)
    {
        var due = await orphans.OlderThanAsync(options.Value.Garbage.OrphanGrace, ct);
        foreach (var cid in due)
        {
            await store.UnpinAsync(cid, ct);
            await orphans.RemoveAsync(cid, ct);
        }
        if (due.Count == 0)
            return;
        // Whatever came to refer to one of them since they were looked at has it back.
        var still = due.ToHashSet();
        await orphans.RemoveSealedAsync(still, ct);
        await records.RemoveReferredAsync(still, ct);
        foreach (var cid in due.Where(cid => !still.Contains(cid)))
            await store.PinAsync(cid, ct);
        LogUnpinned(still.Count);
    }

    [LoggerMessage(2331, LogLevel.Information, "{Count} contents are pinned that nothing refers to.")]
    private partial void LogFound(int count);

    [LoggerMessage(2332, LogLevel.Information, "{Count} contents that nothing referred to were unpinned.")]
    private partial void LogUnpinned(int count);

    [LoggerMessage(2333, LogLevel.Warning,
        "Nothing refers to {Count} of {Pinned} pinned contents. That is more than crashes leave: does the database belong to this store? None is unpinned.")]
    private partial void LogImplausible(int count, int pinned);

    [LoggerMessage(2334, LogLevel.Warning, "The pins could not be listed now: {Reason}")]
    private partial void LogNoPins(string reason);
}
