using System.Net.Sockets;
using HealthShare.Hl7;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Sandbox.Stories;

/// <summary>Sends every HL7 message of a folder to North and says how each was acknowledged.</summary>
internal static class IntakeStory
{
    /// <summary>Plays it. True when every message was answered; which answer it got is for the reader.</summary>
    public static async Task<bool> PlayAsync(Consortium consortium, DirectoryInfo folder, TextWriter output, CancellationToken ct)
    {
        var codes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var unanswered = 0;
        var files = folder.EnumerateFiles("*.hl7", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal).ToList();
        if (files.Count == 0)
            throw new SandboxException($"'{folder.FullName}' holds no file whose name ends in .hl7.", isUsage: true);
        for (var i = 0; i < files.Count; i++)
        {
            foreach (var piece in Er7File.Split(await File.ReadAllBytesAsync(files[i].FullName, ct)).Where(piece => piece.Kind is Er7PieceKind.Message))
            {
                var code = await SendAsync(consortium, piece.Bytes, ct);
                codes[code] = codes.GetValueOrDefault(code) + 1;
                unanswered += code is NoAnswer ? 1 : 0;
            }
            if ((i + 1) % 50 == 0 || i + 1 == files.Count)
                await output.WriteLineAsync($"{i + 1} of {files.Count} files sent");
        }
        await output.WriteLineAsync($"acknowledgements: {string.Join(", ", codes.Select(entry => $"{entry.Key} {entry.Value}"))}");
        return unanswered == 0;
    }

    private const string NoAnswer = "none";

    // A connection per message: one that North closes over a bad message must not cost the next its answer.
    private static async Task<string> SendAsync(Consortium consortium, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        try
        {
            await using var mllp = await MllpClient.ConnectAsync(
                "127.0.0.1", consortium.Ports.Mllp(SandboxMember.North.Number), cancellationToken: ct);
            return (await mllp.SendAsync(message, ct)).Code;
        }
        catch (Exception e) when (e is MllpException or SocketException)
        {
            return NoAnswer;
        }
        catch (Exception e) when (e is Er7Exception or ArgumentException)
        {
            return "not sent: no control id, or not ER7";
        }
    }
}
