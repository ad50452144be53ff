using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.Sockets;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>The command line. Exit status: 0 success, 1 a failure, 2 wrong usage.</summary>
internal static class DevLedgerCommand
{
    public const int Failure = 1, WrongUsage = 2;

    // A signal lets calls end and the batch that was begun be written; the process is ended by force only past this.
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(20);

    /// <summary>Runs one command line to its end.</summary>
    /// <param name="arguments">Arguments of the process.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where faults go.</param>
    /// <param name="ct">Stops a ledger that serves, as a signal does.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken ct = default)
    {
        var root = ServeCommand.Create();
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var fault in parsed.Errors)
                await error.WriteLineAsync(fault.Message);
            await error.WriteLineAsync("--help lists the options.");
            return WrongUsage;
        }
        var invocation = new InvocationConfiguration
        {
            Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = LongestStop,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, ct);
        }
        catch (ArgumentException e)
        {
            await error.WriteLineAsync(e.Message);
            return WrongUsage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or InvalidOperationException
            or LedgerCorruptException)
        {
            await error.WriteLineAsync(e.Message);
            return Failure;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Stopped before it was done.");
            return Failure;
        }
    }
}
