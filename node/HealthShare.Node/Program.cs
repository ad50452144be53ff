using HealthShare.Node.Cli;

namespace HealthShare.Node;

internal static class Program
{
    private static Task<int> Main(string[] args) => NodeCommandLine.RunAsync(args);
}
