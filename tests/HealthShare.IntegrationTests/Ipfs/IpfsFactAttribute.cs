using HealthShare.IntegrationTests.Content;
using HealthShare.Sandbox;
using HealthShare.Sandbox.Ipfs;
using HealthShare.UnitTests.Support;

namespace HealthShare.IntegrationTests.Ipfs;

/// <summary>A test with real IPFS daemons. It is left out where they cannot run, unless they are required.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IpfsFactAttribute : FactAttribute
{
    public IpfsFactAttribute(string? sharedData = null, bool large = false) => Skip = Daemons.SkipReason
        ?? (sharedData is null ? null : SharedData.SkipReason(sharedData))
        ?? (large ? LargeContent.SkipReason : null);
}

/// <summary>Whether real IPFS daemons can run here.</summary>
internal static class Daemons
{
    /// <summary>1 makes daemons that cannot run a failure instead of a test left out.</summary>
    public const string RequiredVariable = "HEALTHSHARE_IPFS_REQUIRED";

    private static readonly Lazy<string?> Missing = new(FindMissing);

    public static string? SkipReason =>
        Environment.GetEnvironmentVariable(RequiredVariable) == "1" ? null : Missing.Value;

    public static async Task<IpfsLauncher> LauncherAsync()
    {
        var launcher = await IpfsLauncher.FindAsync(CancellationToken.None);
        return launcher.IsInstalled ? launcher : throw new InvalidOperationException(NotInstalled);
    }

    private static string NotInstalled => $"The IPFS daemon's packages are not installed: '{IpfsLauncher.InstallCommand}' in network/ipfs/daemon.";

    // Test discovery asks in attributes, which cannot wait.
    private static string? FindMissing()
    {
        try
        {
            return Task.Run(() => IpfsLauncher.FindAsync(CancellationToken.None)).GetAwaiter().GetResult().IsInstalled ? null : NotInstalled;
        }
        catch (SandboxException e)
        {
            return e.Message;
        }
    }
}
