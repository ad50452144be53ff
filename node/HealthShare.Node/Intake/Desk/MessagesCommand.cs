using System.CommandLine;
using System.Globalization;
using HealthShare.Node.Cli;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Desk;

/// <summary>
/// <c>healthshare messages</c>: what came in at the node that runs here, and the way out of quarantine. It asks the node, which alone writes
/// its database and notes who did what. Exit status: 0 done, 1 a failure, 2 wrong usage.
/// </summary>
internal static class MessagesCommand
{
    private const int MostListed = 500;

    public static Command Create() =>
        new("messages", "See what came in at the node that runs here, and take messages out of quarantine.") { List(), Show(), Replay(), Discard() };

    private static Command List()
    {
        var state = new Option<string?>("--state") { Description = "Only those in this state.", HelpName = "STATE" };
        state.AcceptOnlyFromAmong([.. Enum.GetValues<IntakeState>().Select(StateName.Of)]);
        var since = Time("--since", "Only those received at this time or later, such as 2026-11-21T08:00Z.");
        var until = Time("--until", "Only those received before this time.");
        var facility = new Option<string?>("--facility") { Description = "Only those of a facility: its token, or MSH-4 as messages state it, such as NORTH or NORTH^1.2.3^ISO.", HelpName = "NAME" };
        var controlId = new Option<string?>("--control-id") { Description = "Only those with this control id (MSH-10); needs --facility as messages state it, which may be \"\".", HelpName = "ID" };
        var reused = new Option<bool>("--reused") { Description = "Only those whose control id was used for other content as well." };
        var cursor = new Option<string?>("--cursor") { Description = "Go on where an earlier list ended.", HelpName = "CURSOR" };
        var limit = new Option<int>("--limit") { Description = $"Most messages, 1 to {MostListed}.", HelpName = "N", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "List messages, newest first; never their contents.")
        {
            state, since, until, facility, controlId, reused, cursor, limit,
        };
        DeskCall.AddTo(command, async (parsed, call, ct) =>
        {
            var query = Query(("state", parsed.GetValue(state)), ("from", Text(parsed.GetValue(since))), ("to", Text(parsed.GetValue(until))),
                ("facility", parsed.GetValue(facility)), ("controlId", parsed.GetValue(controlId)), ("reused", parsed.GetValue(reused) ? "true" : null),
                ("cursor", parsed.GetValue(cursor)), ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)));
            return await call.GetAsync("/api/v1/messages?" + query, DeskAnswerJson.Default.MessagePage, ct) is { } page
                ? await call.Report.PageAsync(page)
                : call.Failure;
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("ID") { Description = "Id of the message, im-…" };
        var command = new Command("show", "Show one message and what was done with it, when and by whom.") { id };
        DeskCall.AddTo(command, async (parsed, call, ct) =>
            await call.GetAsync(DeskCall.Address(parsed.GetRequiredValue(id)), DeskAnswerJson.Default.MessageStatus, ct) is { } message
                ? await call.Report.MessageAsync(message)
                : call.Failure);
        return command;
    }

    private static Command Replay()
    {
        var ids = Ids(ArgumentArity.ZeroOrMore);
        var all = new Option<bool>("--all") { Description = "Every message in quarantine, but for rests of split messages: look at those first." };
        var code = new Option<string?>("--code") { Description = "With --all: only those in quarantine for this reason, such as patient.conflict.", HelpName = "CODE" };
        var command = new Command("replay", """
            Take messages out of quarantine and through all steps again, once their cause was mended, and tell how each ends.
            Exit status 1 where one is back in quarantine; what takes longer than ten seconds goes on by itself.
            """) { ids, all, code };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ids)!.Length == 0 != result.GetValue(all))
                result.AddError("Name messages, or all by --all.");
            if (result.GetValue(code) is not null && !result.GetValue(all))
                result.AddError("--code goes with --all.");
        });
        DeskCall.AddTo(command, async (parsed, call, ct) =>
        {
            // Lists begin with the newest, and messages about one person take effect in the order in which they are sent through.
            List<string> named = parsed.GetValue(all)
                ? await call.QuarantinedAsync(parsed.GetValue(code), ct).Reverse().ToListAsync(ct)
                : [.. parsed.GetValue(ids)!];
            if (call.Failure != NodeCommandLine.Success)
                return call.Failure; // a page is missing: older ones than these may be on it
            var sent = new List<string>();
            foreach (var id in named)
            {
                if (await call.PostAsync(DeskCall.Address(id) + "/replay", null, ct) is not null)
                    sent.Add(id);
            }
            var exit = await call.FollowAsync(sent, ct);
            if (call.PassedOver > 0)
                await call.PassedOverAsync();
            else if (named.Count == 0 && call.Failure == NodeCommandLine.Success)
                await call.Report.SayAsync("No message in quarantine" + (parsed.GetValue(code) is { } reason ? $" for {reason}." : "."));
            return call.Failure == NodeCommandLine.Success ? exit : call.Failure;
        });
        return command;
    }

    private static Command Discard()
    {
        var ids = Ids(ArgumentArity.ZeroOrMore);
        var all = new Option<bool>("--all") { Description = "Every message in quarantine for the reason that --code names." };
        var code = new Option<string?>("--code") { Description = "With --all: the reason, such as message.field_missing.", HelpName = "CODE" };
        var yes = new Option<bool>("--yes") { Description = "With --all: do it. Without, only how many they are is said." };
        var reason = new Option<string>("--reason") { Description = "Why; it is kept with the message, so name no patient.", HelpName = "TEXT", Required = true };
        var command = new Command("discard", "Take messages out of quarantine for good: their contents are deleted.") { ids, all, code, yes, reason };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ids)!.Length == 0 != result.GetValue(all))
                result.AddError("Name messages, or all of one reason by --all --code.");
            if ((result.GetValue(code) is null) == result.GetValue(all))
                result.AddError("--all and --code go together: what is in quarantine for several reasons is discarded reason by reason.");
            if (result.GetValue(reason) is { } why && !new DiscardOrder(why).IsGood) // once, not by the node for each message
                result.AddError($"--reason {DiscardOrder.Rule}.");
            if (result.GetValue(yes) && !result.GetValue(all))
                result.AddError("--yes goes with --all.");
        });
        DeskCall.AddTo(command, async (parsed, call, ct) =>
        {
            var named = parsed.GetValue(all) ? call.QuarantinedAsync(parsed.GetValue(code), ct) : parsed.GetValue(ids)!.ToAsyncEnumerable();
            if (parsed.GetValue(all) && !parsed.GetValue(yes))
            {
                var count = await named.CountAsync(ct);
                if (call.Failure != NodeCommandLine.Success)
                    return call.Failure;
                await call.SayAsync($"{count} messages are in quarantine for {parsed.GetValue(code)}. Nothing is discarded without --yes; with it their contents are deleted.");
                return NodeCommandLine.WrongUsage;
            }
            var (done, left) = (0, 0);
            await foreach (var id in named.WithCancellation(ct))
            {
                var discarded = await call.PostAsync(DeskCall.Address(id) + "/discard", new DiscardOrder(parsed.GetRequiredValue(reason)), ct);
                (done, left) = discarded is null ? (done, left + 1) : (done + 1, left);
                if (discarded is not null)
                    await call.Report.DoneAsync(discarded, "discarded");
            }
            if (parsed.GetValue(all))
                await call.Report.SayAsync($"{done} messages discarded, {left} not.");
            return call.Failure;
        });
        return command;
    }

    private static Argument<string[]> Ids(ArgumentArity arity) => new("ID") { Description = "Ids of messages, im-…", Arity = arity };

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name) { Description = description, HelpName = "TIME" };

    private static string? Text(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Query(params (string Name, string? Value)[] parts) =>
        string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
}
