using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace HealthShare.UnitTests.Support;

/// <summary>A file system of its own of a few megabytes, in memory, that a test can fill to the last byte.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string filler;

    /// <param name="bytes">Its size.</param>
    public SmallDisk(int bytes)
    {
        Path = Directory.CreateTempSubdirectory("hs-disk-").FullName;
        filler = System.IO.Path.Combine(Path, "filler");
        if (Mount(Text("tmpfs"), Text(Path), Text("tmpfs"), 0, Text($"size={bytes}")) == 0)
            return;
        var reason = Marshal.GetLastPInvokeError();
        Directory.Delete(Path);
        throw new Win32Exception(reason);
    }

    /// <summary>1 makes a disk that cannot be mounted a failure instead of a test left out.</summary>
    public const string RequiredVariable = "HEALTHSHARE_SMALL_DISK_REQUIRED";

    /// <summary>Why there is none here; null where there is, or must be.</summary>
    public static string? Refusal { get; } = Environment.GetEnvironmentVariable(RequiredVariable) == "1" ? null : Try();

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Leaves no byte.</summary>
    public void Fill()
    {
        using var file = File.OpenHandle(filler, FileMode.Append, FileAccess.Write);
        var at = RandomAccess.GetLength(file);
        foreach (var piece in (byte[][])[new byte[1024 * 1024], new byte[4096], new byte[1]])
        {
            try
            {
                for (; ; at += piece.Length)
                    RandomAccess.Write(file, piece, at);
            }
            catch (IOException)
            {
                at = RandomAccess.GetLength(file); // full for pieces of that size
            }
        }
    }

    /// <summary>Makes room again.</summary>
    public void Free() => File.Delete(filler);

    public void Dispose()
    {
        _ = Unmount(Text(Path), 2); // MNT_DETACH: also where a test left a file open
        Directory.Delete(Path, recursive: true);
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
            return "A small file system can be mounted on Linux only.";
        try
        {
            new SmallDisk(1024 * 1024).Dispose();
            return null;
        }
        catch (Win32Exception e)
        {
            return $"A small file system cannot be mounted: {e.Message}. It takes the rights of root.";
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport("libc", EntryPoint = "mount", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Mount(byte[] source, byte[] target, byte[] type, nuint flags, byte[] data);

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmount(byte[] target, int flags);
}

/// <summary>A test on a disk that is really full, skipped with the reason where none can be mounted, unless one is required.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Refusal;
}
