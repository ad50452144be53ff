using System.ComponentModel;
using System.Diagnostics;

namespace HealthShare.Benchmarks.Fabric;

/// <summary>The official npm packages, installed by their lock file beside the built benchmarks.</summary>
internal static class PeerPackages
{
    /// <summary>Installs them unless they are there, and returns their folder.</summary>
    /// <exception cref="MissingPieceException">There is no Node, or the registry cannot be reached.</exception>
    public static async Task<string> InstallAsync(TextWriter progress, CancellationToken ct)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "peers");
        if (Directory.Exists(Path.Combine(folder, "node_modules")))
            return folder;
        await progress.WriteLineAsync("installing the official npm packages");
        try
        {
            using var npm = Process.Start(new ProcessStartInfo(
                "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            { WorkingDirectory = folder })!;
            await npm.WaitForExitAsync(ct);
            return npm.ExitCode == 0
                ? folder
                : throw new MissingPieceException("the official npm packages cannot be installed; npm's words are above.");
        }
        catch (Win32Exception e)
        {
            throw new MissingPieceException($"needs Node.js 20 or later (node, npm) on the path: {e.Message}.");
        }
    }
}
