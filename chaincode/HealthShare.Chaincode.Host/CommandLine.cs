using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using HealthShare.Chaincode.Shim;

namespace HealthShare.Chaincode.Host;

/// <summary>The command line: runs the service, asks for its health, or makes the package that tells peers about it.</summary>
internal static class CommandLine
{
    private const int WrongUsage = 2;

    // How long a signal may take to end the process; the service itself waits less for running transactions.
    private static readonly TimeSpan LongestStop = TimeSpan.FromMinutes(1);

    /// <summary>Runs a command line.</summary>
    /// <param name="chaincode">What the service runs.</param>
    /// <param name="arguments">Arguments of the process.</param>
    /// <param name="environment">Looks a variable of the environment up.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where faults go.</param>
    /// <param name="ct">Stops the service, as a signal does.</param>
    /// <returns>0 on success, 1 on a failure, 2 on wrong usage.</returns>
    public static async Task<int> RunAsync(
        IChaincode chaincode, string[] arguments, Func<string, string?> environment, TextWriter output, TextWriter error,
        CancellationToken ct = default)
    {
        var root = ServeCommand.Create(chaincode, environment);
        root.Subcommands.Add(PackageCommand.Create());
        root.Subcommands.Add(DigestCommand.Create());
        root.Subcommands.Add(HealthCommand.Create(environment));
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var fault in parsed.Errors)
                await error.WriteLineAsync(fault.Message);
            await error.WriteLineAsync("Run with --help for what is possible.");
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
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or SocketException)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
