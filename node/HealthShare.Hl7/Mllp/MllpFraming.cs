namespace HealthShare.Hl7.Mllp;

/// <summary>The bytes that frame a message in the Minimal Lower Layer Protocol (HL7 v2 transport specification, MLLP release 1).</summary>
public static class MllpFraming
{
    /// <summary>VT, opens a frame.</summary>
    public const byte StartOfFrame = 0x0B;

    /// <summary>FS, closes a frame; a CR follows.</summary>
    public const byte EndOfFrame = 0x1C;

    /// <summary>CR, follows <see cref="EndOfFrame"/>.</summary>
    public const byte CarriageReturn = 0x0D;

    /// <summary>A message in its frame.</summary>
    /// <exception cref="ArgumentException">The message holds a framing byte itself and cannot be framed.</exception>
    public static byte[] Wrap(ReadOnlySpan<byte> message)
    {
        if (message.ContainsAny(StartOfFrame, EndOfFrame))
            throw new ArgumentException("The message holds a byte that frames messages (0x0B or 0x1C).", nameof(message));
        var frame = new byte[message.Length + 3];
        frame[0] = StartOfFrame;
        message.CopyTo(frame.AsSpan(1));
        frame[^2] = EndOfFrame;
        frame[^1] = CarriageReturn;
        return frame;
    }
}
