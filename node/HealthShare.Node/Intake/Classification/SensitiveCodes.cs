using System.Text;
using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Classification;

/// <summary>
/// Finds codes that make a message sensitive, in whatever coded field they stand: a label that is missed is worse than one too
/// many, so every field is looked at, the alternate codes as well, and a code without a system counts as one of every system where a code must stand.
/// </summary>
internal sealed class SensitiveCodes
{
    private const string ConfidentialityTable = "HL70177";
    private const string RestrictionTable = "HL70717";

    // Fields that hold nothing but a code. In others what has no system may be a name, a number or a place.
    private static readonly HashSet<(string Segment, int Field)> CodedFields =
    [
        ("OBR", 4), ("OBR", 26), ("OBR", 31), ("OBR", 44), ("OBX", 3), ("DG1", 3), ("PRB", 3), ("PR1", 3), ("AL1", 3), ("IAM", 3),
        ("PV2", 3), ("FT1", 19), ("RXA", 5), ("RXD", 2), ("RXE", 2), ("RXG", 4), ("RXO", 1),
    ];

    // Types of OBX-5 (named by OBX-2) that hold a code.
    private static readonly HashSet<string> CodedTypes = new(StringComparer.OrdinalIgnoreCase) { "CE", "CF", "CNE", "CWE" };
    private readonly CodeTable codes;
    private readonly ILookup<string, string> services;
    private readonly ILookup<string, string> documents;
    private readonly ILookup<string, string> departments;

    public SensitiveCodes(IReadOnlyList<LabelRule> rules)
    {
        codes = new CodeTable(rules.SelectMany(rule => (rule.Codes ?? []).Select(set => (set, rule.Label))));
        services = By(rule => rule.HospitalServices);
        documents = By(rule => rule.DocumentTypes);
        departments = By(rule => rule.Departments);

        ILookup<string, string> By(Func<LabelRule, IReadOnlyList<string>?> values) =>
            rules.SelectMany(rule => (values(rule) ?? []).Select(value => (value, rule.Label)))
                .ToLookup(pair => pair.value.Trim(), pair => pair.Label, StringComparer.OrdinalIgnoreCase);
    }

    public SortedSet<string> LabelsOf(Er7Message message)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < message.SegmentCount; i++)
        {
            var segment = message[i];
            LookAtFields(message, segment, found);
            if (segment.Identifier.SequenceEqual("PV1"u8))
            {
                found.UnionWith(services[segment.Field(10).Component(1).Text.Trim()]);
                found.UnionWith(departments[segment.Field(3).Component(1).Text.Trim()]);
            }
            else if (segment.Identifier.SequenceEqual("TXA"u8))
            {
                found.UnionWith(documents[segment.Field(2).Component(1).Text.Trim()]);
                Bare(segment.Field(18), ConfidentialityTable, found);
            }
            else if (segment.Identifier.SequenceEqual("ORC"u8))
                Bare(segment.Field(28), ConfidentialityTable, found);
            else if (segment.Identifier.SequenceEqual("ARV"u8)) // also one that is being deleted: it tells what there is
                Bare(segment.Field(3), RestrictionTable, found);
            else if (segment.Identifier.SequenceEqual("DG1"u8)) // before version 2.3 the system of the code stood in DG1-2
                Bare(segment.Field(3), segment.Field(2).Component(1).Text, found);
        }
        return found;
    }

    private void LookAtFields(Er7Message message, Er7Segment segment, SortedSet<string> found)
    {
        var name = Encoding.ASCII.GetString(segment.Identifier);
        var number = 0;
        foreach (var field in segment.Fields())
        {
            var coded = IsCoded(segment, name, ++number);
            if (coded || field.Raw.IndexOfAny(message.Delimiters.Component, message.Delimiters.Subcomponent) >= 0)
                codes.Look(field, found, coded);
        }
    }

    // DG1-2 says of which system DG1-3 is, where it is filled.
    private static bool IsCoded(Er7Segment segment, string name, int field) => (name, field) switch
    {
        ("DG1", 3) => segment.Field(2).IsEmpty || segment.Field(2).IsNull,
        ("OBX", 5) => CodedTypes.Contains(segment.Field(2).Component(1).Text.Trim()),
        _ => CodedFields.Contains((name, field)),
    };

    // Fields with a table of their own often leave out the name of the system.
    private void Bare(Er7Value field, string system, SortedSet<string> found)
    {
        foreach (var repetition in field.Repetitions())
        {
            if (repetition.Component(3).IsEmpty)
                codes.Look(repetition.Component(1), system, found);
        }
    }
}
