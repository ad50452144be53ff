using System.CommandLine;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Organizations;

/// <summary>
/// <c>healthshare organizations</c>: how a channel gets its members. Each member makes its entry with <c>entry</c> and hands it to
/// one of the others by a way they trust; that one founds the channel with <c>init</c>; everybody compares with <c>list</c>.
/// </summary>
internal static class OrganizationCommands
{
    public static Command Create() =>
        new("organizations", "Tell who the members of the channel are, and found it.") 
        {
            Entry(), Init(), List(), UpdateSealingKey(), VotingCommands.Propose(), VotingCommands.Approve(), VotingCommands.Proposals(),
        };

    private static Command Entry()
    {
        var config = NodeSettings.ConfigOption();
        var output = new Option<FileInfo?>("--output", "-o") { Description = "File to write instead of the standard output.", HelpName = "FILE" };
        var command = new Command("entry",
            "Write this member's entry: MSP id, name, kind and public sealing key. Makes the node's keys where they are not there yet.")
        {
            config, output,
        };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
            {
                await using var app = NodeApplication.Create(settings, NodeSettings.LogToStandardError);
                var entry = OrganizationEntryFile.Write(await Founding.OwnEntryAsync(app.Services, ct));
                if (parsed.GetValue(output) is { } file)
                    await OrganizationEntryFile.ReplaceAsync(file, entry, ct);
                else
                    await parsed.InvocationConfiguration.Output.WriteLineAsync(entry);
                return NodeCommandLine.Success;
            }));
        return command;
    }

    private static Command Init()
    {
        var config = NodeSettings.ConfigOption();
        var entries = new Option<FileInfo[]>("--entry")
        {
            Description = "File with a founder's entry; give all of them, this member's own among them.",
            HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true,
        };
        var wait = new Option<int>("--wait")
        {
            Description = "Longest to wait for a channel that does not answer yet, in seconds, 0 to 600.", HelpName = "SECONDS",
        };
        wait.Validators.Add(result =>
        {
            if (result.Tokens is [var seconds] && int.TryParse(seconds.Value, out var number) && number is < 0 or > 600)
                result.AddError("--wait is a number of seconds from 0 to 600.");
        });
        var command = new Command("init",
            "Found the channel with these members, once. Compare the sealing keys with the members before: whoever's key stands there reads what is sealed for that member.")
        {
            config, entries, wait,
        };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
            {
                var founders = await OrganizationEntryFile.ReadAllAsync(parsed.GetRequiredValue(entries), ct);
                await using var app = NodeApplication.Create(settings, NodeSettings.LogToStandardError);
                return await new Founding(app.Services, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error)
                    .InitAsync(founders, TimeSpan.FromSeconds(parsed.GetValue(wait)), ct);
            }));
        return command;
    }

    private static Command UpdateSealingKey()
    {
        var config = NodeSettings.ConfigOption();
        var command = new Command("update-sealing-key",
            "Give this member another sealing key: what is sealed for it from the next block on is sealed to that one. Stop the node before, and "
            + "start it afterwards. Run it again where it fails.")
        {
            config,
        };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
            {
                await using var app = NodeApplication.Create(settings, NodeSettings.LogToStandardError);
                await Founding.OwnEntryAsync(app.Services, ct); // opens the keys
                return await new SealingKeyUpdate(app.Services, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error).UpdateAsync(ct);
            }));
        return command;
    }

    private static Command List()
    {
        var config = NodeSettings.ConfigOption();
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of lines." };
        var command = new Command("list", "Print the members of the channel and their sealing keys; exit status 1 before it is founded.") { config, json };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
            {
                await using var app = NodeApplication.Create(settings, NodeSettings.LogToStandardError);
                return await new Founding(app.Services, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error)
                    .ListAsync(parsed.GetValue(json), ct);
            }));
        return command;
    }
}
