using System.Diagnostics;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Packaging;
using HealthShare.Chaincode.Shim.Server;
using Microsoft.Extensions.Logging;

namespace HealthShare.UnitTests.Chaincode.Shim;

/// <summary>A chaincode as the whole of a process.</summary>
public sealed class ChaincodeProgramTests
{
    private static readonly ChaincodeServerOptions Options = new() { Address = "127.0.0.1:0", PackageId = "asset:1" };

    [Fact]
    public async Task Another_build_than_the_one_agreed_on_does_not_start()
    {
        var (actual, other) = (BuildDigest.Compute(), new string('0', 64));

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(Options with { ExpectedBuildDigest = other }));

        Assert.Contains($"its digest is {actual}, expected is {other}", refusal.Message, StringComparison.Ordinal);
        await RunAsync(Options with { ExpectedBuildDigest = actual });
    }

    [Fact]
    public async Task A_program_that_says_nothing_of_logs_tells_on_standard_error_where_it_listens()
    {
        var (before, said) = (Console.Error, new StringWriter());
        var error = TextWriter.Synchronized(said);
        Console.SetError(error);
        try
        {
            await RunAsync(Options, null, () => Said().Contains("127.0.0.1:", StringComparison.Ordinal));
        }
        finally
        {
            Console.SetError(before);
        }
        Assert.Contains("127.0.0.1:", Said(), StringComparison.Ordinal);

        string Said()
        {
            lock (error) // as it does itself
                return said.ToString();
        }
    }

    private static Task RunAsync(ChaincodeServerOptions options)
    {
        var logs = new RecordedLogs();
        return RunAsync(options, logs, () => logs.Lines.Any(line => line.Contains("127.0.0.1:", StringComparison.Ordinal)));
    }

    // Stopped once it serves: a start that is interrupted is another matter.
    private static async Task RunAsync(ChaincodeServerOptions options, ILoggerFactory? loggers, Func<bool> serves)
    {
        using var stop = new CancellationTokenSource();
        var running = ChaincodeProgram.RunAsync(new Nothing(), options, loggers, stop.Token);
        for (var began = Stopwatch.GetTimestamp(); !serves() && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2);)
        {
            if (await Task.WhenAny(running, Task.Delay(10)) == running)
                break;
        }
        await stop.CancelAsync();
        await running;
    }

    private sealed class Nothing : IChaincode
    {
        public Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct) => throw new NotSupportedException();
    }
}
