using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Hl7;
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

    /// <summary>Imports one file.</summary>
    /// <exception cref="ImportStoppedException">The node refuses the caller, or does not answer any more: the same import can go on later.</exception>
    public async Task ImportAsync(FileInfo file, CancellationToken ct)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(file.FullName, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await report.FileFailedAsync(file.FullName, e.Message);
            return;
        }
        var pieces = Er7File.Split(bytes);
        var messages = pieces.Where(piece => piece.Kind is Er7PieceKind.Message).ToList();
        if (messages.Count == 0 || Er7Envelopes.Check(pieces) is [_, ..])
        {
            await report.FileFailedAsync(file.FullName, messages.Count == 0
                ? "there is no message in it: no MSH segment."
                : $"nothing of it was sent: {Er7Envelopes.Check(pieces)[0]}");
            return;
        }
        for (var done = note.DoneOf(file); done < messages.Count;)
        {
            var together = Together(messages, done);
            if (await SendAsync(file, together, ct) is not { } receipt)
                return;
            await report.TakenAsync(file, done, messages.Count, receipt);
            done += together.Count;
            note.Add(file, done);
        }
        report.FileDone();
    }

    private static List<Er7Piece> Together(List<Er7Piece> messages, int from)
    {
        var bytes = 0;
        return [.. messages.Skip(from).Take(MostTogether).TakeWhile((piece, i) => (bytes += piece.Bytes.Length) <= MostBytesTogether || i == 0)];
    }

    // Null: the node does not take these, whenever they are sent; the file is left.
    private async Task<BatchReceipt?> SendAsync(FileInfo file, List<Er7Piece> together, CancellationToken ct)
    {
        var silentSince = clock.GetTimestamp();
        while (true)
        {
            try
            {
                using var content = new ByteArrayContent(Joined(together));
                content.Headers.ContentType = new MediaTypeHeaderValue(MessageEndpoints.MediaType);
                using var answer = await node.PostAsync(new Uri("/api/v1/messages/batch", UriKind.Relative), content, ct);
                if (answer.IsSuccessStatusCode)
                    return await answer.Content.ReadFromJsonAsync(ImportAnswerJson.Default.BatchReceipt, ct);
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
                        await report.FileFailedAsync(file.FullName, $"from byte {together[0].Offset} on nothing was taken: {words}");
                        return null;
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

    private static byte[] Joined(List<Er7Piece> messages)
    {
        using var all = new MemoryStream(messages.Sum(piece => piece.Bytes.Length + 1));
        foreach (var message in messages)
        {
            all.Write(message.Bytes.Span);
            all.WriteByte((byte)'\r');
        }
        return all.ToArray();
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
