using System.Data.Common;
using System.Globalization;
using System.Text;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Folder;

/// <summary>
/// Takes in files that are put into a folder. A file is moved to <c>done</c> only after all of its messages are in the journal; one that was
/// half read at a crash is read again, and what of it is in the journal already has no second effect.
/// </summary>
internal sealed partial class FolderDoor(
    BatchReceiver receiver, IOptions<FolderOptions> options, IOptions<IntakeOptions> intake, TimeProvider clock, ILogger<FolderDoor> logger) : BackgroundService
{
    private const string Name = "folder";
    private WatchedFolder? folder;

    /// <summary>Takes in what is there.</summary>
    /// <returns>How many files were taken, failed ones included.</returns>
    /// <exception cref="IOException">The folder cannot be used now.</exception>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        if (options.Value.Path is not { Length: > 0 } path)
            return 0;
        folder ??= new WatchedFolder(path);
        var taken = 0;
        foreach (var left in folder.LeftOver())
            taken += await TakeAsync(folder, left, ct) ? 1 : 0;
        foreach (var waiting in folder.Waiting(clock.GetUtcNow().UtcDateTime - options.Value.Settled))
        {
            if (folder.PickUp(waiting) is { } picked)
                taken += await TakeAsync(folder, picked, ct) ? 1 : 0;
        }
        folder.Tidy(clock.GetUtcNow().UtcDateTime - options.Value.KeepDone);
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
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogFolderAway(path, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // False: not now. The file stays in the working folder, and its turn comes again.
    private async Task<bool> TakeAsync(WatchedFolder from, string path, CancellationToken ct)
    {
        if (new FileInfo(path).Length > options.Value.MaxFileBytes)
        {
            from.Failed(path, string.Create(CultureInfo.InvariantCulture, $"The file is larger than {options.Value.MaxFileBytes} bytes. Nothing of it was taken.\n"));
            LogFailed("message.too_large");
            return true;
        }
        try
        {
            var receipt = await receiver.ReceiveAsync(await File.ReadAllBytesAsync(path, ct), Name, null, ct);
            if (receipt.Code is null && receipt.Refused == 0)
                from.Done(path);
            else
                from.Failed(path, ReasonOf(receipt));
            if (receipt.Code is not null)
                LogFailed(receipt.Code);
            LogTaken(receipt.Accepted, receipt.Duplicates, receipt.Refused);
            return true;
        }
        catch (Exception e) when (e is DbException or IntakeBusyException)
        {
            LogLater(e is IntakeBusyException busy ? busy.Code : "message.not_stored");
            await Task.Delay(intake.Value.FirstRetryDelay, clock, ct);
            return false;
        }
    }

    // Places, codes and ids: whoever may read the file may see its content there.
    private static string ReasonOf(BatchReceipt receipt)
    {
        if (receipt.Code is not null)
            return $"Nothing of the file was taken.\n{receipt.Code}: {receipt.Reason}\n";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"{receipt.Refused} of {receipt.Messages} messages were refused and are in quarantine; the others were taken.\n");
        foreach (var item in receipt.Items.Where(item => !item.Accepted))
            text.Append(CultureInfo.InvariantCulture, $"message {item.Index + 1}, from byte {item.Offset} of the file, {item.Id}: {item.Code}: {item.Reason}\n");
        return text.ToString();
    }

    [LoggerMessage(4151, LogLevel.Information, "Files in {Path} are taken in.")]
    private partial void LogWatching(string path);

    [LoggerMessage(4152, LogLevel.Information, "A file was taken in: {Accepted} messages new, {Duplicates} known, {Refused} refused.")]
    private partial void LogTaken(int accepted, int duplicates, int refused);

    [LoggerMessage(4153, LogLevel.Warning, "A file could not be taken in and is among the failed ones: {Code}.")]
    private partial void LogFailed(string code);

    [LoggerMessage(4154, LogLevel.Warning, "A file waits to be taken in: {Code}.")]
    private partial void LogLater(string code);

    [LoggerMessage(4155, LogLevel.Error, "The folder {Path} cannot be used; it is tried again.")]
    private partial void LogFolderAway(string path, Exception e);
}
