using System.CommandLine;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Cli;

/// <summary><c>healthshare run</c>: starts the node and serves until it is told to stop.</summary>
internal static class RunCommand
{
    // Logs the exception that ends a start with all of its stack; this command says in one line what was wrong.
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    public static Command Create()
    {
        var config = NodeSettings.ConfigOption();
        var command = new Command("run", "Start this hospital's or regulator's node.") { config };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
            {
                var runs = false;
                await using var app = NodeApplication.Create(settings, services => services.AddLogging(
                    logging => logging.AddFilter(HostCategory, level => runs && level >= LogLevel.Information)));
                app.Services.GetService<IStartupValidator>()?.Validate();
                await app.StartAsync(ct);
                runs = true;
                await app.WaitForShutdownAsync(ct);
                return NodeCommandLine.Success;
            }, follows: true)); // callers come and go while it runs
        return command;
    }
}
