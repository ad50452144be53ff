namespace HealthShare.DevLedger.Hosting;

/// <summary>Holds a state folder for one process; the system lets go of it when the process ends, however it ends.</summary>
internal sealed class StateFolderLock : IDisposable
{
    private const string FileName = "devledger.lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream held;

    private StateFolderLock(FileStream held) => this.held = held;

    /// <summary>Makes the folder where it is absent, for its owner alone (it holds keys and private values), and takes it.</summary>
    /// <exception cref="IOException">Another process holds it, or it cannot be made.</exception>
    public static StateFolderLock Take(string folder)
    {
        var full = Path.GetFullPath(folder);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(full);
            else
                Directory.CreateDirectory(full, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The state folder '{full}' cannot be made: {e.Message}", e);
        }
        var file = Path.Combine(full, FileName);
        try
        {
            return new StateFolderLock(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The state folder '{full}' cannot be written to: {e.Message}", e);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new IOException($"Another process is running on the state folder '{full}'; stop it, or use another folder.", e);
        }
    }

    /// <summary>Makes a folder below, or closes the one that is there, to all but its owner, whoever may enter the state folder.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Close(string folder)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, OwnerOnly);
    }

    public void Dispose() => held.Dispose();
}
