using System.Buffers;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>
/// Puts messages together again that a sender split (HL7 v2, chapter 2, section 2.10.2): DSC-1 of a part is MSH-14 of the next one,
/// and an ADD segment carries on the last field of the segment before it.
/// </summary>
public static class Er7Continuation
{
    /// <summary>The pointer to the part that follows (DSC-1), or one that is empty where the message is whole or ends here.</summary>
    public static Er7Value Next(Er7Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Segment("DSC"u8).Field(1);
    }

    /// <summary>
    /// Joins the parts of a message in their order; one part with ADD segments and nothing to follow is joined in itself. A message with neither ADD
    /// nor DSC is returned as it is. The result has the first part's MSH, the segments of all others, and no ADD or DSC that did its work. A PID or PV1
    /// that a later part repeats byte for byte, to be about the same patient and visit, stands in the result once.
    /// </summary>
    /// <exception cref="ArgumentException">There is no part.</exception>
    /// <exception cref="Er7Exception">
    /// A part is missing or belongs to another message; the exception names the part's MSH-14 or DSC-1, or the PID or PV1 that is another than the one before.
    /// </exception>
    public static Er7Message Join(params IReadOnlyList<Er7Message> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0)
            throw new ArgumentException("There is no part to join.", nameof(parts));
        if (parts.Count == 1 && parts[0].Count("ADD"u8) == 0 && Next(parts[0]).IsEmpty)
            return parts[0];
        for (var i = 0; i < parts.Count; i++)
            Check(parts, i);

        var output = new ArrayBufferWriter<byte>(parts.Sum(static part => part.Bytes.Length));
        Er7Segment patient = default, visit = default;
        for (var i = 0; i < parts.Count; i++)
        {
            Append(parts[i], first: i == 0, patient, visit, output);
            patient = patient.IsPresent ? patient : parts[i].Segment("PID"u8);
            visit = visit.IsPresent ? visit : parts[i].Segment("PV1"u8);
        }
        output.Write("\r"u8);
        return Er7Message.Parse(output.WrittenSpan.ToArray());
    }

    private static void Check(IReadOnlyList<Er7Message> parts, int index)
    {
        var (part, pointer) = (parts[index], Next(parts[index]));
        var last = index == parts.Count - 1;
        if (last != pointer.IsEmpty)
        {
            throw new Er7Exception(new Er7Error(Er7Fault.ContinuationInvalid,
                last ? "The message is continued (DSC-1) and the part that follows is missing." : "A part is followed by others and names none of them (DSC-1).",
                pointer.Offset, "DSC", part.Segment("DSC"u8) is { IsPresent: true } dsc ? dsc.Index + 1 : 0, 1));
        }
        if (index == 0)
            return;
        var name = part.Header.Field(14);
        if (part.Delimiters != parts[0].Delimiters)
            throw Invalid(part.Header.Field(2), 2, "A part of the message has other delimiters than the first one.");
        if (!name.Raw.SequenceEqual(Next(parts[index - 1]).Raw))
            throw Invalid(name, 14, "MSH-14 is not the pointer (DSC-1) of the part before it.");

        static Er7Exception Invalid(Er7Value at, int field, string reason) =>
            new(new Er7Error(Er7Fault.ContinuationInvalid, reason, at.Offset, "MSH", 1, field));
    }

    private static void Append(Er7Message part, bool first, Er7Segment patient, Er7Segment visit, ArrayBufferWriter<byte> output)
    {
        for (var i = first ? 0 : 1; i < part.SegmentCount; i++)
        {
            var segment = part[i];
            if (segment.Identifier.SequenceEqual("DSC"u8) || Repeats(segment, patient) || Repeats(segment, visit))
                continue;
            if (segment.Identifier.SequenceEqual("ADD"u8) && output.WrittenCount > 0)
            {
                // A bare ADD only announces that the next part carries the segment on.
                output.Write(segment.Raw.Length > 4 ? segment.Raw[4..] : default);
                continue;
            }
            if (output.WrittenCount > 0)
                output.Write("\r"u8);
            output.Write(segment.Raw);
        }
    }

    // What an earlier part stated of patient or visit; with another one, somebody else's segments would become this patient's.
    private static bool Repeats(Er7Segment segment, Er7Segment stated)
    {
        if (!stated.IsPresent || !segment.Identifier.SequenceEqual(stated.Identifier))
            return false;
        if (segment.Raw.SequenceEqual(stated.Raw))
            return true;
        throw new Er7Exception(new Er7Error(Er7Fault.ContinuationInvalid, "A later part names another patient or visit than the parts before it.",
            segment.Offset, Encoding.ASCII.GetString(segment.Identifier), segment.Index + 1));
    }
}
