using System.Globalization;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>Says why a value that is needed is not there.</summary>
internal static class Er7Absence
{
    public static Er7Error Explain(Er7Message message, Er7Path path)
    {
        var identifier = Encoding.ASCII.GetBytes(path.Segment);
        var segment = message.Segment(identifier, path.Occurrence);
        if (segment.IsPresent)
        {
            var value = path.In(message);
            return new Er7Error(Er7Fault.FieldMissing, $"{path} is {(value.IsNull ? "null (\"\")" : value.IsPresent ? "empty" : "absent")}.",
                value.Offset, path.Segment, segment.Index + 1, path.Field);
        }
        var reason = path.Occurrence > 1
            ? string.Create(CultureInfo.InvariantCulture, $"The message has fewer than {path.Occurrence} {path.Segment} segments.")
            : $"The message has no {path.Segment} segment.";
        // A lost segment end glues a segment to the one before it, where it would pass for a part of the last field.
        var glued = Glued(message, identifier);
        return glued is { } at
            ? new Er7Error(Er7Fault.SegmentMissing, $"{reason} '{path.Segment}' stands inside segment {at.Index + 1}: a segment end may be missing before it.",
                at.Offset, path.Segment, at.Index + 1)
            : new Er7Error(Er7Fault.SegmentMissing, reason, message.Bytes.Length, path.Segment);
    }

    private static (int Index, int Offset)? Glued(Er7Message message, byte[] identifier)
    {
        byte[] start = [.. identifier, message.Delimiters.Field];
        for (var i = 0; i < message.SegmentCount; i++)
        {
            if (message[i].Raw is { Length: > 3 } raw && raw[3..].IndexOf(start) is var found and >= 0)
                return (i, message[i].Offset + 3 + found);
        }
        return null;
    }
}
