using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace HealthShare.Vault;

/// <summary>Makes a created, renamed or removed name survive a power failure: fsync of the folder that holds it.</summary>
/// <remarks>The base library opens no folders, hence libc. Windows journals names itself and needs nothing.</remarks>
internal static class FolderSync
{
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), flags: 0);
        if (descriptor < 0)
            throw Failure(folder);
        try
        {
            if (Fsync(descriptor) != 0)
                throw Failure(folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes everything on the disk of a folder durable that was written before. False where the system knows no such call.</summary>
    public static bool TryFlushDisk(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), flags: 0);
        if (descriptor < 0)
            throw Failure(folder);
        try
        {
            return Syncfs(descriptor) == 0 ? true : throw Failure(folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string folder) =>
        new($"Folder '{folder}' could not be synchronised: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Syncfs(int descriptor);

    [DllImport("libc", EntryPoint = "close"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
