using System.Globalization;
using System.Text;

namespace HealthShare.Node.Intake.Folder;

/// <summary>
/// The folders on the disk: files are put into the first, moved by one rename to <c>working</c> while they are read, and from there to
/// <c>done</c> or <c>failed</c>. At any moment a file is in exactly one of them, so that a crash loses none.
/// </summary>
internal sealed class WatchedFolder
{
    private const string ErrorEnding = ".error";
    private const string WrittenLate = "The file was written to after that. Put it into the folder again: what was taken of it has no second effect.\n";
    private const int LongestName = 200; // bytes; file systems take 255, of which endings and numbers need some
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(10);
    private static readonly UTF8Encoding Plain = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly string[] Unfinished = [".tmp", ".part", ".partial", ".filepart", ErrorEnding];
    private readonly string incoming;
    private readonly string working;
    private readonly string done;
    private readonly string failed;
    private readonly Dictionary<string, Ended> ended = new(StringComparer.Ordinal);
    private int strangeInWorking;
    private int strangeInIncoming;
    private Dictionary<string, Look> ahead = new(StringComparer.Ordinal);
    private Dictionary<string, Look> underWay = new(StringComparer.Ordinal);

    /// <summary>Makes what is missing of the folders.</summary>
    /// <exception cref="IOException">They cannot be made, or written to.</exception>
    public WatchedFolder(string path)
    {
        incoming = Path.GetFullPath(path);
        (working, done, failed) = (Path.Combine(incoming, "working"), Path.Combine(incoming, "done"), Path.Combine(incoming, "failed"));
        foreach (var folder in new[] { incoming, working, done, failed })
            Directory.CreateDirectory(folder);
    }

    /// <summary>
    /// How many entries the last looks passed over, here and in <c>working</c>, because they cannot be read as files: folders, links, pipes, devices, sockets, and
    /// files whose names are no UTF-8, which this process cannot name. What is hidden or still written does not count.
    /// </summary>
    public int Strange => strangeInWorking + strangeInIncoming;

    /// <summary>How many finished files had a time ahead of the clock at the last look.</summary>
    public int Ahead => ahead.Count;

    /// <summary>
    /// Files in <c>working</c> that may be read, oldest first: those that wait for their turn or for room, or were being read when the node stopped. One that was
    /// written to since it was last looked at has to settle again, since whoever has it open goes on writing after the rename.
    /// </summary>
    /// <param name="now">The time, in UTC.</param>
    /// <param name="settled">How long a file must have been left unchanged: by what earlier looks saw, or at the first look by its time, unless that is ahead.</param>
    public IReadOnlyList<SettledFile> LeftOver(DateTime now, TimeSpan settled)
    {
        strangeInWorking = CountStrange(working);
        var (earlier, left) = (underWay, new List<SettledFile>());
        underWay = new Dictionary<string, Look>(StringComparer.Ordinal);
        foreach (var path in Files(working))
        {
            if (FileStamp.Of(path) is not { } stamp)
                continue;
            var look = !earlier.TryGetValue(path, out var last) ? new Look(stamp, stamp.Time <= now ? stamp.Time : now)
                : last.Stamp == stamp && last.Since <= now ? last
                : new Look(stamp, now);
            underWay[path] = look;
            if (look.Since <= now - settled)
                left.Add(new SettledFile(path, stamp, MayHaveBeenRead: true));
        }
        return left;
    }

    /// <summary>Files that may be picked up, oldest first.</summary>
    /// <param name="now">The time, in UTC.</param>
    /// <param name="settled">
    /// Only those that have not changed for so long: by their time, or where that is ahead (set by their sender, or in another zone) by what earlier looks saw.
    /// </param>
    public IReadOnlyList<SettledFile> Waiting(DateTime now, TimeSpan settled)
    {
        strangeInIncoming = CountStrange(incoming) + CountFolders();
        var earlier = ahead;
        ahead = new Dictionary<string, Look>(StringComparer.Ordinal);
        return [.. Files(incoming).Where(IsFinished).Select(path => (Path: path, Stamp: FileStamp.Of(path))).Where(file => file.Stamp is { } stamp && IsSettled(file.Path, stamp, now, settled, earlier))
            .Select(file => new SettledFile(file.Path, file.Stamp!.Value, MayHaveBeenRead: false))];
    }

    /// <summary>Takes a file to <c>working</c>, where it still counts as settled unless it was written to since; null when somebody else took it away.</summary>
    /// <exception cref="UnauthorizedAccessException">Whoever put it there does not let it be moved.</exception>
    public SettledFile? PickUp(SettledFile file)
    {
        try
        {
            var target = MoveTo(working, file.Path, Path.GetFileName(file.Path));
            underWay[target] = new Look(file.Stamp, DateTime.MinValue);
            return file with { Path = target };
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All of it was accepted. Where somebody deleted it meanwhile, nothing is left to do.</summary>
    /// <exception cref="FolderUnusableException">It cannot be moved there now.</exception>
    public void Done(SettledFile file, DateTime now) => Use(done, file.Path, () =>
        ended[MoveTo(done, file.Path, Path.GetFileName(file.Path))] = new Ended(file.Stamp, now, null));

    /// <summary>
    /// Some of it was refused: a file <c>NAME.error</c> beside it says why. The reason is there before the file is; one that a crash left alone is written anew.
    /// Where somebody deleted the file meanwhile, the reason alone stays.
    /// </summary>
    /// <exception cref="FolderUnusableException">It cannot be moved there now.</exception>
    public void Failed(SettledFile file, string reason, DateTime now) => Use(failed, file.Path, () =>
    {
        var target = Path.Combine(failed, Free(failed, Path.GetFileName(file.Path)));
        File.WriteAllText(target + ErrorEnding, reason, Plain);
        Rename(file.Path, target);
        if (PlainFile.IsAt(target))
            ended[target] = new Ended(file.Stamp, now, target + ErrorEnding);
    });

    /// <summary>
    /// Looks after files whose writer went on although they had been taken in, for ten minutes: one in <c>done</c> goes back to <c>working</c>, to be read again once it has
    /// settled; beside one in <c>failed</c>, which is for staff already, its reason says so. What the node moved before it was restarted is not looked after.
    /// </summary>
    /// <returns>How many there were.</returns>
    public int TakeBack(DateTime now)
    {
        var late = 0;
        foreach (var (path, then) in ended.ToList())
        {
            var stamp = FileStamp.Of(path);
            if (stamp == then.Stamp && then.At <= now && now - then.At < Watched)
                continue;
            if (then.ReasonFile is not null)
                ended.Remove(path); // staff have it in hand already: what cannot be said beside it keeps no other file waiting
            if (stamp is { } changed && changed != then.Stamp) // else it is gone, or its time is up
            {
                if (then.ReasonFile is { } reason)
                    Use(failed, path, () => File.AppendAllText(reason, WrittenLate, Plain));
                else
                    Use(working, path, () => underWay[MoveTo(working, path, Path.GetFileName(path))] = new Look(changed, now));
                late++;
            }
            ended.Remove(path);
        }
        return late;
    }

    /// <summary>Deletes what has been in <c>done</c> since before that time, in UTC: since it was moved there, however old it was by then.</summary>
    public int Tidy(DateTime before)
    {
        var old = Files(done).Where(path => PlainFile.ChangedAt(path) < before).ToList();
        foreach (var path in old)
            File.Delete(path);
        return old.Count;
    }

    private bool IsSettled(string path, FileStamp stamp, DateTime now, TimeSpan settled, Dictionary<string, Look> earlier)
    {
        if (stamp.Time <= now)
            return stamp.Time <= now - settled;
        var look = earlier.TryGetValue(path, out var last) && last.Stamp == stamp && last.Since <= now ? last : new Look(stamp, now);
        ahead[path] = look;
        return look.Since <= now - settled;
    }

    private static List<string> Files(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles().Where(file => PlainFile.IsAt(file.FullName))
            .OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal).Select(file => file.FullName)];

    private static int CountStrange(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles().Count(file => IsFinished(file.FullName) && !PlainFile.IsAt(file.FullName) && IsThere(file));

    // What is in them nobody takes. A volume of its own has one from the start.
    private int CountFolders() => Directory.EnumerateDirectories(incoming)
        .Count(path => IsFinished(path) && path != working && path != done && path != failed && Path.GetFileName(path) != "lost+found");

    // A name that is no UTF-8 is read with U+FFFD, under which there is nothing; one without it may have been taken away since the folder was read.
    private static bool IsThere(FileInfo file) => file.Name.Contains('\uFFFD', StringComparison.Ordinal) || Path.Exists(file.FullName) || file.LinkTarget is not null;

    // Names that programs use for what they are still writing.
    private static bool IsFinished(string path) => !Path.GetFileName(path).StartsWith('.')
        && !Unfinished.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static void Use(string folder, string path, Action move)
    {
        try
        {
            move();
        }
        catch (FileNotFoundException) when (!Path.Exists(path))
        {
            // Somebody deleted it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FolderUnusableException(folder, e.GetType().Name);
        }
    }

    private static string MoveTo(string folder, string path, string name)
    {
        var target = Path.Combine(folder, Free(folder, name));
        Rename(path, target);
        return target;
    }

    // One rename. Without leave to replace, the base library makes a second name and removes the first, and copies where it may not: a crash
    // between the two would leave the file twice, the second one cut.
    private static void Rename(string path, string target) => File.Move(path, target, overwrite: true);

    // Senders may use a name again. This node alone writes to these folders, so a name that is free now stays so.
    private static string Free(string folder, string name)
    {
        while (Encoding.UTF8.GetByteCount(name) > LongestName)
            name = name[1..]; // its end tells what kind of file it is
        var candidate = name;
        for (var i = 1; Path.Exists(Path.Combine(folder, candidate)); i++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)}-{i}{Path.GetExtension(name)}");
        return candidate;
    }

    // What a file was, and since when it is known to have been so.
    private readonly record struct Look(FileStamp Stamp, DateTime Since);

    // What a file was when it was taken in, when it was moved away, and the file with the reason where it failed.
    private readonly record struct Ended(FileStamp Stamp, DateTime At, string? ReasonFile);
}

/// <summary>What tells that a file was written to.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="Time">When it was last written, in UTC, as far as its writer does not say otherwise.</param>
internal readonly record struct FileStamp(long Length, DateTime Time)
{
    /// <summary>A file's; null where there is none.</summary>
    public static FileStamp? Of(string path) => new FileInfo(path) is { Exists: true } file ? new FileStamp(file.Length, file.LastWriteTimeUtc) : null;
}

/// <summary>A file that has been left unchanged for long enough.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Stamp">What it was then: where it is another by now, somebody still writes it.</param>
/// <param name="MayHaveBeenRead">False where nothing can have been taken of it yet.</param>
internal sealed record SettledFile(string Path, FileStamp Stamp, bool MayHaveBeenRead);

/// <summary>Nothing can be moved to one of the folders now. What was to be moved stays where it is.</summary>
/// <param name="folder">The folder.</param>
/// <param name="kind">The kind of failure; its words hold the file's name, which may be a patient's.</param>
internal sealed class FolderUnusableException(string folder, string kind) : IOException($"Nothing can be moved to {folder} ({kind}).");
