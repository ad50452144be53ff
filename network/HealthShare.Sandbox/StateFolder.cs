namespace HealthShare.Sandbox;

/// <summary>The folder that a sandbox keeps its state in, held for as long as this object is not disposed of.</summary>
internal sealed class StateFolder : IDisposable
{
    /// <summary>Says that the folder is a sandbox's; a running sandbox holds it open, so that no other one uses the folder.</summary>
    public const string Marker = ".healthshare-sandbox";

    private readonly FileStream held;

    private StateFolder(FileStream held) => this.held = held;

    /// <summary>Takes the folder, makes it where it is not there, and empties it when a fresh state is wanted.</summary>
    /// <exception cref="SandboxException">
    /// The folder holds something that is not a sandbox's, cannot be made, or another sandbox is running on it.
    /// </exception>
    public static StateFolder Take(SandboxOptions options)
    {
        var folder = options.State.FullName;
        var marker = Path.Combine(folder, Marker);
        if (File.Exists(folder))
            throw new SandboxException($"'{folder}' is a file; give --state a folder.", isUsage: true);
        if (Directory.Exists(folder) && !File.Exists(marker) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new SandboxException($"'{folder}' holds files that are not a sandbox's; give --state another folder.", isUsage: true);
        try
        {
            Directory.CreateDirectory(folder);
            var taken = new StateFolder(Hold(marker));
            try
            {
                // The story tells of a patient whom nobody knows yet, so it never plays on an earlier state.
                if (options.Reset || options.Story)
                    Empty(options.State);
                return taken;
            }
            catch
            {
                taken.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"The state folder '{folder}' cannot be used: {e.Message}", e, isUsage: true);
        }
    }

    public void Dispose() => held.Dispose();

    private static FileStream Hold(string marker)
    {
        FileStream file;
        try
        {
            file = new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(marker))
        {
            throw new SandboxException(
                $"Another sandbox is running on '{Path.GetDirectoryName(marker)}'; stop it, or give --state another folder.", e, isUsage: true);
        }
        if (file.Length == 0)
        {
            file.Write("A HealthShare sandbox keeps its state here. --reset empties it.\n"u8);
            file.Flush();
        }
        return file;
    }

    // The marker stays: a reset that is broken off leaves a folder that is still known for a sandbox's.
    private static void Empty(DirectoryInfo folder)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().Where(entry => entry.Name != Marker).ToList())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
                inner.Delete(recursive: true);
            else
                entry.Delete();
        }
    }
}
