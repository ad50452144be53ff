using System.CommandLine;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Cli;

/// <summary>A command was asked for something that cannot be; the message says what, for whoever typed it.</summary>
internal sealed class WrongUsageException(string message, Exception inner) : Exception(message, inner);

/// <summary>The node's settings, as every command that needs them finds them, and one answer to settings that are wrong.</summary>
internal static class NodeSettings
{
    /// <summary>The option <c>--config FILE</c>.</summary>
    public static Option<FileInfo?> ConfigOption() => new("--config")
    {
        Description = "JSON file with settings; they win over appsettings.json and lose to HEALTHSHARE__ variables.",
        HelpName = "FILE",
    };

    /// <summary>Reads the settings and runs work with them; what is wrong with the node's set-up is said, not thrown.</summary>
    /// <param name="config">File named on the command line, if any.</param>
    /// <param name="error">Where complaints go.</param>
    /// <param name="work">Gets the settings, which are over with it; returns the exit status.</param>
    /// <param name="follows">
    /// True where the work goes on for long and takes over what is changed in the file meanwhile. The system has few watchers of files for
    /// each user (128 by default): whoever reads the settings once takes none.
    /// </param>
    public static async Task<int> WithAsync(FileInfo? config, TextWriter error, Func<IConfigurationRoot, Task<int>> work, bool follows = false)
    {
        if (config is { Exists: false })
        {
            await error.WriteLineAsync($"The settings file '{config.FullName}' does not exist.");
            return NodeCommandLine.WrongUsage;
        }
        try
        {
            // Named here, since settings do not let go of what watches their file.
            using var folder = config is null ? null : new PhysicalFileProvider(config.Directory!.FullName);
            using var settings = Read(config?.Name, folder, follows);
            return await work(settings);
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
                await error.WriteLineAsync(failure);
            return NodeCommandLine.WrongUsage;
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OptionsValidationException)) // several sections
        {
            foreach (var failure in e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures))
                await error.WriteLineAsync(failure);
            return NodeCommandLine.WrongUsage;
        }
        catch (InvalidOperationException e) when (IsUnreadable(e))
        {
            await error.WriteLineAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
        catch (WrongUsageException e)
        {
            await error.WriteLineAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or NodeStartException)
        {
            await error.WriteLineAsync(e.Message);
            return NodeCommandLine.Failure;
        }
    }

    /// <summary>Leaves the standard output to a command's results: what parts of the node log goes to the standard error.</summary>
    public static void LogToStandardError(IServiceCollection services) =>
        services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    // The binder has no exception of its own: a value that it cannot convert, or a name that it does not know.
    private static bool IsUnreadable(InvalidOperationException e) =>
        e.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal)
        || e.Message.Contains("ErrorOnUnknownConfiguration", StringComparison.Ordinal);

    private static ConfigurationRoot Read(string? name, PhysicalFileProvider? folder, bool follows)
    {
        var builder = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false);
        if (name is not null)
            builder.AddJsonFile(folder, name, optional: false, reloadOnChange: follows);
        // HEALTHSHARE__DATABASE__PROVIDER is HealthShare:Database:Provider: names of settings are not case-sensitive.
        return (ConfigurationRoot)builder.AddEnvironmentVariables().Build();
    }
}
