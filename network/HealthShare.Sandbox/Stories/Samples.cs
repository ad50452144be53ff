namespace HealthShare.Sandbox.Stories;

/// <summary>The HL7 messages that ship with the sandbox. The people in them are invented.</summary>
internal static class Samples
{
    public const string Registration = "01-registration.hl7";
    public const string Glucose = "02-glucose.hl7";
    public const string Hiv = "03-hiv.hl7";
    public const string ChestImage = "04-chest-image.hl7";

    /// <summary>Number of the story's patient at North, as PID-3 of the messages states it, and who assigned it.</summary>
    public const string PatientNumber = "N-100234", PatientNumberAuthority = "NORTH";

    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(Samples).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".hl7", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public static byte[] Read(string name)
    {
        using var stream = typeof(Samples).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"There is no sample '{name}'.", nameof(name));
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
