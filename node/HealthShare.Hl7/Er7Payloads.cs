namespace HealthShare.Hl7;

/// <summary>A document or an image inside a message: one value of type ED.</summary>
/// <param name="Path">Its place: segment, field and repetition.</param>
/// <param name="Type">ED-2, type of data, such as <c>application</c> or <c>IM</c>.</param>
/// <param name="Subtype">ED-3, such as <c>pdf</c>.</param>
/// <param name="Encoding">ED-4: <c>A</c>, <c>Hex</c> or <c>Base64</c>.</param>
/// <param name="Data">ED-5 as it stands.</param>
public readonly record struct Er7Payload(Er7Path Path, Er7Value Type, Er7Value Subtype, Er7Value Encoding, Er7Value Data);

/// <summary>Finds what a message encapsulates.</summary>
public static class Er7Payloads
{
    /// <summary>All values of OBX-5 whose type (OBX-2) is ED, in their order, in one pass; one without data is passed over.</summary>
    public static IEnumerable<Er7Payload> Find(Er7Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var occurrence = 0;
        for (var i = message.Next("OBX"u8, 0); i >= 0; i = message.Next("OBX"u8, i + 1))
        {
            var segment = message[i];
            occurrence++;
            if (!segment.Field(2).Raw.SequenceEqual("ED"u8))
                continue;
            var repetition = 0;
            foreach (var value in segment.Field(5).Repetitions())
            {
                repetition++;
                if (value.Component(5) is { IsEmpty: false } data)
                    yield return new Er7Payload(new Er7Path("OBX", occurrence, 5, repetition), value.Component(2), value.Component(3), value.Component(4), data);
            }
        }
    }
}
