using HealthShare.Node.CommandLine;

namespace HealthShare.Node;

internal static class Program
{
    private static Task<int> Main(string[] args) => NodeCommandLine.RunAsync(args);
}
