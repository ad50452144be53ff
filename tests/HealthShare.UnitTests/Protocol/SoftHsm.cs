using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HealthShare.UnitTests.Protocol;

/// <summary>
/// A token of SoftHSM in a temporary folder, with keys made in it. The engine and the module read their settings from the
/// process's own environment, which .NET's does not reach; hence libc.
/// </summary>
public sealed class SoftHsm : IDisposable
{
    public const string Token = "test token";
    public const string Pin = "98765432";
    private const string Missing = "needs SoftHSM and OpenSSL's PKCS #11 engine (Debian: softhsm2, libengine-pkcs11-openssl, opensc)";
    private readonly string folder = Directory.CreateTempSubdirectory("softhsm-").FullName;

    public SoftHsm()
    {
        if (SkipReason is not null)
        {
            return;
        }
        Directory.CreateDirectory(Path.Combine(folder, "tokens"));
        var configuration = Path.Combine(folder, "softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        _ = SetVariable("SOFTHSM2_CONF", configuration, 1);
        _ = SetVariable("PKCS11_MODULE_PATH", Module!, 1);
        Run("softhsm2-util", "--init-token", "--free", "--label", Token, "--so-pin", "12345678", "--pin", Pin);
        File.WriteAllText(PinFile, Pin + "\n");
    }

    /// <summary>1 makes a token that cannot be had a failure instead of tests left out.</summary>
    public const string RequiredVariable = "HEALTHSHARE_SOFTHSM_REQUIRED";

    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable(RequiredVariable) == "1" ? null : Missed;

    private static string? Missed => Module is null || Engine is null || !OnPath("softhsm2-util") || !OnPath("pkcs11-tool")
        ? Missing
        : null;

    public string PinFile => Path.Combine(folder, "pin");

    private static string? Module => First("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so");

    private static string? Engine => Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib", "*", SearchOption.TopDirectoryOnly)
            .Select(path => Path.Combine(path, "engines-3", "pkcs11.so")).FirstOrDefault(File.Exists)
        : null;

    /// <summary>Makes a P-256 key that never leaves the token; returns its public part, as SubjectPublicKeyInfo.</summary>
    public byte[] MakeKey(string label, string curve = "prime256v1")
    {
        var id = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(label));
        string[] login = ["--module", Module!, "--token-label", Token, "--login", "--pin", Pin];
        Run("pkcs11-tool", [.. login, "--keypairgen", "--key-type", $"EC:{curve}", "--label", label, "--id", id]);
        var file = Path.Combine(folder, id + ".der");
        Run("pkcs11-tool", [.. login, "--read-object", "--type", "pubkey", "--label", label, "--output-file", file]);
        return File.ReadAllBytes(file);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string? First(params string[] paths) => paths.FirstOrDefault(File.Exists);

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(directory => File.Exists(Path.Combine(directory, program)));

    private void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(folder, "softhsm2.conf");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {error}{output.Result}");
        }
    }

    [DllImport("libc", EntryPoint = "setenv"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}

/// <summary>A test that needs SoftHSM and is skipped, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SoftHsmFactAttribute : FactAttribute
{
    public SoftHsmFactAttribute() => Skip = SoftHsm.SkipReason;
}
