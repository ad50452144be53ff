using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Classification;

/// <summary>
/// Finds codes that make a message sensitive, in whatever coded field they stand: a label that is missed is worse than one too
/// many, so every field is looked at, the alternate code as well.
/// </summary>
internal sealed class SensitiveCodes
{
    private const int LongestCode = 64;
    private readonly Dictionary<(string System, string Code), List<string>> exact = [];
    private readonly Dictionary<string, List<(string Prefix, string Label)>> prefixes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> services = new(StringComparer.Ordinal);
    private readonly HashSet<string> systems = new(StringComparer.Ordinal);

    public SensitiveCodes(IEnumerable<LabelRule> rules)
    {
        foreach (var rule in rules)
        {
            foreach (var set in rule.Codes)
            {
                foreach (var system in (set.Aliases ?? []).Prepend(set.System))
                    Add(system.ToUpperInvariant(), set.Codes, rule.Label);
            }
            foreach (var service in rule.HospitalServices ?? [])
                Of(services, service.ToUpperInvariant()).Add(rule.Label);
        }
    }

    public SortedSet<string> LabelsOf(Er7Message message)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < message.SegmentCount; i++)
        {
            var segment = message[i];
            foreach (var field in segment.Fields())
            {
                if (field.Raw.Contains(message.Delimiters.Component))
                    Look(field, found);
            }
            if (segment.Identifier.SequenceEqual("PV1"u8)
                && services.TryGetValue(segment.Field(10).Component(1).Text.Trim().ToUpperInvariant(), out var labels))
                found.UnionWith(labels);
        }
        return found;
    }

    private void Look(Er7Value field, SortedSet<string> found)
    {
        foreach (var repetition in field.Repetitions())
        {
            Look(repetition.Component(1), repetition.Component(3), found);
            Look(repetition.Component(4), repetition.Component(6), found);
        }
    }

    private void Look(Er7Value code, Er7Value system, SortedSet<string> found)
    {
        if (code.IsEmpty || system.IsEmpty || code.Raw.Length > LongestCode || system.Raw.Length > LongestCode)
            return;
        var name = system.Text.Trim().ToUpperInvariant();
        if (!systems.Contains(name))
            return;
        var value = code.Text.Trim().ToUpperInvariant();
        if (exact.TryGetValue((name, value), out var labels))
            found.UnionWith(labels);
        if (prefixes.TryGetValue(name, out var beginnings))
            found.UnionWith(beginnings.Where(p => value.StartsWith(p.Prefix, StringComparison.Ordinal)).Select(p => p.Label));
    }

    private void Add(string system, IReadOnlyList<string> codes, string label)
    {
        systems.Add(system);
        foreach (var code in codes.Select(code => code.ToUpperInvariant()))
        {
            if (code.EndsWith('*'))
                Of(prefixes, system).Add((code[..^1], label));
            else
                Of(exact, (system, code)).Add(label);
        }
    }

    private static List<TItem> Of<TKey, TItem>(Dictionary<TKey, List<TItem>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }
}
