using System.Runtime.InteropServices;
using HealthShare.Chaincode.Shim.Packaging;
using Microsoft.Extensions.Logging;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Runs a chaincode as the whole of a process.</summary>
public static class ChaincodeProgram
{
    /// <summary>
    /// Serves peers until the process is asked to end (SIGTERM, SIGINT) or <paramref name="ct"/> is cancelled; then finishes what
    /// runs, within <see cref="ChaincodeServerOptions.StopTimeout"/>, and returns.
    /// </summary>
    /// <param name="chaincode">What to run, usually a <see cref="ChaincodeRouter"/>.</param>
    /// <param name="options">Settings. Default: those of <see cref="ChaincodeEnvironment"/>.</param>
    /// <param name="loggers">Where logs go. Default: standard error, a line each, from Information on.</param>
    /// <param name="ct">Stops the service, as a signal does.</param>
    /// <exception cref="ArgumentException">
    /// A setting is missing or out of range, or this is another build than <see cref="ChaincodeServerOptions.ExpectedBuildDigest"/>;
    /// the message names it.
    /// </exception>
    /// <exception cref="IOException">The address is taken.</exception>
    public static async Task RunAsync(
        IChaincode chaincode, ChaincodeServerOptions? options = null, ILoggerFactory? loggers = null, CancellationToken ct = default)
    {
        options ??= ChaincodeEnvironment.Read();
        options.Validate();
        // Members agreed on one build: another one must not answer in its place.
        if (options.ExpectedBuildDigest is { } expected && BuildDigest.Compute() is var actual && actual != expected)
            throw new ArgumentException($"This is not the build that was agreed on: its digest is {actual}, expected is {expected}.");
        using var console = loggers is null ? CreateConsole() : null;
        await using var server = new ChaincodeServer(chaincode, options, loggers ?? console);
        await server.StartAsync(ct);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await using var cancelled = ct.Register(() => ended.TrySetResult());
        await ended.Task;
        await server.StopAsync(CancellationToken.None);

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true; // the process ends by itself once what runs is answered
            ended.TrySetResult();
        }
    }

    private static ILoggerFactory CreateConsole() => LoggerFactory.Create(logging => logging
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console => console.SingleLine = true));
}
