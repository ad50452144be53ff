using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>Documents: known by TXA-12; TXA-13 names the one that they replace or add to.</summary>
internal static class DocumentLineage
{
    // A notice that a document was edited says nothing of what it says now: it takes no document's place.
    private static readonly string[] Content = ["content"];

    public static List<LineageItem> Read(Er7Message message, string trigger, AuthorityNames authorities)
    {
        var txa = message.Segment("TXA"u8);
        IReadOnlyList<string> parts = HasContent(message) ? Content : [];
        var status = StatusReader.Read(message, 1, message.SegmentCount);
        var items = new List<LineageItem>();
        if (Series.Entity(message, txa.Field(12), authorities) is { } own)
        {
            var isOff = trigger == "T11" || txa.Field(19).Text.Trim() == "CA";
            items.Add(new LineageItem($"document|{own}", isOff ? LineageAction.Cancel : LineageAction.State, Belongs: true, parts, status));
        }
        if (Series.Entity(message, txa.Field(13), authorities) is { } parent)
            items.Add(new LineageItem($"document|{parent}", trigger is "T09" or "T10" ? LineageAction.State : LineageAction.Add, Belongs: false, parts, status));
        return items;
    }

    private static bool HasContent(Er7Message message)
    {
        foreach (var obx in message.Segments("OBX"u8))
        {
            if (!obx.Field(5).IsEmpty && !obx.Field(5).IsNull)
                return true;
        }
        return false;
    }
}
