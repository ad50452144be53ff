using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Classification;

/// <summary>Finds what a message is about.</summary>
internal sealed class Categories(CategoryRules rules)
{
    private readonly CodeTable codes = new((rules.Codes ?? []).SelectMany(category => category.Codes.Select(set => (set, category.Category))));

    public SortedSet<string> Of(Er7Message message)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var obr in message.Segments("OBR"u8))
            Add(found, rules.DiagnosticSections, obr.Field(24));
        if (found.Count == 0)
            AddCodes(found, message);
        if (found.Count == 0)
            found.Add(OfType(message));
        foreach (var txa in message.Segments("TXA"u8))
            Add(found, rules.DocumentTypes, txa.Field(2));
        foreach (var pv1 in message.Segments("PV1"u8))
        {
            Add(found, rules.PatientClasses, pv1.Field(2));
            Add(found, rules.Departments, pv1.Field(3));
        }
        foreach (var (segment, category) in rules.Segments ?? new Dictionary<string, string>())
        {
            if (message.Count(System.Text.Encoding.ASCII.GetBytes(segment)) > 0)
                found.Add(category);
        }
        return found;
    }

    private void AddCodes(SortedSet<string> found, Er7Message message)
    {
        foreach (var obr in message.Segments("OBR"u8))
            codes.Look(obr.Field(4), found);
        if (found.Count > 0)
            return;
        foreach (var obx in message.Segments("OBX"u8))
            codes.Look(obx.Field(3), found);
    }

    private string OfType(Er7Message message)
    {
        var type = message.Header.Field(9);
        var code = type.Component(1).Text.Trim();
        return rules.MessageTypes.TryGetValue($"{code}^{type.Component(2).Text.Trim()}", out var exact) ? exact
            : rules.MessageTypes.TryGetValue(code, out var general) ? general
            : rules.Default;
    }

    private static void Add(SortedSet<string> found, IReadOnlyDictionary<string, string>? map, Er7Value value)
    {
        if (map is { Count: > 0 } && map.TryGetValue(value.Component(1).Text.Trim(), out var category))
            found.Add(category);
    }
}
