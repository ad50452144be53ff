using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>Orders, their results, and vaccinations: known by filler order number, else by placer order number.</summary>
internal static class OrderLineage
{
    /// <summary>Most observations of one order of which it is kept which they are.</summary>
    public const int MostParts = 256;

    // Table 0119: cancelled or discontinued, asked for or done.
    private static readonly HashSet<string> Ended = ["CA", "OC", "CR", "DC", "OD", "DR"];

    // One after the other, as they are asked for: a message may name a million.
    public static IEnumerable<LineageItem> Results(Er7Message message, AuthorityNames authorities)
    {
        Er7Segment orc = default;
        for (var i = 1; i < message.SegmentCount; i++)
        {
            if (message[i].Identifier.SequenceEqual("ORC"u8))
                orc = message[i];
            else if (message[i].Identifier.SequenceEqual("OBR"u8))
            {
                if (Number(message, authorities, message[i].Field(3), orc.Field(3), message[i].Field(2), orc.Field(2)) is { } number)
                    yield return Result($"result|{number}|{Series.Code(message[i].Field(4))}", message, i);
                orc = default;
            }
        }
    }

    public static IEnumerable<LineageItem> Orders(Er7Message message, AuthorityNames authorities)
    {
        for (var i = 1; i < message.SegmentCount; i++)
        {
            if (!message[i].Identifier.SequenceEqual("ORC"u8))
                continue;
            var detail = Next(message, i, "OBR"u8, "RXE"u8, "RXO"u8);
            var what = detail.Identifier.SequenceEqual("OBR"u8) ? detail.Field(4) : detail.Identifier.SequenceEqual("RXE"u8) ? detail.Field(2) : detail.Field(1);
            if (Number(message, authorities, message[i].Field(3), detail.Identifier.SequenceEqual("OBR"u8) ? detail.Field(3) : default, message[i].Field(2), default) is { } number)
                yield return new LineageItem($"order|{number}|{(detail.IsPresent ? Series.Code(what) : "")}", ActionOf(message[i].Field(1).Text, Ended), Belongs: true, [], StatusReader.Read(message, i, End(message, i)));
        }
    }

    public static IEnumerable<LineageItem> Vaccinations(Er7Message message, AuthorityNames authorities)
    {
        for (var i = 1; i < message.SegmentCount; i++)
        {
            if (message[i].Identifier.SequenceEqual("ORC"u8) && Next(message, i, "RXA"u8) is { IsPresent: true } given
                && Number(message, authorities, message[i].Field(3), default, message[i].Field(2), default) is { } number)
                yield return new LineageItem($"vaccination|{number}|{Series.Code(given.Field(5))}", ActionOf(given.Field(21).Text, ["D"]), Belongs: true, [], StatusReader.Read(message, i, End(message, i)));
        }
    }

    // Two observations of one code at different times are two: none of them takes the other's place.
    private static LineageItem Result(string series, Er7Message message, int at)
    {
        var obr = message[at];
        var parts = new HashSet<string>(StringComparer.Ordinal);
        var (observations, withdrawn) = (0, 0);
        var end = at + 1;
        while (end < message.SegmentCount && !message[end].Identifier.SequenceEqual("OBR"u8) && !message[end].Identifier.SequenceEqual("ORC"u8))
            end++;
        for (var i = at + 1; i < end; i++)
        {
            if (!message[i].Identifier.SequenceEqual("OBX"u8))
                continue;
            observations++;
            if (message[i].Field(11).Component(1).Raw is [(byte)'D'] or [(byte)'W'])
                withdrawn++;
            var time = message[i].Field(14).IsEmpty ? obr.Field(7) : message[i].Field(14);
            if (parts.Count <= MostParts)
                parts.Add($"{Series.Code(message[i].Field(3))}|{message[i].Field(4).Text}|{time.Component(1).Text}");
        }
        var isOff = obr.Field(25).Component(1).Raw is [(byte)'X'] || (observations > 0 && withdrawn == observations);
        return new LineageItem(
            series, isOff ? LineageAction.Cancel : LineageAction.State, Belongs: true, parts.Count > MostParts ? null : [.. parts], StatusReader.Read(message, at, end));
    }

    private static string? Number(Er7Message message, AuthorityNames authorities, params ReadOnlySpan<Er7Value> places)
    {
        for (var i = 0; i < places.Length; i++)
        {
            if (Series.Entity(message, places[i], authorities) is { } number)
                return i < 2 ? number : $"placer|{number}";
        }
        return null;
    }

    // What belongs to an order stands before the next one.
    private static int End(Er7Message message, int orc)
    {
        var end = orc + 1;
        while (end < message.SegmentCount && !message[end].Identifier.SequenceEqual("ORC"u8))
            end++;
        return end;
    }

    private static Er7Segment Next(Er7Message message, int orc, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other = default, ReadOnlySpan<byte> third = default)
    {
        var end = End(message, orc);
        for (var i = orc + 1; i < end; i++)
        {
            var identifier = message[i].Identifier;
            if (identifier.SequenceEqual(one) || identifier.SequenceEqual(other) || identifier.SequenceEqual(third))
                return message[i];
        }
        return default;
    }

    private static LineageAction ActionOf(string code, HashSet<string> ended) =>
        ended.Contains(code.Trim().ToUpperInvariant()) ? LineageAction.Cancel : LineageAction.State;
}
