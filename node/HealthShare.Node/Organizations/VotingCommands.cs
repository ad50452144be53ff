using System.CommandLine;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Cli;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Organizations;

/// <summary>
/// <c>healthshare organizations propose</c>, <c>approve</c> and <c>proposals</c>: how members are admitted, changed and suspended after
/// the founding. A change holds once more than half of the active members voted for it.
/// </summary>
internal static class VotingCommands
{
    public static Command Propose()
    {
        var config = NodeSettings.ConfigOption();
        var json = JsonOption();
        var admit = new Option<FileInfo?>("--admit") { Description = "File with the entry of a new member, as it made it with entry.", HelpName = "FILE" };
        var suspend = MspOption("--suspend", "MSP id of a member that is to write nothing and be permitted nothing.");
        var reinstate = MspOption("--reinstate", "MSP id of a suspended member that is to be active again.");
        var hospital = MspOption("--hospital", "MSP id of a regulator that is to be a hospital.");
        var regulator = MspOption("--regulator", "MSP id of a hospital that is to be a regulator.");
        var settings = new Option<FileInfo?>("--settings") { Description = "File with the channel's settings in JSON, all of them.", HelpName = "FILE" };
        Option[] changes = [admit, suspend, reinstate, hospital, regulator, settings];
        var command = new Command("propose", "Propose one change of the members or the settings, and vote for it.") { config, json };
        foreach (var change in changes)
            command.Options.Add(change);
        command.Validators.Add(result =>
        {
            if (changes.Count(change => result.GetResult(change) is { Implicit: false }) != 1)
                result.AddError($"Give exactly one of {string.Join(", ", changes.Select(change => change.Name))}.");
        });
        command.SetAction((parsed, ct) => WithAsync(parsed, config, json, async voting =>
        {
            var change = new GovernanceChange(
                parsed.GetValue(admit) is { } file ? (await OrganizationEntryFile.ReadAllAsync([file], ct))[0] : null,
                parsed.GetValue(hospital) is { } upgraded ? new KindChange(upgraded, OrganizationKind.Hospital)
                    : parsed.GetValue(regulator) is { } watching ? new KindChange(watching, OrganizationKind.Regulator) : null,
                parsed.GetValue(suspend), parsed.GetValue(reinstate),
                parsed.GetValue(settings) is { } given ? await ReadSettingsAsync(given, ct) : null);
            return await voting.ProposeAsync(change, ct);
        }));
        return command;
    }

    public static Command Approve()
    {
        var config = NodeSettings.ConfigOption();
        var json = JsonOption();
        var proposal = new Argument<string>("proposal") { Description = "Id of the proposal, pp-…", HelpName = "PROPOSAL" };
        proposal.Validators.Add(result =>
        {
            if (!LedgerId.IsValid(IdKind.Proposal, result.GetValueOrDefault<string>()))
                result.AddError("PROPOSAL is not the id of a proposal (pp-…).");
        });
        var command = new Command("approve", "Cast this member's vote for a proposal. Look at what it says before.") { proposal, config, json };
        command.SetAction((parsed, ct) => WithAsync(parsed, config, json, voting => voting.ApproveAsync(parsed.GetRequiredValue(proposal), ct)));
        return command;
    }

    public static Command Proposals()
    {
        var config = NodeSettings.ConfigOption();
        var json = JsonOption();
        var command = new Command("proposals", "Print what was proposed, and who voted for it.") { config, json };
        command.SetAction((parsed, ct) => WithAsync(parsed, config, json, voting => voting.ListAsync(ct)));
        return command;
    }

    private static Task<int> WithAsync(ParseResult parsed, Option<FileInfo?> config, Option<bool> json, Func<Voting, Task<int>> work) =>
        NodeSettings.WithAsync(parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
        {
            await using var app = NodeApplication.Create(settings, NodeSettings.LogToStandardError);
            return await work(new Voting(
                app.Services, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(json)));
        });

    private static Option<bool> JsonOption() => new("--json") { Description = "Print JSON instead of lines." };

    private static Option<string?> MspOption(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "ID" };
        option.Validators.Add(result =>
        {
            if (!LedgerCode.IsMspId(result.GetValueOrDefault<string?>()))
                result.AddError($"{name} takes an MSP id.");
        });
        return option;
    }

    private static async Task<ChannelSettings> ReadSettingsAsync(FileInfo file, CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file.FullName, ct), LedgerJson.Default.ChannelSettings)
                ?? throw new InvalidDataException($"'{file.FullName}' holds no settings.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file.FullName}' holds no settings: {e.Message}", e);
        }
    }
}
