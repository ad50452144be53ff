using System.Collections.Concurrent;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Migration;

/// <summary>
/// Copies everything that one store has pinned to another. Each content is verified as it is read, and read back from the target
/// before it counts as done; the source stays as it is. Stopped at any moment, it goes on where it was when it is run again.
/// </summary>
/// <param name="from">The source; nobody stores in it meanwhile, or the run is repeated.</param>
/// <param name="to">The target.</param>
/// <param name="note">What earlier runs have verified.</param>
/// <param name="parallel">Contents under way at once.</param>
/// <param name="sealedRecords">Record ids by the contents that the source's node has sealed; null where nobody knows.</param>
internal sealed class ContentMigration(
    IContentStore from, IContentStore to, MigrationNote note, int parallel, IReadOnlyDictionary<Cid, string>? sealedRecords = null)
{
    /// <summary>After so many failures without a success between them the stores are not usable, and asking on only takes time.</summary>
    public const int HopelessFailures = 25;

    private readonly ConcurrentQueue<MigrationFailure> failures = new();
    private long total;
    private long copied;
    private long alreadyThere;
    private long bytes;
    private int failuresInARow;

    /// <summary>How far it is; may be read at any time.</summary>
    public MigrationProgress Progress => new(Interlocked.Read(ref total), Interlocked.Read(ref copied), Interlocked.Read(ref alreadyThere),
        failures.Count, Interlocked.Read(ref bytes));

    /// <summary>Runs to the end.</summary>
    /// <returns>What could not be copied, and whether all was tried.</returns>
    /// <exception cref="IOException">A store cannot be used at all.</exception>
    public async Task<MigrationOutcome> RunAsync(CancellationToken ct)
    {
        // Asked first, and also where nothing is to be copied: who changes the settings afterwards relies on it.
        await AskTargetAsync(ct);
        var unpinned = sealedRecords?.ToDictionary() ?? [];
        await foreach (var cid in from.ListPinsAsync(ct))
        {
            Interlocked.Increment(ref total);
            unpinned.Remove(cid);
        }
        IReadOnlyList<UnpinnedRecord> missed = [.. unpinned.Select(record => new UnpinnedRecord(record.Value, record.Key.ToString()))];
        using var hopeless = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await Parallel.ForEachAsync(from.ListPinsAsync(hopeless.Token),
                new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = hopeless.Token },
                async (cid, token) =>
                {
                    if (hopeless.IsCancellationRequested)
                        return; // one that was begun before the loop heard of it
                    if (!await TryMigrateAsync(cid, token) && Volatile.Read(ref failuresInARow) >= HopelessFailures)
                        await hopeless.CancelAsync();
                });
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new([.. failures], missed, Complete: false);
        }
        return new([.. failures], missed, Complete: true);
    }

    private async Task AskTargetAsync(CancellationToken ct)
    {
        try
        {
            await to.HasAsync(Cid.Of(CidCodec.Raw, []), ct);
        }
        catch (IOException e)
        {
            throw new IOException($"The target cannot be used: {e.Message}", e);
        }
    }

    private async Task<bool> TryMigrateAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await MigrateAsync(cid, ct);
            Volatile.Write(ref failuresInARow, 0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failures.Enqueue(new(cid.ToString(), e.Message));
            Interlocked.Increment(ref failuresInARow);
            return false;
        }
    }

    private async Task MigrateAsync(Cid cid, CancellationToken ct)
    {
        if (await to.IsPinnedAsync(cid, ct) && (note.Has(cid) || await IsWholeAsync(cid, ct)))
        {
            note.Add(cid);
            Interlocked.Increment(ref alreadyThere);
            return;
        }
        var length = await ContentCopy.CopyAsync(from, to, cid, ct);
        await ContentCopy.VerifyAsync(to, cid, ct);
        if (!await to.IsPinnedAsync(cid, ct))
            throw new IOException($"Content {cid} was stored and is not pinned.");
        note.Add(cid);
        Interlocked.Add(ref bytes, length);
        Interlocked.Increment(ref copied);
    }

    // A copy that is there and no good is written again rather than believed.
    private async Task<bool> IsWholeAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await ContentCopy.VerifyAsync(to, cid, ct);
            return true;
        }
        catch (Exception e) when (e is ContentCorruptException or ContentNotFoundException)
        {
            return false;
        }
    }
}

/// <summary>How far a migration is.</summary>
/// <param name="Total">Contents pinned at the source.</param>
/// <param name="Copied">Copied in this run.</param>
/// <param name="AlreadyThere">Found whole and pinned at the target.</param>
/// <param name="Failed">Could not be copied.</param>
/// <param name="Bytes">Copied in this run.</param>
internal sealed record MigrationProgress(long Total, long Copied, long AlreadyThere, int Failed, long Bytes)
{
    /// <summary>Contents dealt with.</summary>
    public long Done => Copied + AlreadyThere + Failed;
}

/// <summary>A content that could not be copied.</summary>
/// <param name="Cid">The content.</param>
/// <param name="Reason">Why.</param>
internal sealed record MigrationFailure(string Cid, string Reason);

/// <summary>How a migration ended.</summary>
/// <param name="Failures">What could not be copied.</param>
/// <param name="Unpinned">Records that the source's node has sealed and the source does not pin: they were not copied.</param>
/// <param name="Complete">False when it gave up before all was tried.</param>
internal sealed record MigrationOutcome(IReadOnlyList<MigrationFailure> Failures, IReadOnlyList<UnpinnedRecord> Unpinned, bool Complete);
