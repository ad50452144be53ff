using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Journal;

/// <summary>
/// Whether the journal has room for more: messages on their way and the disk, looked at once a second at most. What the last look could
/// not know fits into the margins.
/// </summary>
internal sealed class JournalRoom(IntakeTable table, IDiskSpace disk, IOptions<IntakeOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim looking = new(1, 1);
    private volatile Look last = new(null, null, true, 0, 0);

    /// <summary>True while less than half of the messages wait that may, as far as the last look could tell.</summary>
    public bool IsRoomy => last.IsRoomy;

    /// <summary>Returns when there is room.</summary>
    /// <exception cref="IntakeBusyException">There is none.</exception>
    /// <exception cref="System.Data.Common.DbException">The journal cannot be read.</exception>
    public async ValueTask RequireAsync(CancellationToken ct)
    {
        if ((await RecentAsync(ct)).Refusal is var (code, reason))
            throw new IntakeBusyException(code, reason);
    }

    /// <summary>How many messages were on their way to the ledger within the last second, counted no further than may wait, and the room on the disk in bytes.</summary>
    public async ValueTask<(long Queued, long FreeBytes)> LookAsync(CancellationToken ct)
    {
        var look = await RecentAsync(ct);
        return (look.Queued, look.FreeBytes);
    }

    public void Dispose() => looking.Dispose();

    private async ValueTask<Look> RecentAsync(CancellationToken ct)
    {
        if (!IsFresh(last))
        {
            await looking.WaitAsync(ct);
            try
            {
                if (!IsFresh(last))
                    last = await LookAgainAsync(ct);
            }
            finally
            {
                looking.Release();
            }
        }
        return last;
    }

    private bool IsFresh(Look look) => look.At is { } at && clock.GetElapsedTime(at) < Between;

    private async Task<Look> LookAgainAsync(CancellationToken ct)
    {
        var (most, free) = (options.Value.QueuedMessages, FreeBytes());
        var queued = await table.QueuedAsync(most, ct);
        (string, string)? refusal = free < options.Value.MinimumFreeBytes ? (IntakeBusyException.DiskFull, "The disk is nearly full.")
            : queued >= most ? (IntakeBusyException.QueueFull, "Too many messages wait for the ledger.")
            : null;
        return new Look(clock.GetTimestamp(), refusal, queued < most / 2, queued, free);
    }

    // A disk that is away, such as one that is not mounted, has no room: at no door it is the message's or the file's fault.
    private long FreeBytes()
    {
        try
        {
            return disk.FreeBytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IntakeBusyException(IntakeBusyException.DiskFull, $"The disk of the node's data cannot be looked at ({e.GetType().Name}).");
        }
    }

    private sealed record Look(long? At, (string Code, string Reason)? Refusal, bool IsRoomy, long Queued, long FreeBytes);
}

/// <summary>Room on the disk that holds the node's data.</summary>
internal interface IDiskSpace
{
    /// <summary>Bytes that this process may still write there.</summary>
    long FreeBytes { get; }
}

/// <summary>The disk of a folder.</summary>
internal sealed class DiskSpace(string folder) : IDiskSpace
{
    private readonly DriveInfo drive = new(Path.GetFullPath(folder));

    public long FreeBytes => drive.AvailableFreeSpace;
}
