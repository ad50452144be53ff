namespace HealthShare.Chaincode.Ledger;

/// <summary>Kinds of members.</summary>
public enum OrganizationKind
{
    /// <summary>Registers records, enrolls patients, asks for records, endorses.</summary>
    Hospital,

    /// <summary>Reads and audits; registers, enrolls and asks for nothing.</summary>
    Regulator,
}

/// <summary>A member of the channel.</summary>
/// <param name="MspId">MSP id.</param>
/// <param name="Name">Name for people, 1 to 100 characters.</param>
/// <param name="Kind">Hospital or regulator.</param>
/// <param name="SealingKey">Key that others seal envelopes to.</param>
/// <param name="SuspendedAt">Since when it is suspended: it writes nothing and is permitted nothing; null for an active member.</param>
/// <param name="ReinstatedAt">
/// Since when it is active again after its last suspension, for votes and words from before are void; null where there was none.
/// </param>
public sealed record OrganizationEntry(
    string MspId, string Name, OrganizationKind Kind, SealingKey SealingKey, DateTimeOffset? SuspendedAt = null,
    DateTimeOffset? ReinstatedAt = null);

/// <summary>A public key for HPKE (RFC 9180), DHKEM(P-256, HKDF-SHA256).</summary>
/// <param name="KeyId">Id of the key, 1 to 64 letters, digits, dots, underscores and hyphens.</param>
/// <param name="PublicKey">The uncompressed point, 65 bytes, base64url.</param>
public sealed record SealingKey(string KeyId, string PublicKey);

/// <summary>Settings of the channel.</summary>
/// <param name="PermitMaxAgeSeconds">
/// Longest time between a permit's issue and its proposal, in seconds, 60 to 3,600. Default 600.
/// </param>
/// <param name="MaxStatementsInForce">
/// Most grants of a patient that a decision reads, 1 to 1,000, besides <see cref="GrantRange.DenyReserve"/> denies. Default 1,000.
/// </param>
/// <param name="MaxEmergencyHours">Longest emergency session, 1 to 24 hours. Default 12.</param>
/// <param name="ReviewDueHours">Time in which an emergency session must be reviewed, 1 to 720 hours. Default 72.</param>
/// <param name="BroadPermitWaitHours">
/// How long a broad permit waits before it counts, unless an independent origin signs it too, in hours, 0 to 720. Default 24.
/// </param>
/// <param name="BroadPermitDays">Longest time that a permit lasts without being broad, in days, 1 to 3,660. Default 90.</param>
public sealed record ChannelSettings(
    int PermitMaxAgeSeconds = 600, int MaxStatementsInForce = 1000, int MaxEmergencyHours = 12, int ReviewDueHours = 72,
    int BroadPermitWaitHours = 24, int BroadPermitDays = 90);

/// <summary>Argument of <c>Organizations:Init</c>.</summary>
/// <param name="Organizations">The founders, 1 to 100; the caller is one of them, and one at least is a hospital.</param>
/// <param name="Settings">Settings; null for the defaults.</param>
public sealed record InitNetwork(IReadOnlyList<OrganizationEntry> Organizations, ChannelSettings? Settings = null);

/// <summary>The members and the settings.</summary>
/// <param name="Organizations">All members, ordered by MSP id.</param>
/// <param name="Settings">Settings; null before Init.</param>
public sealed record Network(IReadOnlyList<OrganizationEntry> Organizations, ChannelSettings? Settings = null);
