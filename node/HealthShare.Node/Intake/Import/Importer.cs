using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Node.Intake.Receiving;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Intake.Import;

/// <summary>
/// Brings files to the node through its HTTP door, some messages at a time: the running node alone writes its journal, and its rules, limits
/// and back-pressure hold for this door as for the others.
/// </summary>
internal sealed class Importer(HttpClient node, ImportNote note, ImportReport report, TimeSpan patience, TimeProvider clock)
{
    private const int MostTogether = 100;
    private const int MostBytesTogether = 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private int mostBytes = MostBytesTogether; // less once the node takes less

    /// <summary>Imports one file. A message that is longer than the node takes is reported and left out: the file then counts as failed.</summary>
    /// <exception cref="ImportStoppedException">The node refuses the caller, or does not answer any more: the same import can go on later.</exception>
    public async Task ImportAsync(FileInfo file, CancellationToken ct)
    {
        byte[] bytes;
        try
        {
            if (file.Length > Array.MaxLength)
            {
                await FailAsync(file, "it is longer than 2 GiB, the most that is read at once, and nothing of it was sent: cut it in front of a line that begins with MSH, or of a whole batch or file (BHS, FHS).");
                return;
            }
            bytes = await File.ReadAllBytesAsync(file.FullName, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await report.FileFailedAsync(file.FullName, e.Message); // no word of its content: where it is missing the next time, that is no end of it
            return;
        }
        // What the node would refuse as a whole is not sent in pieces of which it would take each.
        if (BatchReceiver.Fault(bytes, int.MaxValue, out var pieces) is { } fault)
        {
            await FailAsync(file, $"nothing of it was sent: {fault}");
            return;
        }
        var messages = FileMessage.Read(pieces);
        var tooLong = 0;
        for (var done = Before(messages, note.OffsetOf(file), bytes.Length); done < messages.Count;)
        {
            var together = FileMessage.Together(messages, done, MostTogether, mostBytes);
            var (result, receipt) = await SendAsync(file, together, ct);
            if (result is Result.Refused)
                return;
            if (result is Result.TooLong && together.Count > 1)
            {
                mostBytes = together.Sum(message => message.Bytes.Length) / 2;
                continue;
            }
            if (receipt is null)
            {
                tooLong++;
                await report.SayAsync($"{file.FullName}: message {done + 1}, from byte {together[0].Offset}, is longer than the node takes and was not sent.");
            }
            else
            {
                await report.TakenAsync(file, done, messages.Count, receipt);
            }
            done += together.Count;
            if (tooLong == 0) // the next run tries it again, and what follows it has no second effect
                note.Add(file, done < messages.Count ? messages[done].Offset : bytes.Length);
        }
        if (tooLong > 0)
            await FailAsync(file, $"{tooLong} of {messages.Count} messages are longer than the node takes (HealthShare:Intake:MaxMessageBytes); the others were sent.");
        else
            report.FileDone();
    }

    // What is wrong is the file itself, which may be taken away for that before the next run.
    private Task FailAsync(FileInfo file, string reason)
    {
        note.Fail(file);
        return report.FileFailedAsync(file.FullName, reason);
    }

    // How many messages end before a byte. One that only begins before it is sent again: it may have been read as several, and not all of them were sent.
    private static int Before(List<FileMessage> messages, long offset, int length) =>
        offset >= length ? messages.Count : Math.Max(0, messages.FindLastIndex(message => message.Offset <= offset));

    private async Task<(Result Result, BatchReceipt? Receipt)> SendAsync(FileInfo file, List<FileMessage> together, CancellationToken ct)
    {
        var silentSince = clock.GetTimestamp();
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/messages/batch", UriKind.Relative)) { Content = new ByteArrayContent(Joined(together)) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(MessageEndpoints.MediaType);
                request.Headers.ExpectContinue = true; // a body that is too long is refused before it is sent, and no connection breaks in its midst
                using var answer = await node.SendAsync(request, ct);
                if (answer.IsSuccessStatusCode)
                    return (Result.Answered, await answer.Content.ReadFromJsonAsync(ImportAnswerJson.Default.BatchReceipt, ct) ?? throw new JsonException("The answer is empty."));
                if (answer.StatusCode is HttpStatusCode.RequestEntityTooLarge)
                    return (Result.TooLong, null);
                var problem = await answer.Content.ReadFromJsonAsync(ImportAnswerJson.Default.ProblemDetails, ct);
                var words = problem?.Detail ?? problem?.Title ?? $"The node answers with status {(int)answer.StatusCode}.";
                switch (answer.StatusCode)
                {
                    case HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests: // it lives, and says when to come back
                        silentSince = clock.GetTimestamp();
                        await report.SayAsync($"Waiting for the node: {words}");
                        await Task.Delay(answer.Headers.RetryAfter?.Delta ?? Pause, clock, ct);
                        continue;
                    case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                        throw new ImportStoppedException(words, isUsage: true);
                    default:
                        await FailAsync(file, $"from byte {together[0].Offset} on nothing was taken: {words}");
                        return (Result.Refused, null);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                if (clock.GetElapsedTime(silentSince) > patience)
                    throw new ImportStoppedException($"No node answers at {node.BaseAddress} as it should: {e.Message}", isUsage: false);
                await Task.Delay(Pause < patience ? Pause : patience, clock, ct);
            }
        }
    }

    // Messages in parts go in parts: the node puts them together. One that goes alone goes whole, and without a byte more: it may be as long as one may be.
    private static byte[] Joined(List<FileMessage> messages)
    {
        if (messages is [var only])
            return only.Bytes.ToArray();
        var parts = messages.SelectMany(message => message.Parts).ToList();
        using var all = new MemoryStream(parts.Sum(part => part.Bytes.Length + 1));
        foreach (var part in parts)
        {
            all.Write(part.Bytes.Span);
            all.WriteByte((byte)'\r');
        }
        return all.ToArray();
    }

    private enum Result
    {
        Answered,
        TooLong, // sent in smaller steps, or left out where it is one message
        Refused, // the node does not take these, whenever they are sent; the file is left
    }
}

/// <summary>The import cannot go on now.</summary>
internal sealed class ImportStoppedException(string message, bool isUsage) : Exception(message)
{
    /// <summary>True when the caller has to change something, such as the token.</summary>
    public bool IsUsage { get; } = isUsage;
}

// The node leaves out what is null.
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(BatchReceipt))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ImportAnswerJson : JsonSerializerContext;
