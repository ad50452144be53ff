using System.CommandLine;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Packaging;
using HealthShare.Chaincode.Shim.Server;
using Microsoft.Extensions.Logging;

namespace HealthShare.Chaincode.Host;

/// <summary>The root command: serves peers until a signal comes, then finishes what runs.</summary>
internal static class ServeCommand
{
    public static RootCommand Create(IChaincode chaincode, Func<string, string?> environment)
    {
        var address = Text("--address", ChaincodeEnvironment.Address, "Where to listen, host:port, such as 0.0.0.0:9999.");
        var packageId = Text("--package-id", ChaincodeEnvironment.PackageId, "Package id that the peers installed, label:hash; 'package' prints it.");
        var certificate = Text("--tls-cert", ChaincodeEnvironment.TlsCertificate, "PEM file of the server's certificate and intermediates.");
        var key = Text("--tls-key", ChaincodeEnvironment.TlsKey, "PEM file of the server's private key.");
        var clientCa = Text("--tls-client-ca", ChaincodeEnvironment.ClientCa, "PEM file of the roots of the peers' certificates: asks peers for one (mutual TLS).");
        var health = Text("--health-address", ChaincodeEnvironment.HealthAddress, "Where to offer health over HTTP (GET /healthz), host:port. Default: nowhere.");
        var digest = Text("--expect-digest", ChaincodeEnvironment.BuildDigest, "Digest that this build must have, as 'digest' prints it; another one exits 1.");
        var defaults = new ChaincodeServerOptions { Address = "", PackageId = "" };
        var timeout = Number("--execution-timeout", (int)defaults.ExecutionTimeout.TotalSeconds, "Longest a transaction may run, in seconds, 1 to 600.");
        var concurrent = Number("--max-concurrent", defaults.MaxConcurrentTransactions, "Most transactions that run at once, 1 to 10000.");
        var level = new Option<LogLevel>("--log-level")
        {
            Description = "Least level that is logged.", DefaultValueFactory = _ => LogLevel.Information,
        };
        Option<string?>[] named = [address, packageId, certificate, key, clientCa, health, digest];

        var root = new RootCommand("Runs HealthShare's chaincode as a service that Fabric peers dial. "
            + "An option that is shown with the name of an environment variable can also be set by it.")
        {
            timeout, concurrent, level,
        };
        foreach (var option in named)
            root.Options.Add(option);
        root.SetAction(async (parsed, ct) =>
        {
            var options = ChaincodeEnvironment.Read(Setting);
            if (await IsOtherBuildAsync(options.ExpectedBuildDigest, parsed.InvocationConfiguration.Error))
                return 1;
            options = options with
            {
                ExecutionTimeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)), MaxConcurrentTransactions = parsed.GetValue(concurrent),
            };
            using var loggers = CreateLoggers(parsed.GetValue(level));
            await using var server = new ChaincodeServer(chaincode, options, loggers);
            await server.StartAsync(ct);
            await WaitAsync(ct);
            await server.StopAsync(CancellationToken.None);
            return 0;

            string? Setting(string variable) =>
                named.Where(option => option.HelpName == variable).Select(parsed.GetValue).FirstOrDefault() ?? environment(variable);
        });
        return root;
    }

    /// <summary>Members agreed on one build: another one must not answer in its place.</summary>
    private static async Task<bool> IsOtherBuildAsync(string? expected, TextWriter error)
    {
        if (expected is null)
            return false;
        var actual = BuildDigest.Compute();
        if (actual == expected)
            return false;
        await error.WriteLineAsync($"This is not the build that was agreed on: its digest is {actual}, expected is {expected}.");
        return true;
    }

    private static ILoggerFactory CreateLoggers(LogLevel level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level)
        .AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        }));

    private static async Task WaitAsync(CancellationToken ct)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ct.Register(cancelled.SetResult);
        await cancelled.Task;
    }

    private static Option<string?> Text(string name, string variable, string description) =>
        new(name) { HelpName = variable, Description = description };

    private static Option<int> Number(string name, int standard, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };
}
