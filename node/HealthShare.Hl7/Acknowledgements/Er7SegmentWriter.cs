using System.Buffers;
using System.Text;
using HealthShare.Hl7.Mllp;

namespace HealthShare.Hl7.Acknowledgements;

/// <summary>Writes segments field by field; text is escaped, copied fields keep their bytes, save those that frame messages.</summary>
internal sealed class Er7SegmentWriter(IBufferWriter<byte> output, Er7Delimiters delimiters)
{
    public Er7SegmentWriter Begin(ReadOnlySpan<byte> identifier)
    {
        output.Write(identifier);
        if (identifier.SequenceEqual("MSH"u8))
            WriteEncodingCharacters();
        return this;
    }

    public Er7SegmentWriter End()
    {
        output.Write("\r"u8);
        return this;
    }

    public Er7SegmentWriter Empty(int count)
    {
        for (; count > 0; count--)
            output.Write([delimiters.Field]);
        return this;
    }

    public Er7SegmentWriter Text(string text) => Components(text);

    public Er7SegmentWriter Components(params ReadOnlySpan<string> parts)
    {
        output.Write([delimiters.Field]);
        WriteParts(parts, delimiters.Component);
        return this;
    }

    /// <summary>ERR-1 as it was until version 2.4: components, the last of which has sub-components.</summary>
    public Er7SegmentWriter Located(ReadOnlySpan<string> place, ReadOnlySpan<string> error)
    {
        Components(place);
        WriteDelimiter(delimiters.Component);
        WriteParts(error, delimiters.Subcomponent);
        return this;
    }

    /// <summary>Copies a field of the received header: as it stands where the delimiters are the same ones, else its text.</summary>
    public Er7SegmentWriter Copy(Er7Message received, int field)
    {
        if (received.Delimiters != delimiters)
            return Text(received.Header.Field(field).Text);
        output.Write([delimiters.Field]);
        output.Write(Frameable(received.Header.Field(field).Raw));
        return this;
    }

    private void WriteParts(ReadOnlySpan<string> parts, byte delimiter)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                WriteDelimiter(delimiter);
            // Our own words are ASCII, so they are the same bytes in every character set of a sender.
            Er7Escapes.Encode(Frameable(Encoding.ASCII.GetBytes(parts[i])), delimiters, output);
        }
    }

    // A framing byte would end the acknowledgement's frame, and at the end of a line it counts for no part of the message.
    internal static ReadOnlySpan<byte> Frameable(ReadOnlySpan<byte> bytes) =>
        bytes.ContainsAny(MllpFraming.StartOfFrame, MllpFraming.EndOfFrame)
            ? Array.FindAll(bytes.ToArray(), value => value is not (MllpFraming.StartOfFrame or MllpFraming.EndOfFrame))
            : bytes;

    private void WriteDelimiter(byte delimiter) => output.Write([delimiter == 0 ? (byte)' ' : delimiter]);

    private void WriteEncodingCharacters()
    {
        output.Write([delimiters.Field]);
        foreach (var value in (ReadOnlySpan<byte>)[delimiters.Component, delimiters.Repetition, delimiters.Escape,
            delimiters.Subcomponent, delimiters.Truncation])
        {
            if (value == 0)
                break;
            output.Write([value]);
        }
    }
}
