using System.Globalization;
using System.Text.Json;
using HealthShare.Node.Cli;

namespace HealthShare.Node.Intake.Desk;

/// <summary>Prints messages, for people or for programs.</summary>
internal sealed class MessageReport(TextWriter output, bool json)
{
    public async Task<int> PageAsync(MessagePage page)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(page, DeskJson.Default.MessagePage));
            return NodeCommandLine.Success;
        }
        foreach (var message in page.Messages)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{message.Id}  {Time(message.ReceivedAt)}  {message.State,-11}  {message.Type ?? "-",-7}  {message.Size,9}  {message.ReasonCode}"));
        }
        await output.WriteLineAsync(page.Next is null
            ? $"{page.Messages.Count} messages."
            : $"{page.Messages.Count} messages; there are more: --cursor {page.Next}");
        return NodeCommandLine.Success;
    }

    public async Task<int> MessageAsync(MessageStatus message)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(message, DeskJson.Default.MessageStatus));
            return NodeCommandLine.Success;
        }
        foreach (var (name, value) in Facts(message))
        {
            if (value is not null)
                await output.WriteLineAsync($"{name,-12}{value}");
        }
        foreach (var step in message.Steps ?? [])
            await output.WriteLineAsync($"  {Time(step.At)}  {step.Step,-12} {step.Actor}{(step.Detail is null ? "" : ": " + step.Detail)}");
        return NodeCommandLine.Success;
    }

    public Task DoneAsync(MessageStatus message, string what) => json
        ? output.WriteLineAsync(JsonSerializer.Serialize(message, DeskJson.Default.MessageStatus))
        : output.WriteLineAsync($"{message.Id} {what}.");

    /// <summary>Says something to people; to programs the objects say it, or that there are none.</summary>
    public Task SayAsync(string sentence) => json ? Task.CompletedTask : output.WriteLineAsync(sentence);

    private static IEnumerable<(string, string?)> Facts(MessageStatus message) =>
    [
        ("message", message.Id), ("state", message.State), ("received", $"{Time(message.ReceivedAt)} by {message.Door}"),
        ("size", string.Create(CultureInfo.InvariantCulture, $"{message.Size} bytes")), ("type", message.Type), ("facility", message.Facility),
        ("patient", message.PatientId), ("record", message.RecordId), ("reason", message.ReasonCode), ("", message.Reason),
        ("attempts", message.Attempts > 0 ? message.Attempts.ToString(CultureInfo.InvariantCulture) : null),
        ("repeated", message.Repetitions > 0 ? message.Repetitions.ToString(CultureInfo.InvariantCulture) : null),
        ("control id", message.ControlIdReused ? "used by its facility for other content as well" : null),
    ];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "Z";
}
