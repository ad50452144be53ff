namespace HealthShare.Hl7.Values;

/// <summary>A person's name (data types PN and XPN). Absent parts are "".</summary>
/// <param name="Family">Family name: first sub-component of component 1.</param>
/// <param name="Given">Given name, component 2.</param>
/// <param name="Middle">Further given names, component 3.</param>
public sealed record PersonName(string Family, string Given, string Middle)
{
    /// <summary>Reads a field (its first repetition) or one of its repetitions, such as PID-5.</summary>
    public static PersonName Read(Er7Value value) =>
        new(value.Subcomponent(1).Text, value.Component(2).Text, value.Component(3).Text);
}
