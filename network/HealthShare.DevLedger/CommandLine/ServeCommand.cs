using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>The root command: serves a channel until a signal comes.</summary>
internal static class ServeCommand
{
    public static RootCommand Create()
    {
        var options = new ServeOptions();
        var json = new Option<bool>("--json") { Description = "Print what listens where as one JSON object instead of text." };
        var level = new Option<LogLevel>("--log-level")
        {
            Description = "Least level that is logged, to standard error.", DefaultValueFactory = _ => LogLevel.Information,
        };
        var root = new RootCommand("Serves a Hyperledger Fabric channel from this one process: gateways, ordering, validation and "
            + "storage, for development and tests with any Fabric client and any chaincode that runs as a service.");
        foreach (var option in options.All.Append(json).Append(level))
            root.Options.Add(option);
        foreach (var command in AdminCommands.Create())
            root.Subcommands.Add(command);
        root.SetAction(async (parsed, ct) =>
        {
            using var loggers = CreateLoggers(parsed.GetValue(level));
            var wanted = options.Read(parsed);
            try
            {
                await using var host = await DevLedgerHost.StartAsync(wanted, loggers, ct: ct);
                await using var admin = await AdminEndpoint.StartAsync(host, wanted, loggers, ct);
                var report = ReadyReport.Of(host, wanted);
                var output = parsed.InvocationConfiguration.Output;
                await output.WriteLineAsync(parsed.GetValue(json) ? report.ToJson() : report.ToText());
                await output.FlushAsync(ct);
                await WaitAsync(host, ct);
                if (!host.Fault.IsCompleted)
                    return 0;
                var error = parsed.InvocationConfiguration.Error;
                await error.WriteLineAsync($"The ledger has stopped by an unexpected fault, which its log tells: {(await host.Fault).Message}");
                return 1;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return 0;
            }
        });
        return root;
    }

    private static ILoggerFactory CreateLoggers(LogLevel level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level)
        .AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning)
        // It logs nothing from this level on, but asked whether it may, it makes an activity for each request.
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None) // what keeps it from starting is told in a sentence of ours
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        }));

    private static async Task WaitAsync(DevLedgerHost host, CancellationToken ct)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ct.Register(cancelled.SetResult);
        await Task.WhenAny(cancelled.Task, host.Fault);
    }
}
