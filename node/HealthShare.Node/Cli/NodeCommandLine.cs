using System.CommandLine;
using HealthShare.Node.Audit;
using HealthShare.Node.Auth;
using HealthShare.Node.Cli.Sending;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Content.Migration;
using HealthShare.Node.Intake.Desk;
using HealthShare.Node.Intake.Import;
using HealthShare.Node.Organizations;
using HealthShare.Node.Receipts;

namespace HealthShare.Node.Cli;

/// <summary>The commands of <c>healthshare</c>. Exit status: 0 success, 1 a finding or a failure, 2 wrong usage.</summary>
internal static class NodeCommandLine
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int WrongUsage = 2;

    // How long a signal may take to end the process. The node itself waits less for requests that are under way (30 s, the
    // host's own limit), and containers are given more (stop_grace_period).
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(35);

    /// <summary>Runs one command line to its end.</summary>
    /// <param name="args">What was typed after <c>healthshare</c>.</param>
    /// <param name="output">Where results go; null for the console.</param>
    /// <param name="error">Where complaints go; null for the console.</param>
    /// <param name="ct">Stops the command.</param>
    public static async Task<int> RunAsync(
        string[] args, TextWriter? output = null, TextWriter? error = null, CancellationToken ct = default)
    {
        var console = new InvocationConfiguration
        {
            Output = output ?? Console.Out, Error = error ?? Console.Error, ProcessTerminationTimeout = LongestStop,
        };
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync(console, ct);
        foreach (var fault in parsed.Errors)
            await console.Error.WriteLineAsync(fault.Message);
        await console.Error.WriteLineAsync("Try 'healthshare --help'.");
        return WrongUsage;
    }

    private static RootCommand Root() => new("HealthShare: a hospital's node, and tools for those who run or audit one.")
    {
        RunCommand.Create(),
        HealthCommand.Create(),
        OrganizationCommands.Create(),
        new Command("hl7", "Look into HL7 v2 messages, send them, and import files of them.")
        {
            Hl7InspectCommand.Create(), Hl7SendCommand.Create(), Hl7ImportCommand.Create(),
        },
        MessagesCommand.Create(),
        new Command("content", "Look after what this node's content store holds.") { ContentCheckCommand.Create(), ContentMigrateCommand.Create() },
        new Command("consent", "Work with patients' consents.") { ConsentDecideCommand.Create() },
        new Command("receipt", "Work with receipts of what patients signed.") { ReceiptVerifyCommand.Create() },
        RolesDocument.CreateCommand(),
        new Command("token", "Work with access tokens of programs.") { TokenCheckCommand.Create() },
        new Command("audit", "Check what the ledger and this node have recorded.") { AuditVerifyCommand.Create() },
    };
}
