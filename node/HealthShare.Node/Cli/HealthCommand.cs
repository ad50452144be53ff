using System.CommandLine;

namespace HealthShare.Node.Cli;

/// <summary>
/// <c>healthshare health</c>: asks the node that runs on this machine with these settings how it is. For supervisors and
/// containers, which have no HTTP client of their own.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    public static Command Create()
    {
        var config = NodeSettings.ConfigOption();
        var live = new Option<bool>("--live") { Description = "Ask only whether the node serves, not whether it is ready." };
        var command = new Command("health", "Ask the node that runs here whether it is ready: exit status 0 when it is, else 1.") { config, live };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, settings => AskAsync(
                settings, parsed.GetValue(live), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, ct)));
        return command;
    }

    private static async Task<int> AskAsync(IConfiguration settings, bool live, TextWriter output, TextWriter error, CancellationToken ct)
    {
        using var client = LocalNode.Connect(settings, Patience);
        try
        {
            using var answer = await client.GetAsync(new Uri(live ? "/health/live" : "/health/ready", UriKind.Relative), ct);
            await output.WriteLineAsync(await answer.Content.ReadAsStringAsync(ct));
            return answer.IsSuccessStatusCode ? NodeCommandLine.Success : NodeCommandLine.Failure;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            await error.WriteLineAsync($"No node answers at {client.BaseAddress}: {e.Message}");
            return NodeCommandLine.Failure;
        }
    }
}
