namespace HealthShare.Sandbox;

/// <summary>One member of the sandbox's consortium.</summary>
/// <param name="Number">1 to 4; decides the member's ports.</param>
/// <param name="Key">Short name in lower case, used for host names and folders.</param>
/// <param name="Name">Name for people.</param>
/// <param name="MspId">The member's id on the channel.</param>
/// <param name="IsHospital">False for the regulator, which holds no records and does not endorse.</param>
internal sealed record SandboxMember(int Number, string Key, string Name, string MspId, bool IsHospital)
{
    public static SandboxMember North { get; } = new(1, "north", "North Hospital", "NorthMSP", true);

    public static SandboxMember South { get; } = new(2, "south", "South Hospital", "SouthMSP", true);

    public static SandboxMember East { get; } = new(3, "east", "East Hospital", "EastMSP", true);

    public static SandboxMember Regulator { get; } = new(4, "regulator", "Health Regulator", "RegulatorMSP", false);

    public static IReadOnlyList<SandboxMember> All { get; } = [North, South, East, Regulator];

    /// <summary>Certificate domain on the ledger.</summary>
    public string Domain => $"{Key}.example";

    /// <summary>Host name of the node; each is its own passkey party.</summary>
    public string Host => $"{Key}.localhost";
}
