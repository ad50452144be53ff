using System.Buffers;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>
/// Writes changed messages. Each call gives a new message in which everything but the one change is, byte for byte, what it was: line ends,
/// framing, unknown segments, odd escapes. A call copies the message once.
/// </summary>
public static class Er7Writing
{
    /// <summary>The message with other text at a place. What lies before it and was never written is added as empty.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">The place; MSH-1, MSH-2 and MSH-18 decide how all the rest reads and cannot be set.</param>
    /// <param name="text">The text; delimiters and line ends in it are escaped.</param>
    /// <exception cref="FormatException">The path is none.</exception>
    /// <exception cref="ArgumentException">The place cannot be set, its segment is absent, or the text has a character that the message's character set has not.</exception>
    public static Er7Message With(this Er7Message message, string path, string text)
    {
        ArgumentNullException.ThrowIfNull(message);
        var strict = (Encoding)message.Encoding.Clone();
        strict.EncoderFallback = EncoderFallback.ExceptionFallback;
        try
        {
            return message.WithRaw(path, strict.GetBytes(Er7Escapes.Escape(text, message.Delimiters)));
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException($"The text has a character that the message's character set ({strict.WebName}) has not.", nameof(text));
        }
    }

    /// <summary>The message with explicit null (<c>""</c>) at a place.</summary>
    /// <inheritdoc cref="With" path="/exception"/>
    public static Er7Message WithNull(this Er7Message message, string path) => message.WithRaw(path, "\"\""u8);

    /// <summary>The message with other bytes at a place, escapes and delimiters in them as they shall stand.</summary>
    /// <exception cref="FormatException">The path is none.</exception>
    /// <exception cref="ArgumentException">
    /// The place cannot be set, its segment is absent, or the bytes end a segment or a frame or would not be read back at that place.
    /// </exception>
    /// <exception cref="Er7Exception">The result would be larger than a message may be.</exception>
    public static Er7Message WithRaw(this Er7Message message, string path, ReadOnlySpan<byte> raw)
    {
        ArgumentNullException.ThrowIfNull(message);
        var place = Er7Path.Parse(path);
        if (place is { Segment: "MSH", Field: 1 or 2 or 18 })
            throw new ArgumentException($"{path} decides how the whole message reads and cannot be set.", nameof(path));
        Forbid(raw);
        var segment = message.Segment(Encoding.ASCII.GetBytes(place.Segment), place.Occurrence);
        if (!segment.IsPresent)
            throw new ArgumentException($"The message has no segment for {path}; insert it first.", nameof(path));

        var missing = new ArrayBufferWriter<byte>();
        var value = segment.Field(place.Field);
        if (!value.IsPresent)
            Separate(message.Delimiters.Field, place.Field - segment.FieldCount);
        value = Descend(value, Math.Max(place.Repetition, 1), message.Delimiters.Repetition, place is { Repetition: > 0 } or { Component: > 0 },
            static (field, number) => field.Repetition(number), static field => field.RepetitionCount);
        value = Descend(value, Math.Max(place.Component, 1), message.Delimiters.Component, place.Component > 0,
            static (repetition, number) => repetition.Component(number), static repetition => repetition.ComponentCount);
        value = Descend(value, place.Subcomponent, message.Delimiters.Subcomponent, place.Subcomponent > 0,
            static (component, number) => component.Subcomponent(number), static component => component.SubcomponentCount);
        missing.Write(raw);
        var changed = Splice(message, value.Offset, value.Raw.Length, missing.WrittenSpan);
        // A delimiter of a higher level, or a part of a character of several bytes, would make other fields of the neighbours.
        return changed.SegmentCount == message.SegmentCount && place.In(changed).Raw.SequenceEqual(raw)
            ? changed
            : throw new ArgumentException($"With these bytes at {path} other fields would read differently.", nameof(raw));

        Er7Value Descend(
            Er7Value from, int number, byte delimiter, bool wanted, Func<Er7Value, int, Er7Value> part, Func<Er7Value, int> count)
        {
            if (!wanted)
                return from;
            if (!from.IsPresent)
            {
                Separate(delimiter, number - 1);
                return from;
            }
            var found = part(from, number);
            if (!found.IsPresent)
                Separate(delimiter, number - Math.Max(count(from), 1));
            return found;
        }

        void Separate(byte delimiter, int count)
        {
            if (count > 0 && delimiter == 0)
                throw new ArgumentException($"The message has no delimiter to write {path} with.", nameof(path));
            missing.GetSpan(Math.Max(count, 1))[..count].Fill(delimiter);
            missing.Advance(count);
        }
    }

    /// <summary>The message without one of its segments, other than MSH.</summary>
    public static Er7Message Without(this Er7Message message, Er7Segment segment)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!segment.IsPresent || segment.Index == 0)
            throw new ArgumentException("A message cannot be without its MSH segment, nor without one it has not.", nameof(segment));
        // Its own end goes with it; the last one takes the end before it, so that the message still ends as it did.
        var (start, end) = (segment.Offset, segment.Offset + segment.Raw.Length);
        if (segment.Index + 1 < message.SegmentCount)
            end = message[segment.Index + 1].Offset;
        else
            start = message[segment.Index - 1].Offset + message[segment.Index - 1].Raw.Length;
        return Splice(message, start, end - start, default);
    }

    /// <summary>The message with a further segment behind one of its segments, ended as that one is.</summary>
    /// <param name="message">The message.</param>
    /// <param name="after">Position of the segment before it, from 0.</param>
    /// <param name="segment">The segment without its end, in the message's delimiters and character set.</param>
    public static Er7Message WithSegment(this Er7Message message, int after, ReadOnlySpan<byte> segment)
    {
        ArgumentNullException.ThrowIfNull(message);
        Forbid(segment);
        var before = message[after];
        var at = before.Offset + before.Raw.Length;
        byte[] added = [.. EndAt(message.Bytes.Span, at), .. segment];
        return Splice(message, at, 0, added);
    }

    /// <summary>The line end at a place; CR, the standard's own, where there is none.</summary>
    private static ReadOnlySpan<byte> EndAt(ReadOnlySpan<byte> bytes, int at) => bytes[at..] switch
    {
        [(byte)'\r', (byte)'\n', ..] => "\r\n"u8,
        [(byte)'\n', ..] => "\n"u8,
        _ => "\r"u8,
    };

    private static void Forbid(ReadOnlySpan<byte> raw)
    {
        if (raw.ContainsAny("\r\n\u000b\u001c"u8))
            throw new ArgumentException("The bytes hold one that ends a segment or frames a message.", nameof(raw));
    }

    private static Er7Message Splice(Er7Message message, int offset, int length, ReadOnlySpan<byte> with)
    {
        var bytes = message.Bytes.Span;
        var result = new byte[checked(bytes.Length - length + with.Length)];
        bytes[..offset].CopyTo(result);
        with.CopyTo(result.AsSpan(offset));
        bytes[(offset + length)..].CopyTo(result.AsSpan(offset + with.Length));
        return Er7Message.Parse(result);
    }
}
