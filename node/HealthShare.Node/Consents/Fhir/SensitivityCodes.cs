namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// Which sensitivity codes of HL7 v3 ActCode lie under which. A rule about substance abuse is a rule about opioids, too.
/// </summary>
internal static class SensitivityCodes
{
    private static readonly Dictionary<string, string[]> Narrower = new(StringComparer.Ordinal)
    {
        ["SPI"] = ["BH", "COGN", "DVD", "EMOTDIS", "MH", "PSY", "PSYTHPN", "SUD", "ETH", "ETHUD", "OPIOIDUD"],
        ["BH"] = ["COGN", "DVD", "EMOTDIS", "MH", "PSY", "PSYTHPN", "SUD", "ETHUD", "OPIOIDUD"],
        ["MH"] = ["PSY", "PSYTHPN"],
        ["PSY"] = ["PSYTHPN"],
        ["SUD"] = ["ETHUD", "OPIOIDUD"],
        ["ETH"] = ["ETHUD", "OPIOIDUD"],
    };

    /// <summary>A code and all that lie under it.</summary>
    public static IEnumerable<string> WithNarrower(string code) => [code, .. Narrower.GetValueOrDefault(code, [])];
}
