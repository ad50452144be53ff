using HealthShare.Fabric.Protocol;

namespace HealthShare.Fabric.Client;

/// <summary>Replaces small files so that a crash of process or machine leaves the old content or the new.</summary>
internal static class DurableFile
{
    private const string Suffix = ".new";

    /// <summary>Writes beside the file, flushes, renames and flushes the folder. Only the owner may read what is written.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var beside = path + Suffix;
        // One that a crash left behind may have been made with other rights.
        File.Delete(beside);
        using (var file = new FileStream(beside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file for good; false where there was none.</summary>
    public static bool Delete(string path)
    {
        var found = File.Exists(path);
        File.Delete(path);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
        return found;
    }
}
