using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Receiving;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>
/// Finds which earlier messages a message corrects, replaces or cancels: by filler order number, document number, appointment or visit. A
/// pure function of the message; docs/hl7.md states the rules.
/// </summary>
internal static class LineageReader
{
    private const int MostSeries = 64;

    /// <summary>The series of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sent">When it was sent.</param>
    /// <param name="authorities">Names of those who assign numbers.</param>
    public static LineageFacts? Read(Er7Message message, SentTime sent, AuthorityNames authorities)
    {
        var type = message.Header.Field(9);
        var (code, trigger) = (type.Component(1).Text.Trim().ToUpperInvariant(), type.Component(2).Text.Trim().ToUpperInvariant());
        IEnumerable<LineageItem> items = code switch
        {
            _ when message.Segment("TXA"u8).IsPresent => DocumentLineage.Read(message, trigger, authorities),
            "ORU" or "OUL" or "ORF" => OrderLineage.Results(message, authorities),
            "ORM" or "OMG" or "OML" or "OMI" or "OMP" or "OMB" or "OMN" or "OMS" or "OMD" or "RDE" => OrderLineage.Orders(message, authorities),
            "VXU" => OrderLineage.Vaccinations(message, authorities),
            "SIU" => VisitLineage.Appointments(message, trigger, authorities),
            "ADT" => VisitLineage.Events(message, trigger, authorities),
            _ => [],
        };
        var visit = Series.Visit(message, authorities);
        var merged = new Dictionary<(string Series, bool Belongs), Stated>();
        foreach (var item in items)
        {
            // With more, nobody could say what of it a later one takes the place of. What follows is not read: it may be any number.
            if (!merged.TryGetValue((item.Series, item.Belongs), out var stated) && merged.Count + (visit is null ? 0 : 1) == MostSeries)
                return null;
            if (stated is null)
                merged.Add((item.Series, item.Belongs), new Stated(item));
            else
                stated.Add(item);
        }
        List<LineageItem> all = [.. merged.Values.Select(stated => stated.Item)];
        if (visit is not null)
            all.Add(VisitLineage.Of(visit));
        var movesVisit = code == "ADT" && trigger == "A45";
        return all.Count == 0 && !movesVisit ? null : new LineageFacts(sent, all);
    }

    // One message may name a series twice; what it says of it is both.
    private sealed class Stated(LineageItem first)
    {
        private readonly HashSet<string>? parts = first.Parts is null ? null : new(first.Parts, StringComparer.Ordinal);
        private LineageAction action = first.Action;
        private LineageStatus status = first.Status;
        private bool isOfKnownParts = first.Parts is not null;

        public LineageItem Item => first with { Action = action, Status = status, Parts = isOfKnownParts ? [.. parts!] : null };

        public void Add(LineageItem other)
        {
            action = action == other.Action ? action : LineageAction.State;
            status = new LineageStatus(Math.Max(status.Rank, other.Status.Rank), status.Corrects || other.Status.Corrects);
            isOfKnownParts &= other.Parts is not null;
            if (!isOfKnownParts)
                return;
            parts!.UnionWith(other.Parts!);
            isOfKnownParts = parts.Count <= OrderLineage.MostParts;
        }
    }
}

/// <summary>How series are named.</summary>
internal static class Series
{
    /// <summary>A number of one order, document or appointment (data type EI) with who assigned it; null where there is none.</summary>
    public static string? Entity(Er7Message message, Er7Value value, AuthorityNames authorities)
    {
        var id = value.Component(1).Text.Trim();
        if (id.Length == 0 || value.Component(1).IsNull)
            return null;
        var authority = AssigningAuthority.Read(value.Component(2), value.Component(3), value.Component(4));
        return $"{Or(authority, message, authorities)}|{id}";
    }

    /// <summary>The visit: PV1-19, else the account PID-18; null where neither is stated.</summary>
    public static string? Visit(Er7Message message, AuthorityNames authorities) =>
        Number(message, message.Segment("PV1"u8).Field(19), authorities) ?? Number(message, message.Segment("PID"u8).Field(18), authorities);

    /// <summary>A number with who assigned it (data type CX); null where there is none.</summary>
    public static string? Number(Er7Message message, Er7Value value, AuthorityNames authorities)
    {
        var id = value.Component(1).Text.Trim();
        return id.Length == 0 || value.Component(1).IsNull ? null : $"{Or(AssigningAuthority.ReadComponent(value.Component(4)), message, authorities)}|{id}";
    }

    /// <summary>A code with its system, the alternate one where the first is empty.</summary>
    public static string Code(Er7Value value) => value.Component(1).IsEmpty
        ? $"{value.Component(4).Text.Trim()}^{value.Component(6).Text.Trim()}"
        : $"{value.Component(1).Text.Trim()}^{value.Component(3).Text.Trim()}";

    private static string Or(AssigningAuthority authority, Er7Message message, AuthorityNames authorities) =>
        authorities.KeyOf(authority.IsEmpty ? IntakeRules.SenderOf(message) : authority);
}
