using System.CommandLine;
using System.Globalization;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Node.Cli.Sending;

/// <summary>
/// <c>healthshare hl7 send FILE… --to mllp://host:port</c>: sends the messages of HL7 files to an MLLP listener. Exit status: 0 every message was
/// taken, 1 one was not or a file is not as it should be, 2 wrong usage.
/// </summary>
internal static class Hl7SendCommand
{
    private const int MaxConnections = 1000;

    /// <summary>Makes the <c>send</c> command, to be placed under <c>hl7</c>.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "HL7 v2 files in ER7 form: one message, several, a batch, or a recorded MLLP stream.", Arity = ArgumentArity.OneOrMore,
        };
        var to = new Option<string>("--to")
        {
            Description = "The listener, such as mllp://host:2575, or mllps://host:2575 with TLS.", HelpName = "ADDRESS", Required = true,
        };
        to.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && SendTarget.Check(token.Value) is { } fault)
                result.AddError(fault);
        });
        var connections = Number("--connections", $"Connections at once, 1 to {MaxConnections}; with more than one, messages may overtake each other.",
            1, 1, MaxConnections);
        var rate = new Option<double?>("--rate") { Description = "Most messages per second over all connections; without it, as many as are taken.", HelpName = "R" };
        rate.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number is not (> 0 and <= 1_000_000))
                result.AddError("--rate is a number above 0, at most 1000000.");
        });
        var wait = Number("--timeout", "Longest wait for one acknowledgement, in seconds, 1 to 3600.", 30, 1, 3600);
        var again = Number("--retries", "How often a message is sent again whose acknowledgement did not come, 0 to 20.", 3, 0, 20);
        var ca = File("--ca", "PEM file of the authorities that the listener's certificate must come from; without it, the system's.");
        var certificate = File("--certificate", "PEM file of this sender's certificate, for mutual TLS.");
        var key = File("--key", "PEM file of that certificate's private key.");
        var name = new Option<string?>("--server-name") { Description = "Name that the listener's certificate must bear; without it, the host's.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end, and no progress." };
        var command = new Command("send", """
            Send the messages of files to an MLLP listener, each acknowledged before the next one goes on its connection.
            A message whose acknowledgement does not come is sent again with the same control id.

            Example: healthshare hl7 send monday.hl7 --to mllp://127.0.0.1:2575 --connections 4 --rate 200
            """)
        {
            files, to, connections, rate, wait, again, ca, certificate, key, name, json,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(certificate) is null) != (result.GetValue(key) is null))
                result.AddError("--certificate and --key go together.");
            var tls = new Option[] { ca, certificate, key, name }.Any(option => result.GetResult(option) is { Implicit: false });
            if (tls && result.GetValue(to) is { } address && SendTarget.Check(address) is null && !SendTarget.IsSecure(address))
                result.AddError("--ca, --certificate, --key and --server-name need an address that begins with mllps://.");
        });
        command.SetAction((parsed, ct) =>
        {
            var console = parsed.InvocationConfiguration;
            return RunAsync(parsed.GetRequiredValue(files), parsed.GetRequiredValue(to),
                new TlsFiles(parsed.GetValue(ca), parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(name)),
                TimeSpan.FromSeconds(parsed.GetValue(wait)),
                target => new MessageSender(target, parsed.GetValue(connections), parsed.GetValue(rate), parsed.GetValue(again), TimeProvider.System),
                new SendReport(console.Output, console.Error, console.Error == Console.Error && !Console.IsErrorRedirected, parsed.GetValue(json), TimeProvider.System),
                console.Error, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(string[] files, string address, TlsFiles tls, TimeSpan wait, Func<MllpClientOptions, MessageSender> sender,
        SendReport report, TextWriter error, CancellationToken ct)
    {
        var tally = new SendTally(files.Sum(static file => new FileInfo(file) is { Exists: true } found ? found.Length : 0));
        MllpClientOptions target;
        try
        {
            target = SendTarget.Read(address, tls, wait);
        }
        catch (InvalidDataException e)
        {
            await error.WriteLineAsync(e.Message);
            return NodeCommandLine.WrongUsage;
        }
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var following = report.FollowAsync(tally, done.Token);
        string? stopped = null;
        try
        {
            await sender(target).RunAsync(OutgoingMessages.ReadAsync(files, tally, ct), tally, ct);
        }
        catch (NoListenerException e)
        {
            stopped = e.Message;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            stopped = "it was interrupted.";
        }
        finally
        {
            await done.CancelAsync();
            await following;
        }
        return await report.FinishAsync(tally, stopped ?? (ct.IsCancellationRequested ? "it was interrupted." : null));
    }

    private static Option<int> Number(string name, string description, int otherwise, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && (number < least || number > most))
                result.AddError($"{name} is a number from {least} to {most}.");
        });
        return option;
    }

    private static Option<FileInfo?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };
}
