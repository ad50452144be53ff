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
    private volatile Look last = new(null, null);

    /// <summary>Returns when there is room.</summary>
    /// <exception cref="IntakeBusyException">There is none.</exception>
    /// <exception cref="System.Data.Common.DbException">The journal cannot be read.</exception>
    public async ValueTask RequireAsync(CancellationToken ct)
    {
        if (!IsFresh(last))
        {
            await looking.WaitAsync(ct);
            try
            {
                if (!IsFresh(last))
                    last = new Look(clock.GetTimestamp(), await LookAsync(ct));
            }
            finally
            {
                looking.Release();
            }
        }
        if (last.Refusal is var (code, reason))
            throw new IntakeBusyException(code, reason);
    }

    public void Dispose() => looking.Dispose();

    private bool IsFresh(Look look) => look.At is { } at && clock.GetElapsedTime(at) < Between;

    private async Task<(string Code, string Reason)?> LookAsync(CancellationToken ct)
    {
        if (disk.FreeBytes < options.Value.MinimumFreeBytes)
            return (IntakeBusyException.DiskFull, "The disk is nearly full.");
        return await table.QueuedAsync(options.Value.QueuedMessages, ct) >= options.Value.QueuedMessages
            ? (IntakeBusyException.QueueFull, "Too many messages wait for the ledger.")
            : null;
    }

    private sealed record Look(long? At, (string Code, string Reason)? Refusal);
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
