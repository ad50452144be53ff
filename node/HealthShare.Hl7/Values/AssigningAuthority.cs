namespace HealthShare.Hl7.Values;

/// <summary>Who assigned an identifier, or which facility or application is meant (data type HD). Absent parts are "", and so are those that are null (<c>""</c>).</summary>
/// <param name="Namespace">Local name.</param>
/// <param name="UniversalId">Identifier that is unique everywhere, such as an OID.</param>
/// <param name="UniversalIdType">What kind of identifier that is, such as <c>ISO</c>.</param>
public sealed record AssigningAuthority(string Namespace, string UniversalId, string UniversalIdType)
{
    /// <summary>Whether nothing is known of the authority.</summary>
    public bool IsEmpty => Namespace.Length == 0 && UniversalId.Length == 0;

    /// <summary>
    /// One text that stands for the authority: type and universal id where there is one (they outlive local renaming), else the namespace.
    /// </summary>
    public string Key => UniversalId.Length > 0
        ? $"{UniversalIdType.ToUpperInvariant()}:{UniversalId}"
        : Namespace;

    /// <summary>Reads a field whose components are the parts, such as MSH-4.</summary>
    public static AssigningAuthority ReadField(Er7Value value) =>
        Read(value.Component(1), value.Component(2), value.Component(3));

    /// <summary>Reads a component whose sub-components are the parts, such as PID-3.4.</summary>
    public static AssigningAuthority ReadComponent(Er7Value value) =>
        Read(value.Subcomponent(1), value.Subcomponent(2), value.Subcomponent(3));

    /// <summary>Reads the three parts, wherever they stand.</summary>
    public static AssigningAuthority Read(Er7Value name, Er7Value universalId, Er7Value universalIdType) =>
        new(TextOf(name), TextOf(universalId), TextOf(universalIdType));

    // Blanks and null name nobody: taken for a name they would put the numbers of all senders who write them into one space.
    private static string TextOf(Er7Value part) => part.IsNull ? "" : part.Text.Trim();
}
