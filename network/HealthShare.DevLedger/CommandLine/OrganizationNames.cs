namespace HealthShare.DevLedger.CommandLine;

/// <summary>From the short names of a command line to MSP ids and domains: <c>A</c> and <c>AMSP</c> both are AMSP, at a.example.</summary>
internal static class OrganizationNames
{
    private const string Suffix = "MSP";

    public static string MspId(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) && name.Length > Suffix.Length ? name : name + Suffix;

    public static string Domain(string name) => $"{MspId(name)[..^Suffix.Length].ToLowerInvariant()}.example";
}
