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
    private static readonly string[] Unfinished = [".tmp", ".part", ".partial", ".filepart", ErrorEnding];
    private readonly string incoming;
    private readonly string working;
    private readonly string done;
    private readonly string failed;

    /// <summary>Makes what is missing of the folders.</summary>
    /// <exception cref="IOException">They cannot be made, or written to.</exception>
    public WatchedFolder(string path)
    {
        incoming = Path.GetFullPath(path);
        (working, done, failed) = (Path.Combine(incoming, "working"), Path.Combine(incoming, "done"), Path.Combine(incoming, "failed"));
        foreach (var folder in new[] { incoming, working, done, failed })
            Directory.CreateDirectory(folder);
    }

    /// <summary>Files that were being read when the node stopped, oldest first: they are read again from their beginning.</summary>
    public IReadOnlyList<string> LeftOver() => Files(working);

    /// <summary>Files that may be picked up, oldest first.</summary>
    /// <param name="changedBefore">Only those that were not changed since; in UTC.</param>
    public IReadOnlyList<string> Waiting(DateTime changedBefore) =>
        [.. Files(incoming).Where(path => IsFinished(path) && File.GetLastWriteTimeUtc(path) <= changedBefore)];

    /// <summary>Takes a file to <c>working</c>; null when somebody else took it away.</summary>
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
    public void Done(string path)
    {
        var moved = MoveTo(done, path, Path.GetFileName(path));
        File.SetLastWriteTimeUtc(moved, DateTime.UtcNow); // from here on its time counts
    }

    /// <summary>Some of it was refused: a file <c>NAME.error</c> beside it says why. The reason is there before the file is.</summary>
    public void Failed(string path, string reason)
    {
        var name = Free(failed, Path.GetFileName(path));
        File.WriteAllText(Path.Combine(failed, name + ErrorEnding), reason, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(path, Path.Combine(failed, name));
    }

    /// <summary>Deletes what has been in <c>done</c> since before that time, in UTC.</summary>
    public int Tidy(DateTime before)
    {
        var old = Files(done).Where(path => File.GetLastWriteTimeUtc(path) < before).ToList();
        foreach (var path in old)
            File.Delete(path);
        return old.Count;
    }

    private static List<string> Files(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles().Where(file => file.LinkTarget is null) // a link could lead anywhere
            .OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal).Select(file => file.FullName)];

    // Names that programs use for what they are still writing.
    private static bool IsFinished(string path) => !Path.GetFileName(path).StartsWith('.')
        && !Unfinished.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string MoveTo(string folder, string path, string name)
    {
        var target = Path.Combine(folder, Free(folder, name));
        File.Move(path, target);
        return target;
    }

    // Senders may use a name again. This node alone writes to these folders, so a name that is free now stays so.
    private static string Free(string folder, string name)
    {
        var candidate = name;
        for (var i = 1; File.Exists(Path.Combine(folder, candidate)) || File.Exists(Path.Combine(folder, candidate + ErrorEnding)); i++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)}-{i}{Path.GetExtension(name)}");
        return candidate;
    }
}
