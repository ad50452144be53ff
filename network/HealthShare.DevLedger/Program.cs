using HealthShare.DevLedger.CommandLine;

namespace HealthShare.DevLedger;

/// <summary>The ledger as a program of its own. In a namespace, so that it meets no other program's entry point.</summary>
internal static class Program
{
    // Writing a block holds a thread of the pool until the disk has it, and the pool takes that for work: with one thread for each
    // processor, one of them would idle meanwhile.
    private const int ThreadsForTheDisk = 2;

    public static Task<int> Main(string[] arguments)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(workers + ThreadsForTheDisk, completions);
        return DevLedgerCommand.RunAsync(arguments, Console.Out, Console.Error);
    }
}
