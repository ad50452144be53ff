using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.UnitTests.Support;

/// <summary>Files whose names are any bytes, which the base library cannot name.</summary>
internal static class RawNames
{
    public static void Make(byte[] path)
    {
        var handle = Create([.. path, 0], 0x1B6); // rw-rw-rw-
        if (handle < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        new SafeFileHandle(handle, ownsHandle: true).Dispose();
    }

    public static void MakeFolder(byte[] path)
    {
        if (MakeDirectory([.. path, 0], 0x1FF) != 0) // rwxrwxrwx
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Deletes a folder that is empty.</summary>
    public static void DeleteFolder(byte[] path)
    {
        if (RemoveDirectory([.. path, 0]) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public static void Delete(byte[] path)
    {
        if (Unlink([.. path, 0]) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [DllImport("libc", EntryPoint = "creat", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Create(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "mkdir", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeDirectory(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "rmdir", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int RemoveDirectory(byte[] path);

    [DllImport("libc", EntryPoint = "unlink", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unlink(byte[] path);
}
