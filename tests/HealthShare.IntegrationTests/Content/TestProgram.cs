using System.Diagnostics;

namespace HealthShare.IntegrationTests.Content;

/// <summary>Starts programs that lie beside the tests.</summary>
internal static class TestProgram
{
    /// <summary>One of the tests' own programs.</summary>
    public static Process Start(params string[] arguments) => StartAssembly("HealthShare.IntegrationTests.dll", arguments);

    /// <summary>An assembly with an entry point; its standard output is for the caller to read.</summary>
    public static Process StartAssembly(string assembly, params string[] arguments)
    {
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return Process.Start(new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
    }
}
