using System.Data.Common;
using System.Globalization;
using System.Text;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Folder;

/// <summary>
/// Takes in files that are put into a folder, oldest first. A file is moved to <c>done</c> only after all of its messages are in the journal; one
/// that was half read at a crash is read again, and what of it is in the journal already has no second effect.
/// </summary>
/// <remarks>
/// No file is taken before one that came earlier and waits for room or for a disk that answers again: a merge may stand in the later one. A file that
/// cannot be read at all is put among the failed ones, so that it holds up the others for a few rounds at most. One that was read and cannot be moved
/// away did not fail: the move alone is tried again, and after a restart it is read again with no second effect.
/// </remarks>
internal sealed partial class FolderDoor(
    BatchReceiver receiver, FolderState state, IOptions<FolderOptions> options, IOptions<IntakeOptions> intake, TimeProvider clock, ILogger<FolderDoor> logger)
    : BackgroundService
{
    private const string Name = "folder";
    private const int MostTries = 3;
    private WatchedFolder? folder;
    private (string Path, int Count) tries = ("", 0);
    private Decided? decided; // it waits for its move
    private string? away;
    private int immovable;
    private int strange;
    private int ahead;

    private enum Result
    {
        Taken, // it is in done or in failed
        Changing, // somebody still writes it: its turn comes again, and others go first
        Waiting, // not now, and no other before it
    }

    /// <summary>Takes in what is there.</summary>
    /// <returns>How many files were taken, failed ones included.</returns>
    /// <exception cref="IOException">The folder, or one of those in it, cannot be used now.</exception>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        if (options.Value.Path is not { Length: > 0 } path)
            return 0;
        folder ??= new WatchedFolder(path);
        if (folder.TakeBack(Now) is > 0 and var late)
            LogWrittenLate(late);
        var taken = 0;
        foreach (var file in Next(folder))
        {
            var result = await TakeAsync(folder, file, ct);
            taken += result is Result.Taken ? 1 : 0;
            if (result is Result.Waiting)
                return taken;
        }
        folder.Tidy(Now - options.Value.KeepDone);
        return taken;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Path is not { Length: > 0 } path)
            return;
        LogWatching(path);
        using var timer = new PeriodicTimer(options.Value.Every, clock);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                state.IsUnusable = false;
                if (away is not null)
                    LogFolderBack(path);
                away = null;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                state.IsUnusable = true;
                var why = e is FolderUnusableException ? e.Message : e.GetType().Name;
                if (why != away)
                    LogFolderAway(path, why); // the other doors and the node go on
                away = why;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private IEnumerable<SettledFile> Next(WatchedFolder from)
    {
        foreach (var left in from.LeftOver(Now, options.Value.Settled))
            yield return left;
        var settled = from.Waiting(Now, options.Value.Settled);
        if (from.Ahead > ahead)
            LogAhead(from.Ahead);
        ahead = from.Ahead;
        if (from.Strange > 0 && from.Strange != strange)
            LogStrange(from.Strange);
        strange = from.Strange;
        state.Left = immovable + strange;
        var refused = 0;
        foreach (var waiting in settled)
        {
            SettledFile? picked = null;
            try
            {
                picked = from.PickUp(waiting);
            }
            catch (UnauthorizedAccessException)
            {
                refused++; // left to whoever put it there
            }
            if (picked is not null)
                yield return picked;
        }
        if (refused > 0 && refused != immovable)
            LogImmovable(refused);
        immovable = refused;
        state.Left = immovable + strange;
    }

    private async Task<Result> TakeAsync(WatchedFolder from, SettledFile file, CancellationToken ct)
    {
        Verdict verdict;
        try
        {
            verdict = decided is { } known && known.Path == file.Path && known.Stamp == file.Stamp ? known.Verdict : await ReadAsync(file, ct);
        }
        catch (Exception e) when (e is DbException or IntakeBusyException)
        {
            LogLater(e is IntakeBusyException busy ? busy.Code : "message.not_stored");
            await Task.Delay(intake.Value.FirstRetryDelay, clock, ct);
            return Result.Waiting;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            verdict = Unread(file.Path, e);
        }
        if (verdict.Result is not Result.Taken)
            return verdict.Result;
        decided = new Decided(file.Path, file.Stamp, verdict);
        if (verdict.Reason is { } reason)
            from.Failed(file, reason, Now);
        else
            from.Done(file, Now);
        if (verdict.Code is { } code)
            LogFailed(code);
        (decided, tries) = (null, ("", 0));
        return Result.Taken;
    }

    // It is not known what is wrong with the file or its disk: the kind of failure is told, and none of its words, which may hold content.
    private Verdict Unread(string path, Exception why)
    {
        tries = (path, tries.Path == path ? tries.Count + 1 : 1);
        LogUnread(why.GetType().Name, tries.Count);
        if (tries.Count < MostTries && why is not UnauthorizedAccessException)
            return new Verdict(Result.Waiting);
        return Failed("message.unreadable", $"The file could not be taken in ({why.GetType().Name}). Put it into the folder again once that is mended.\n");
    }

    private async Task<Verdict> ReadAsync(SettledFile file, CancellationToken ct)
    {
        // It may have been changed for another between the look and the rename, or be gone.
        if (!PlainFile.IsAt(file.Path) && !Path.Exists(file.Path) && new FileInfo(file.Path).LinkTarget is null)
            return new Verdict(Result.Changing);
        if (!PlainFile.IsAt(file.Path))
            return Failed("message.unreadable", "This is a link, a pipe or a device, and no file.\n");
        // Whoever has it open goes on writing after the rename. What is there by now may end inside a message.
        if (HasChanged())
            return Changing();
        if (file.Stamp.Length > options.Value.MaxFileBytes)
            return Failed("message.too_large", string.Create(CultureInfo.InvariantCulture, $"The file is larger than {options.Value.MaxFileBytes} bytes. {Nothing(file)}\n"));
        var bytes = await File.ReadAllBytesAsync(file.Path, ct);
        if (bytes.Length != file.Stamp.Length || HasChanged())
            return Changing();
        var receipt = await receiver.ReceiveAsync(bytes, Name, null, ct);
        LogTaken(receipt.Accepted, receipt.Duplicates, receipt.Refused);
        // A writer that stood still for longer than files take to settle may have gone on meanwhile: what it added is read too, and what was taken has no second effect.
        if (HasChanged())
            return Changing();
        return receipt.Code is null && receipt.Refused == 0 ? new Verdict(Result.Taken) : Failed(receipt.Code, ReasonOf(file, receipt));

        bool HasChanged() => FileStamp.Of(file.Path) != file.Stamp;
    }

    private Verdict Changing()
    {
        LogLater("message.changing");
        return new Verdict(Result.Changing);
    }

    private static Verdict Failed(string? code, string reason) => new(Result.Taken, code, reason);

    // Places, codes and ids: whoever may read the file may see its content there.
    private static string ReasonOf(SettledFile file, BatchReceipt receipt)
    {
        if (receipt.Code is not null)
            return $"{Nothing(file)}\n{receipt.Code}: {receipt.Reason}\n";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"{receipt.Refused} of {receipt.Messages} messages were refused and are in quarantine; the others were taken.\n");
        foreach (var item in receipt.Items.Where(item => !item.Accepted))
            text.Append(CultureInfo.InvariantCulture, $"message {item.Index + 1}, from byte {item.Offset} of the file, {item.Id}: {item.Code}: {item.Reason}\n");
        return text.ToString();
    }

    private static string Nothing(SettledFile file) => file.MayHaveBeenRead
        ? "Nothing of the file as it is now was taken. What it held at an earlier look, before it changed or the node stopped, may have been."
        : "Nothing of the file was taken.";

    private sealed record Decided(string Path, FileStamp Stamp, Verdict Verdict);

    // Where it is to go; for its failure a code for the log, and the reason for whoever finds it.
    private sealed record Verdict(Result Result, string? Code = null, string? Reason = null);

    [LoggerMessage(4151, LogLevel.Information, "Files in {Path} are taken in.")]
    private partial void LogWatching(string path);

    [LoggerMessage(4152, LogLevel.Information, "A file was taken in: {Accepted} messages new, {Duplicates} known, {Refused} refused.")]
    private partial void LogTaken(int accepted, int duplicates, int refused);

    [LoggerMessage(4153, LogLevel.Warning, "A file could not be taken in and is among the failed ones: {Code}.")]
    private partial void LogFailed(string code);

    [LoggerMessage(4154, LogLevel.Warning, "A file waits to be taken in: {Code}.")]
    private partial void LogLater(string code);

    [LoggerMessage(4155, LogLevel.Error, "The folder {Path} cannot be used and is tried again: {Why}")]
    private partial void LogFolderAway(string path, string why);

    [LoggerMessage(4156, LogLevel.Warning, "A file cannot be read: {Kind}, try {Count}.")]
    private partial void LogUnread(string kind, int count);

    [LoggerMessage(4157, LogLevel.Warning, "{Count} files may not be moved by this process and stay where they are; their owners have to change that.")]
    private partial void LogImmovable(int count);

    [LoggerMessage(4158, LogLevel.Warning, "{Count} entries of the folder cannot be taken and stay where they are: they are folders or other things than files, or their names are no UTF-8.")]
    private partial void LogStrange(int count);

    [LoggerMessage(4159, LogLevel.Warning, "{Count} files have a time ahead of this node's clock: they are taken once two looks have seen them unchanged, after files whose time is right.")]
    private partial void LogAhead(int count);

    [LoggerMessage(4160, LogLevel.Information, "The folder {Path} can be used again.")]
    private partial void LogFolderBack(string path);

    [LoggerMessage(4163, LogLevel.Warning, "{Count} files were written to after they had been taken in: those among the done ones are read again, those among the failed ones say so. Their writer pauses for longer than files take to settle.")]
    private partial void LogWrittenLate(int count);
}
