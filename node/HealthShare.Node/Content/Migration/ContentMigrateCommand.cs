using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Cli;
using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Vault.Content;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content.Migration;

/// <summary>
/// <c>healthshare content migrate</c>: copies everything that one store has pinned to another, each store as the settings of a node
/// name it. Exit status: 0 all is in the target, 1 something is not, 2 wrong usage.
/// </summary>
internal static class ContentMigrateCommand
{
    private const int DefaultParallel = 4;
    private const int MaxParallel = 64;

    public static Command Create()
    {
        var from = SettingsOption("--from", "Settings of the node as it is: its HealthShare:Content names the source.");
        var to = SettingsOption("--to", "The same settings with another HealthShare:Content, which names the target.");
        var parallel = new Option<int>("--parallel")
        {
            Description = $"Contents under way at once, 1 to {MaxParallel}.", HelpName = "N", DefaultValueFactory = _ => DefaultParallel,
        };
        parallel.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 1 or > MaxParallel)
                result.AddError($"--parallel is a number from 1 to {MaxParallel}.");
        });
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end, and no progress." };
        var command = new Command("migrate", """
            Copy everything that is pinned in one content store to another, verified at both ends; the source stays as it is.
            Stop the node before: what it stores meanwhile would be missing. Interrupted, the same command goes on where it was.

            Example: copy the settings file, change HealthShare:Content in the copy, stop the node, then
              healthshare content migrate --from node.json --to node-new.json
            and start the node with the new settings. Remove the old store once the node runs well.
            """)
        {
            from, to, parallel, json,
        };
        command.SetAction((parsed, ct) =>
        {
            var console = parsed.InvocationConfiguration;
            return NodeSettings.WithAsync(parsed.GetRequiredValue(from), console.Error, source =>
                NodeSettings.WithAsync(parsed.GetRequiredValue(to), console.Error, target =>
                    RunAsync(source, target, parsed.GetValue(parallel), Report(console, parsed.GetValue(json)), console.Error, ct)));
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IConfiguration source, IConfiguration target, int parallel, MigrationReport report, TextWriter error, CancellationToken ct)
    {
        if (StoreOf(source) == StoreOf(target))
        {
            await error.WriteLineAsync("--from and --to name the same content store: both have the same HealthShare:Content and data folder.");
            return NodeCommandLine.WrongUsage;
        }
        // Nothing of these nodes is started: they only make the stores, exactly as they do when they run.
        await using var from = NodeApplication.Create(source, NodeSettings.LogToStandardError);
        await using var to = NodeApplication.Create(target, NodeSettings.LogToStandardError);
        var fromStore = from.Services.GetRequiredService<IContentStore>();
        var toStore = to.Services.GetRequiredService<IContentStore>();
        var folder = to.Services.GetRequiredService<IOptions<NodeOptions>>().Value.DataFolder;
        Directory.CreateDirectory(folder);
        using var note = MigrationNote.Open(Path.Combine(folder, $"content-migration-{StoreOf(target)}.note"));
        var migration = new ContentMigration(
            fromStore, toStore, note, parallel, await SealedContents.ReadAsync(from.Services.GetRequiredService<IDatabase>(), ct));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var following = report.FollowAsync(() => migration.Progress, done.Token);
        MigrationOutcome outcome;
        try
        {
            outcome = await migration.RunAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await error.WriteLineAsync($"Stopped after {migration.Progress.Done} of {migration.Progress.Total} contents. The same command goes on from there.");
            return NodeCommandLine.Failure;
        }
        finally
        {
            await done.CancelAsync();
            await following;
        }
        if (outcome is { Complete: true, Failures.Count: 0 })
            note.Remove();
        return await report.FinishAsync(migration.Progress, outcome);
    }

    // Tells one store's settings from another's, such as in the name of the note.
    private static string StoreOf(IConfiguration settings)
    {
        var named = settings.GetSection("HealthShare:Content").AsEnumerable().Append(new("folder", settings["HealthShare:Node:DataFolder"]))
            .Where(setting => setting.Value is not null).Select(setting => $"{setting.Key}={setting.Value}").Order(StringComparer.OrdinalIgnoreCase);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', named))))[..16];
    }

    private static Option<FileInfo> SettingsOption(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE", Required = true };

    private static MigrationReport Report(InvocationConfiguration console, bool json) => new(console.Output, console.Error,
        terminal: console.Error == Console.Error && !Console.IsErrorRedirected, json, TimeProvider.System);
}
