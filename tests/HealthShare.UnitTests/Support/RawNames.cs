using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.UnitTests.Support;

/// <summary>Files whose names are any bytes, which the base library cannot name.</summary>
internal static class RawNames
{
    /// <summary>Why there are none in the temporary folder; null where there are.</summary>
    public static string? Refusal { get; } = Try();

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

    private static string? Try()
    {
        if (OperatingSystem.IsWindows())
            return "Names that are any bytes exist on Unix only.";
        var folder = Directory.CreateTempSubdirectory("hs-names-").FullName;
        byte[] file = [.. Encoding.UTF8.GetBytes(folder), .. "/M"u8, 0xFC];
        try
        {
            Make(file);
            return Directory.EnumerateFiles(folder).Any(File.Exists) ? "The file system gives what has a name that is no UTF-8 another name." : null;
        }
        catch (Win32Exception e)
        {
            return $"The file system takes no names that are not UTF-8: {e.Message}.";
        }
        finally
        {
            _ = Unlink([.. file, 0]);
            Directory.Delete(folder, recursive: true);
        }
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

/// <summary>A test with names that are no UTF-8, skipped with the reason where the file system has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RawNamesFactAttribute : FactAttribute
{
    public RawNamesFactAttribute() => Skip = RawNames.Refusal;
}
