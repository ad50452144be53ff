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
    private const int LongestName = 200; // bytes; file systems take 255, of which endings and numbers need some
    private static readonly string[] Unfinished = [".tmp", ".part", ".partial", ".filepart", ErrorEnding];
    private readonly string incoming;
    private readonly string working;
    private readonly string done;
    private readonly string failed;
    private int strangeInWorking;
    private int strangeInIncoming;
    private Dictionary<string, Look> ahead = new(StringComparer.Ordinal);

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
    /// How many entries the last looks passed over, here and in <c>working</c>, because they cannot be read as files: links, pipes, devices, sockets, and
    /// files whose names are no UTF-8, which this process cannot name. What is hidden or still written does not count.
    /// </summary>
    public int Strange => strangeInWorking + strangeInIncoming;

    /// <summary>How many finished files had a time ahead of the clock at the last look.</summary>
    public int Ahead => ahead.Count;

    /// <summary>Files that were being read when the node stopped, oldest first: they are read again from their beginning.</summary>
    public IReadOnlyList<string> LeftOver()
    {
        strangeInWorking = CountStrange(working);
        return Files(working);
    }

    /// <summary>Files that may be picked up, oldest first.</summary>
    /// <param name="now">The time, in UTC.</param>
    /// <param name="settled">
    /// Only those that have not changed for so long: by their time, or where that is ahead (set by their sender, or in another zone) by what earlier looks saw.
    /// </param>
    public IReadOnlyList<string> Waiting(DateTime now, TimeSpan settled)
    {
        strangeInIncoming = CountStrange(incoming);
        var earlier = ahead;
        ahead = new Dictionary<string, Look>(StringComparer.Ordinal);
        return [.. Files(incoming).Where(path => IsFinished(path) && IsSettled(new FileInfo(path), now, settled, earlier))];
    }

    /// <summary>Takes a file to <c>working</c>; null when somebody else took it away.</summary>
    /// <exception cref="UnauthorizedAccessException">Whoever put it there does not let it be moved.</exception>
    public string? PickUp(string path)
    {
        try
        {
            return MoveTo(working, path, Path.GetFileName(path));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All of it was accepted.</summary>
    /// <exception cref="FolderUnusableException">It cannot be moved there now.</exception>
    public void Done(string path) => Use(done, () => MoveTo(done, path, Path.GetFileName(path)));

    /// <summary>
    /// Some of it was refused: a file <c>NAME.error</c> beside it says why. The reason is there before the file is; one that a crash left alone is written anew.
    /// </summary>
    /// <exception cref="FolderUnusableException">It cannot be moved there now.</exception>
    public void Failed(string path, string reason) => Use(failed, () =>
    {
        var name = Free(failed, Path.GetFileName(path));
        File.WriteAllText(Path.Combine(failed, name + ErrorEnding), reason, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        Rename(path, Path.Combine(failed, name));
    });

    /// <summary>Deletes what has been in <c>done</c> since before that time, in UTC: since it was moved there, however old it was by then.</summary>
    public int Tidy(DateTime before)
    {
        var old = Files(done).Where(path => PlainFile.ChangedAt(path) < before).ToList();
        foreach (var path in old)
            File.Delete(path);
        return old.Count;
    }

    private bool IsSettled(FileInfo file, DateTime now, TimeSpan settled, Dictionary<string, Look> earlier)
    {
        if (!file.Exists || file.LastWriteTimeUtc <= now)
            return file.Exists && file.LastWriteTimeUtc <= now - settled;
        var look = new Look(file.Length, file.LastWriteTimeUtc, now);
        if (earlier.TryGetValue(file.FullName, out var last) && (last.Length, last.Time) == (look.Length, look.Time) && last.Since <= now)
            look = last;
        ahead[file.FullName] = look;
        return look.Since <= now - settled;
    }

    private static List<string> Files(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles().Where(file => PlainFile.IsAt(file.FullName))
            .OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal).Select(file => file.FullName)];

    private static int CountStrange(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles().Count(file => IsFinished(file.FullName) && !PlainFile.IsAt(file.FullName) && IsThere(file));

    // A name that is no UTF-8 is read with U+FFFD, under which there is nothing; one without it may have been taken away since the folder was read.
    private static bool IsThere(FileInfo file) => file.Name.Contains('\uFFFD', StringComparison.Ordinal) || Path.Exists(file.FullName) || file.LinkTarget is not null;

    // Names that programs use for what they are still writing.
    private static bool IsFinished(string path) => !Path.GetFileName(path).StartsWith('.')
        && !Unfinished.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static void Use(string folder, Action move)
    {
        try
        {
            move();
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

    // What a file was when it was first seen so.
    private readonly record struct Look(long Length, DateTime Time, DateTime Since);
}

/// <summary>Nothing can be moved to one of the folders now. What was to be moved stays where it is.</summary>
/// <param name="folder">The folder.</param>
/// <param name="kind">The kind of failure; its words hold the file's name, which may be a patient's.</param>
internal sealed class FolderUnusableException(string folder, string kind) : IOException($"Nothing can be moved to {folder} ({kind}).");
