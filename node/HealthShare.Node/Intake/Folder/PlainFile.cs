using System.Runtime.InteropServices;
using System.Text;

namespace HealthShare.Node.Intake.Folder;

/// <summary>Tells files from what only looks like one: a pipe, whose reader waits for ever, a device, a socket, a link that leads anywhere.</summary>
/// <remarks>The base library tells neither pipes and devices from files nor when a file was renamed, hence libc.</remarks>
internal static class PlainFile
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int FollowNoLinks = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint WithType = 1; // STATX_TYPE
    private const uint WithChange = 0x80; // STATX_CTIME
    private const int Size = 256; // of struct statx, the same on every processor
    private const int ModeOffset = 28;
    private const int ChangeOffset = 96; // seconds since 1970
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>Whether there is a file at a path, and no link.</summary>
    public static bool IsAt(string path)
    {
        if (!OperatingSystem.IsLinux())
            return new FileInfo(path) is { Exists: true, LinkTarget: null };
        return About(path, WithType) is { } about && (BitConverter.ToUInt16(about, ModeOffset) & TypeMask) == Regular;
    }

    /// <summary>
    /// When a file was last written, renamed or given other rights, in UTC, to the second: by the system's clock, whatever time its sender gave the file, and
    /// without leave to set one, which only the file's owner has. The end of time where it is gone.
    /// </summary>
    /// <remarks>Where the system keeps no such time, when it was made or last written.</remarks>
    public static DateTime ChangedAt(string path)
    {
        if (!OperatingSystem.IsLinux())
            return new[] { File.GetCreationTimeUtc(path), File.GetLastWriteTimeUtc(path) }.Max();
        return About(path, WithChange) is { } about ? DateTimeOffset.FromUnixTimeSeconds(BitConverter.ToInt64(about, ChangeOffset)).UtcDateTime : DateTime.MaxValue;
    }

    private static byte[]? About(string path, uint what)
    {
        var about = new byte[Size];
        return Statx(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), FollowNoLinks, what, about) == 0 ? about : null;
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, [Out] byte[] about);
}
