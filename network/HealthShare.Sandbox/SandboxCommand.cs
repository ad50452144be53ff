using System.CommandLine;
using HealthShare.Sandbox.Stories;

namespace HealthShare.Sandbox;

/// <summary>The sandbox's command line.</summary>
internal static class SandboxCommand
{
    private const int Failure = 1, WrongUsage = 2;

    /// <summary>Runs one command line to its end. Exit status: 0 success, 1 a failure, 2 wrong usage.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count == 0)
        {
            // Nodes finish what they have begun when the sandbox is told to stop; two seconds would be too short for that.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });
        }
        foreach (var fault in parsed.Errors)
            await error.WriteLineAsync(fault.Message);
        await error.WriteLineAsync("--help lists the options.");
        return WrongUsage;
    }

    private static RootCommand Create()
    {
        var portBase = new Option<int>("--port-base")
        {
            Description = "First of the ports: HTTP from N+1, MLLP from N+11, ledger from N+21, chaincode N+31, OpenID provider N+41.",
            DefaultValueFactory = _ => 5100,
        };
        portBase.Validators.Add(result =>
        {
            // What is no number at all is the parser's to complain about.
            if (int.TryParse(result.Tokens.SingleOrDefault()?.Value, out var given) && given is < 1024 or > 65000)
                result.AddError("--port-base must be from 1024 to 65000.");
        });
        var state = new Option<DirectoryInfo?>("--state")
        {
            Description = "Folder that keeps ledger, databases, content and keys between starts. "
                + "[default: .sandbox, with --story .sandbox-story]",
        };
        var reset = new Option<bool>("--reset") { Description = "Empty the state folder first." };
        var story = new Option<bool>("--story")
        {
            Description = "Empty the state folder, play the whole story, print each step, and exit 0 if every one is as it should be, else 1.",
        };
        var ipfs = new Option<bool>("--ipfs")
        {
            Description = "Keep the hospitals' records in three real IPFS daemons, a private swarm. Needs Node.js 20 and, the first time, npm's registry.",
        };
        var messages = new Option<DirectoryInfo>("--messages")
        {
            Description = "Send every message of the .hl7 files in this folder to North, print how each was acknowledged, and exit.",
        };
        messages.AcceptExistingOnly();
        var root = new RootCommand(
            "Starts a whole HealthShare consortium on this machine: three hospitals, a regulator, the ledger and its chaincode.")
        {
            portBase, state, reset, ipfs, story, messages,
        };
        root.SetAction((parse, ct) => RunAsync(
            new SandboxOptions
            {
                PortBase = parse.GetValue(portBase),
                // The story empties its folder: it must not cost anybody the state that a sandbox kept.
                State = parse.GetValue(state) ?? new DirectoryInfo(parse.GetValue(story) ? ".sandbox-story" : ".sandbox"),
                Reset = parse.GetValue(reset),
                Ipfs = parse.GetValue(ipfs),
                Story = parse.GetValue(story),
                Messages = parse.GetValue(messages),
            }, ct));
        return root;
    }

    private static async Task<int> RunAsync(SandboxOptions options, CancellationToken ct)
    {
        try
        {
            using var folder = StateFolder.Take(options);
            if (options.Messages is not null)
                return await PlayMessagesAsync(options, options.Messages, ct) ? 0 : Failure;
            return options.Story
                ? await Story.PlayAsync(options, Console.Out, ct) ? 0 : Failure
                : await ServeAsync(options, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return 0;
        }
        catch (SandboxException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e.IsUsage ? WrongUsage : Failure;
        }
        catch (StoryException e)
        {
            await Console.Error.WriteLineAsync($"The sample patients could not be made: {e.Message}. Start again: it goes on where it stopped.");
            return Failure;
        }
    }

    private static async Task<bool> PlayMessagesAsync(SandboxOptions options, DirectoryInfo messages, CancellationToken ct)
    {
        await using var consortium = await Consortium.StartAsync(options, Console.Out, ct);
        return await IntakeStory.PlayAsync(consortium, messages, Console.Out, ct);
    }

    private static async Task<int> ServeAsync(SandboxOptions options, CancellationToken ct)
    {
        Console.WriteLine("Starting the ledger, the chaincode and four nodes …");
        await using var consortium = await Consortium.StartAsync(options, Console.Out, ct);
        await SamplePatients.EnsureAsync(consortium, ct);
        await SampleStaffKeys.EnsureAsync(consortium, ct);
        await EnrolmentLinks.RenewAsync(consortium, ct);
        Welcome.Print(consortium, Console.Out);
        await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        return 0;
    }
}
