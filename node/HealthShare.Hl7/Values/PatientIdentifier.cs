namespace HealthShare.Hl7.Values;

/// <summary>A patient's number with who assigned it (data type CX, as in PID-3).</summary>
/// <param name="Id">The number, component 1; never empty.</param>
/// <param name="Authority">Assigning authority, component 4.</param>
/// <param name="Type">Identifier type of table 0203, component 5, such as <c>MR</c>; "" where absent or null.</param>
public sealed record PatientIdentifier(string Id, AssigningAuthority Authority, string Type)
{
    /// <summary>The repetitions of PID-3 that carry a number, in their order. Repetitions that are empty or <c>""</c> are passed over.</summary>
    public static IReadOnlyList<PatientIdentifier> ReadAll(Er7Message message) => ReadAll(message.Segment("PID"u8).Field(3));

    /// <summary>The same of any field of that type, such as MRG-1.</summary>
    public static IReadOnlyList<PatientIdentifier> ReadAll(Er7Value field)
    {
        var all = new List<PatientIdentifier>();
        foreach (var repetition in field.Repetitions())
        {
            var id = repetition.Component(1);
            if (!id.IsEmpty && !id.IsNull && id.Text.Trim() is { Length: > 0 } text)
                all.Add(new(text, AssigningAuthority.ReadComponent(repetition.Component(4)), repetition.Component(5) is { IsNull: false } type ? type.Text : ""));
        }
        return all;
    }
}
