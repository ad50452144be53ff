using System.CommandLine;
using HealthShare.Chaincode.Shim.Packaging;

namespace HealthShare.Chaincode.Host;

/// <summary>Prints the digest of this build, for the package and for whoever compares.</summary>
internal static class DigestCommand
{
    public static Command Create()
    {
        var folder = new Option<DirectoryInfo?>("--folder") { Description = "Published build to read. Default: the one that runs." };
        var command = new Command("digest", "Prints the SHA-256 over names and contents of this build's assemblies.") { folder };
        command.SetAction(async (parsed, _) =>
        {
            await parsed.InvocationConfiguration.Output.WriteLineAsync(BuildDigest.Compute(parsed.GetValue(folder)?.FullName));
            return 0;
        });
        return command;
    }
}
