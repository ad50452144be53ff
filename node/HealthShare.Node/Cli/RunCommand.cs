using System.CommandLine;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Cli;

/// <summary><c>healthshare run</c>: starts the node and serves until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo?>("--config")
        {
            Description = "JSON file with settings; they win over appsettings.json and lose to HEALTHSHARE__ variables.",
            HelpName = "FILE",
        };
        var command = new Command("run", "Start this hospital's or regulator's node.") { config };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(config), parsed.InvocationConfiguration.Error, ct));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo? config, TextWriter error, CancellationToken ct)
    {
        if (config is { Exists: false })
        {
            await error.WriteLineAsync($"The settings file '{config.FullName}' does not exist.");
            return NodeCommandLine.WrongUsage;
        }
        try
        {
            await using var app = NodeApplication.Create(Settings(config));
            await app.RunAsync(ct);
            return NodeCommandLine.Success;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
                await error.WriteLineAsync(failure);
            return NodeCommandLine.WrongUsage;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NodeStartException)
        {
            await error.WriteLineAsync(e.Message);
            return NodeCommandLine.Failure;
        }
    }

    private static IConfigurationRoot Settings(FileInfo? config)
    {
        var builder = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false);
        if (config is not null)
            builder.AddJsonFile(config.FullName, optional: false, reloadOnChange: true); // callers come and go while it runs
        // HEALTHSHARE__DATABASE__PROVIDER is HealthShare:Database:Provider: names of settings are not case-sensitive.
        return builder.AddEnvironmentVariables().Build();
    }
}
