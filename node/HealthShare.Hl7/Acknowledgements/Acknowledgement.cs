using System.Buffers;
using System.Globalization;
using HealthShare.Hl7.Values;

namespace HealthShare.Hl7.Acknowledgements;

/// <summary>
/// Writes acknowledgements: MSH, MSA and one ERR per fault, in the delimiters and the version of the message they answer.
/// </summary>
public static class Acknowledgement
{
    /// <summary>Writes an acknowledgement.</summary>
    /// <param name="received">The message, or only its header (<see cref="Er7Message.ParseHeader"/>); null when not even that could be read.</param>
    /// <param name="code">Code of table 0008, such as AA.</param>
    /// <param name="controlId">MSH-10 of the acknowledgement, unique for its sender; at most 20 characters fit every version.</param>
    /// <param name="now">Time of the acknowledgement.</param>
    /// <param name="faults">What was wrong; empty when nothing was.</param>
    /// <returns>The acknowledgement's bytes, segments ended by CR, without MLLP framing.</returns>
    public static byte[] Write(
        Er7Message? received, string code, string controlId, DateTimeOffset now, params IReadOnlyList<MessageFault> faults)
    {
        var answer = Compose(received, code, controlId, now, faults, declaresSet: true);
        // A stray byte at the end of what is copied may, under the set declared, take the separator behind it along. Then the answer declares none:
        // that it is matched matters more.
        return received is null || received.Header.Field(18).IsEmpty || Answers(answer, received)
            ? answer
            : Compose(received, code, controlId, now, faults, declaresSet: false);
    }

    private static bool Answers(byte[] answer, Er7Message received) =>
        Er7Message.TryParse(answer, null, out var read, out _)
        && (read!.Delimiters != received.Delimiters
            || read.Segment("MSA"u8).Field(2).Raw.SequenceEqual(Er7SegmentWriter.Frameable(received.Header.Field(10).Raw)));

    private static byte[] Compose(
        Er7Message? received, string code, string controlId, DateTimeOffset now, IReadOnlyList<MessageFault> faults, bool declaresSet)
    {
        var output = new ArrayBufferWriter<byte>(256);
        // With a letter among the delimiters the codes of the answer would be cut apart or escaped: then it takes the standard's.
        var delimiters = received is { Delimiters: { ArePunctuation: true } own } ? own : Er7Delimiters.Standard;
        var header = received is null ? null : MessageHeader.Read(received);
        var version = header is { Version.Length: > 0 } ? header.Version : "2.5.1";
        var writer = new Er7SegmentWriter(output, delimiters);

        writer.Begin("MSH"u8);
        if (received is null)
            writer.Empty(4);
        else
            writer.Copy(received, 5).Copy(received, 6).Copy(received, 3).Copy(received, 4);
        writer.Text(now.UtcDateTime.ToString("yyyyMMddHHmmss+0000", CultureInfo.InvariantCulture)).Empty(1);
        writer.Components("ACK", header?.TriggerEvent ?? "", header?.TriggerEvent is { Length: > 0 } ? "ACK" : "");
        writer.Text(controlId).Text(header is { ProcessingId.Length: > 0 } ? header.ProcessingId : "P").Text(version);
        // All of it: where the text switches sets, a later repetition says so, and what is copied may do that too.
        if (declaresSet && received is not null && !received.Header.Field(18).IsEmpty)
            writer.Empty(5).Copy(received, 18);
        writer.End();

        writer.Begin("MSA"u8).Text(code);
        if (received is null)
            writer.Empty(1);
        else
            writer.Copy(received, 10);
        // MSA-3 carries the words for readers of versions that know no ERR-8; it is empty when all is well.
        if (faults.Count > 0)
            writer.Text(faults[0].Reason);
        writer.End();

        foreach (var fault in faults)
            WriteFault(writer, fault, version);
        return output.WrittenSpan.ToArray();
    }

    private static void WriteFault(Er7SegmentWriter writer, MessageFault fault, string version)
    {
        var place = new[] { fault.Segment ?? "", Number(fault.SegmentNumber), Number(fault.Field) };
        writer.Begin("ERR"u8);
        if (string.CompareOrdinal(version, "2.5") < 0)
        {
            // Until 2.4, ERR-1 is segment, sequence, field and the coded error as sub-components.
            writer.Located(place, [fault.Code, fault.Text, "HL70357"]).End();
            return;
        }
        writer.Empty(1).Components(place[0].Length > 0 ? place : [""]).Components(fault.Code, fault.Text, "HL70357")
            .Text("E").Empty(3).Text(fault.Reason).End();
    }

    private static string Number(int value) => value > 0 ? value.ToString(CultureInfo.InvariantCulture) : "";
}
