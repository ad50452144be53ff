using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace HealthShare.UnitTests.Support;

/// <summary>Named pipes in folders.</summary>
internal static class Pipes
{
    public static void Make(string path)
    {
        if (Mkfifo(Encoding.UTF8.GetBytes(path + '\0'), 0x1B6) != 0) // rw-rw-rw-
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Mkfifo(byte[] path, uint mode);
}

/// <summary>A test of what a process may not do, skipped where it runs as root, who may do everything.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute() => Skip = Environment.IsPrivilegedProcess ? "Run by root, whom no file's mode keeps from reading it." : null;
}
