using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>Events of a visit and what cancels them; appointments.</summary>
internal static class VisitLineage
{
    // Chapter 3 of the standard: the event, and the one that takes it back.
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["A01"] = "admit", ["A04"] = "admit", ["A02"] = "transfer", ["A03"] = "discharge", ["A05"] = "preadmit", ["A09"] = "departure", ["A10"] = "arrival",
        ["A14"] = "pending admit", ["A15"] = "pending transfer", ["A16"] = "pending discharge", ["A21"] = "leave", ["A22"] = "return", ["A54"] = "doctor",
    };

    private static readonly Dictionary<string, string> Cancels = new(StringComparer.Ordinal)
    {
        ["A11"] = "admit", ["A12"] = "transfer", ["A13"] = "discharge", ["A38"] = "preadmit", ["A33"] = "departure", ["A32"] = "arrival",
        ["A27"] = "pending admit", ["A26"] = "pending transfer", ["A25"] = "pending discharge", ["A52"] = "leave", ["A53"] = "return", ["A55"] = "doctor",
    };

    /// <summary>The visit itself: nothing in it takes another's place.</summary>
    public static LineageItem Of(string visit) => new($"visit|{visit}", LineageAction.None, Belongs: true, null, LineageStatus.None);

    public static List<LineageItem> Events(Er7Message message, string trigger, AuthorityNames authorities) =>
        Series.Visit(message, authorities) is not { } visit ? []
        : Kinds.TryGetValue(trigger, out var kind) ? [new LineageItem($"{kind}|{visit}", LineageAction.None, Belongs: true, null, LineageStatus.None)]
        : Cancels.TryGetValue(trigger, out var cancelled) ? [new LineageItem($"{cancelled}|{visit}", LineageAction.Cancel, Belongs: false, null, LineageStatus.None)]
        : [];

    public static List<LineageItem> Appointments(Er7Message message, string trigger, AuthorityNames authorities)
    {
        var sch = message.Segment("SCH"u8);
        if ((Series.Entity(message, sch.Field(2), authorities) ?? Series.Entity(message, sch.Field(1), authorities)) is not { } number)
            return [];
        var action = trigger is "S15" or "S17" ? LineageAction.Cancel : trigger is "S16" or "S26" ? LineageAction.Add : LineageAction.State;
        return [new LineageItem($"appointment|{number}", action, Belongs: true, [], LineageStatus.None)];
    }
}
