using HealthShare.DevLedger.CommandLine;

namespace HealthShare.DevLedger;

/// <summary>The ledger as a program of its own. In a namespace, so that it meets no other program's entry point.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => DevLedgerCommand.RunAsync(arguments, Console.Out, Console.Error);
}
