using System.CommandLine;

namespace HealthShare.Node.Cli;

/// <summary><c>healthshare run</c>: starts the node and serves until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = NodeSettings.ConfigOption();
        var command = new Command("run", "Start this hospital's or regulator's node.") { config };
        command.SetAction((parsed, ct) => NodeSettings.WithAsync(
            parsed.GetValue(config), parsed.InvocationConfiguration.Error, async settings =>
            {
                await using var app = NodeApplication.Create(settings);
                await app.RunAsync(ct);
                return NodeCommandLine.Success;
            }));
        return command;
    }
}
