using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>Commands for the ledger that runs on a state folder.</summary>
internal static class AdminCommands
{
    public static IEnumerable<Command> Create() => [AddOrganization(), IssueUser(), Status()];

    private static Command AddOrganization()
    {
        var org = Organization("The organization that joins; C becomes MSP id CMSP and domain c.example.");
        var port = new Option<int>("--port") { Description = "Port of its gateway. [default: the system chooses]" };
        var silent = new Option<bool>("--non-endorsing") { Description = "Its peer reads and submits but does not run chaincode." };
        var policies = NamedValues.Option("--policy", "CHAINCODE=POLICY",
            $"Define a chaincode anew with this endorsement policy; '{EndorsementPolicyText.Majority}' is more than half of those that endorse.");
        return Command("add-org", "Makes an organization a member of the running channel.", [org, port, silent, policies],
            (parsed, client, ct) => client.SendAsync("organizations", new JoinRequest(
                parsed.GetValue(org)!, parsed.GetValue(port), !parsed.GetValue(silent), Dictionary(parsed, policies)),
                AdminJson.Default.JoinRequest, ct));
    }

    private static Command IssueUser()
    {
        var org = Organization("The user's organization.");
        var name = new Option<string>("--name") { Description = "Name of the user: letters, digits, dots, dashes, underscores.", Required = true };
        var attributes = NamedValues.Option("--attr", "KEY=VALUE", "An attribute in the user's certificate, as Fabric CA writes them.");
        return Command("issue-user", "Issues a client identity and adds it to the connection file.", [org, name, attributes],
            (parsed, client, ct) => client.SendAsync("users", new UserRequest(
                parsed.GetValue(org)!, parsed.GetValue(name)!, Dictionary(parsed, attributes)), AdminJson.Default.UserRequest, ct));
    }

    private static Command Status() => Command(
        "status", "Says how the ledger is doing; exit status 1 while it takes no transactions.", [],
        (_, client, ct) => client.StatusAsync(ct));

    private static Option<string> Organization(string description) => new("--org") { Description = description, Required = true };

    private static Dictionary<string, string> Dictionary(ParseResult parsed, Option<string[]> option) =>
        NamedValues.Read(parsed, option).ToDictionary(value => value.Name, value => value.Value, StringComparer.Ordinal);

    private static Command Command(
        string name, string description, IEnumerable<Option> options, Func<ParseResult, AdminClient, CancellationToken, Task<StatusReport>> run)
    {
        var state = ServeOptions.StateOption();
        var json = new Option<bool>("--json") { Description = "Print the ledger's status as one JSON object instead of text." };
        var command = new Command(name, description);
        foreach (var option in options.Append(state).Append(json))
            command.Options.Add(option);
        command.SetAction(async (parsed, ct) =>
        {
            using var client = AdminClient.Open(parsed.GetValue(state)!);
            var status = await run(parsed, client, ct);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(status, AdminJson.Default.StatusReport)
                : Text(status));
            return status.Failure is null ? 0 : DevLedgerCommand.Failure;
        });
        return command;
    }

    private static string Text(StatusReport status)
    {
        var text = new StringBuilder();
        if (status.Issued is { } user)
            text.Append("User ").Append(user.Name).Append(" of ").Append(user.MspId).Append(" can act.\n  certificate      ").Append(user.Cert)
                .Append("\n  private key      ").Append(user.Key).Append('\n');
        text.Append("Channel ").Append(status.Channel).Append(" is at height ").Append(status.Height)
            .Append(".\n  connection file  ").Append(status.Connection);
        foreach (var gateway in status.Gateways)
            text.Append("\n  gateway          ").Append(gateway.Endpoint).Append("  ").Append(gateway.MspId);
        if (status.Failure is not null)
            text.Append("\nIt takes no transactions at the moment: ").Append(status.Failure);
        return text.ToString();
    }
}
