using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using HealthShare.Hl7;

namespace HealthShare.Node.Cli;

/// <summary><c>healthshare hl7 inspect FILE…</c>: what the messages of HL7 files say about themselves, one JSON object on a line each.</summary>
public static class Hl7InspectCommand
{
    /// <summary>Makes the <c>inspect</c> command, to be placed under <c>hl7</c>. Exit status 0, or 1 when a file cannot be read or holds no message.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "HL7 v2 files in ER7 form: one message, several, a batch, or MLLP frames.",
            Arity = ArgumentArity.OneOrMore,
        };
        var values = new Option<bool>("--values")
        {
            Description = "Print every value instead: an array of fields, repetitions, components and sub-components for each segment.",
        };
        var command = new Command("inspect", """
            Print one JSON object per message: header, patient and segment counts. One that cannot be read gives the reason and the place instead.
            Exit status: 0 every file was read and holds a message, readable or not; 1 one does not or cannot be read; 2 wrong usage.
            """)
        { files, values };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetRequiredValue(files),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(values), ct));
        return command;
    }

    /// <summary>Inspects files in their order.</summary>
    /// <param name="files">Paths; they are printed as given.</param>
    /// <param name="output">Takes the JSON lines.</param>
    /// <param name="errors">Takes a line for each file that cannot be read.</param>
    /// <param name="values">Whether to print every value instead of the facts.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    /// <returns>0, or 1 when a file could not be read or holds no message.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> files, TextWriter output, TextWriter errors, bool values, CancellationToken cancellationToken)
    {
        var exit = 0;
        foreach (var file in files)
        {
            byte[] bytes;
            try
            {
                bytes = await File.ReadAllBytesAsync(file, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await errors.WriteLineAsync($"{file}: cannot be read: {e.Message}");
                exit = 1;
                continue;
            }
            var pieces = Er7File.Split(bytes);
            if (!pieces.Any(piece => piece.Kind is Er7PieceKind.Message))
                exit = 1;
            foreach (var line in Inspect(file, bytes, pieces, values))
                await output.WriteLineAsync(line);
        }
        return exit;
    }

    /// <summary>The JSON lines of one file.</summary>
    public static IEnumerable<string> Inspect(string file, ReadOnlyMemory<byte> bytes, bool values = false) =>
        Inspect(file, bytes, Er7File.Split(bytes), values);

    private static IEnumerable<string> Inspect(string file, ReadOnlyMemory<byte> bytes, IEnumerable<Er7Piece> pieces, bool values)
    {
        var encoding = Utf8.IsValid(bytes.Span) ? Encoding.UTF8 : Encoding.Latin1;
        var index = 0;
        foreach (var piece in pieces)
        {
            if (piece.Kind is Er7PieceKind.Message)
            {
                yield return Er7Message.TryParse(piece.Bytes, null, out var message, out var error)
                    ? values ? Hl7ValuesJson.Write(file, index, message!) : Serialize(Facts(file, index, message!, encoding))
                    : Serialize(file, index, error! with { Offset = error.Offset + piece.Offset });
                index++;
            }
            else if (piece.Kind is Er7PieceKind.Stray)
            {
                yield return Serialize(file, index++,
                    new Er7Error(Er7Fault.OutsideMessage, "Lines that belong to no message: no MSH segment before them.", piece.Offset));
            }
        }
        if (index == 0)
            yield return Serialize(file, 0, new Er7Error(Er7Fault.HeaderMissing, "The file holds no message: no MSH segment.", 0));
    }

    private static MessageFacts Facts(string file, int index, Er7Message message, Encoding encoding)
    {
        var header = message.Header;
        var patient = message.Segment("PID"u8);
        var segments = new Dictionary<string, int>();
        for (var i = 0; i < message.SegmentCount; i++)
        {
            var identifier = encoding.GetString(message[i].Identifier);
            segments[identifier] = segments.GetValueOrDefault(identifier) + 1;
        }
        return new MessageFacts(file, index, Raw(header.Field(9)), Raw(header.Field(10)), Raw(header.Field(12)),
            Raw(patient.Field(3).Subcomponent(1)), Raw(patient.Field(5).Subcomponent(1)), Raw(patient.Field(5).Component(2).Subcomponent(1)),
            segments, message.SegmentCount, message.Count("OBX"u8));

        string Raw(Er7Value value) => encoding.GetString(value.Raw);
    }

    private static string Serialize(MessageFacts facts) => JsonSerializer.Serialize(facts, InspectJson.Default.MessageFacts);

    private static string Serialize(string file, int index, Er7Error error) => JsonSerializer.Serialize(
        new MessageProblem(file, index, error.ToString(), error.Offset), InspectJson.Default.MessageProblem);
}

/// <summary>What a message says about itself; values as they stand in the message, "" where absent.</summary>
internal sealed record MessageFacts(
    string File, int Index, string Msh9, string Msh10, string Msh12,
    [property: JsonPropertyName("pid3_1")] string PatientId,
    [property: JsonPropertyName("pid5_1")] string FamilyName,
    [property: JsonPropertyName("pid5_2")] string GivenName,
    Dictionary<string, int> Segments, int SegmentTotal, int Obx);

/// <summary>Why a message could not be read; <c>Offset</c> counts the file's bytes from 0.</summary>
internal sealed record MessageProblem(string File, int Index, string Error, int Offset);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MessageFacts))]
[JsonSerializable(typeof(MessageProblem))]
internal sealed partial class InspectJson : JsonSerializerContext;
