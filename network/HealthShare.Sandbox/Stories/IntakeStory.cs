using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Mllp;
using HealthShare.Hl7.Values;

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

    private const string NoAnswer = "none", NoneWanted = "none asked for";
    private const int LargestAnswer = 1024 * 1024;

    // A connection per message: one that North closes over a bad message must not cost the next its answer.
    private static async Task<string> SendAsync(Consortium consortium, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        try
        {
            if (MayStayUnanswered(message))
                return await SendAndCloseAsync(consortium, message, ct);
            await using var mllp = await MllpClient.ConnectAsync(
                "127.0.0.1", consortium.Ports.Mllp(SandboxMember.North.Number), cancellationToken: ct);
            return (await mllp.SendAsync(message, ct)).Code;
        }
        catch (Exception e) when (e is MllpException or SocketException or IOException)
        {
            return NoAnswer;
        }
        catch (Exception e) when (e is Er7Exception or ArgumentException)
        {
            return "not sent: no control id, or not ER7";
        }
    }

    private static bool MayStayUnanswered(ReadOnlyMemory<byte> message) =>
        Er7Message.ParseHeader(message) is { } parsed && MessageHeader.Read(parsed) is var header
        && Enum.GetValues<Outcome>().Any(
            outcome => AcknowledgementCode.For(outcome, header.AcceptAcknowledgement, header.ApplicationAcknowledgement) is null);

    // North takes what was sent before it sees that nothing follows and closes: the end of the connection is an answer, too.
    private static async Task<string> SendAndCloseAsync(Consortium consortium, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, consortium.Ports.Mllp(SandboxMember.North.Number), ct);
        var stream = connection.GetStream();
        await stream.WriteAsync(MllpFraming.Wrap(message.Span), ct);
        connection.Client.Shutdown(SocketShutdown.Send);
        var answer = await new MllpFrameReader(PipeReader.Create(stream), LargestAnswer).ReadAsync(ct);
        return answer is null ? NoneWanted : Encoding.ASCII.GetString(Er7Message.Parse(answer).Segment("MSA"u8).Field(1).Raw);
    }
}
