namespace HealthShare.Hl7.Values;

/// <summary>A coded value (data types CE, CWE and CNE): a code, its words and its code system, with an alternate. Absent parts are "".</summary>
/// <param name="Code">Code, component 1.</param>
/// <param name="Text">Words, component 2.</param>
/// <param name="System">Code system, component 3, such as <c>LN</c> for LOINC.</param>
/// <param name="AlternateCode">Code, component 4.</param>
/// <param name="AlternateText">Words, component 5.</param>
/// <param name="AlternateSystem">Code system, component 6.</param>
public sealed record CodedValue(
    string Code, string Text, string System, string AlternateCode, string AlternateText, string AlternateSystem)
{
    /// <summary>Reads a field (its first repetition) or one of its repetitions.</summary>
    public static CodedValue Read(Er7Value value) => new(
        value.Component(1).Text, value.Component(2).Text, value.Component(3).Text,
        value.Component(4).Text, value.Component(5).Text, value.Component(6).Text);
}
