namespace HealthShare.Policy.Decisions;

/// <summary>Why a decision came out as it did.</summary>
public enum DecisionReason
{
    /// <summary>Nothing speaks about the record: the default.</summary>
    DefaultDeny,

    /// <summary>A hospital's own staff read its own record for treatment, and nothing speaks against it.</summary>
    OwnRecord,

    /// <summary>A signed statement permits and none denies.</summary>
    SignedPermit,

    /// <summary>A signed statement denies.</summary>
    SignedDeny,

    /// <summary>No signed statement matches; an attested one permits and none denies.</summary>
    AttestedPermit,

    /// <summary>No signed statement matches; an attested one denies.</summary>
    AttestedDeny,

    /// <summary>A stored statement cannot be read, so nothing is permitted.</summary>
    Unreadable,

    /// <summary>An emergency session reads, and no statement says <c>emergency: never</c>.</summary>
    Emergency,

    /// <summary>An emergency session asks, and a signed deny says <c>emergency: never</c>.</summary>
    EmergencyNever,

    /// <summary>The member that asks is suspended; other members' records are not for it.</summary>
    Suspended,

    /// <summary>The patient erased what is shared.</summary>
    Erased,
}

/// <summary>The decision on one record.</summary>
/// <param name="Permitted">True when the record may be read.</param>
/// <param name="Reason">Why.</param>
/// <param name="StatementId">The statement that decided; null when none did.</param>
/// <param name="Provision">Index of the matching provision in the deciding statement's scope; −1 when none decided.</param>
/// <param name="NotAfter">First instant at which a permit no longer stands, at most 24 hours ahead; null for a denial.</param>
/// <param name="NearMisses">
/// For a default denial: the dimensions each of which alone kept some permit from matching. None otherwise.
/// </param>
public readonly record struct Decision(
    bool Permitted, DecisionReason Reason, string? StatementId, int Provision, DateTimeOffset? NotAfter, Dimensions NearMisses);

/// <summary>The dimensions of a statement's scope, and its period.</summary>
[Flags]
public enum Dimensions
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Who reads.</summary>
    Who = 1 << 0,

    /// <summary>Purpose of use.</summary>
    Purpose = 1 << 1,

    /// <summary>Category of the data.</summary>
    Category = 1 << 2,

    /// <summary>Labels.</summary>
    Labels = 1 << 3,

    /// <summary>Confidentiality.</summary>
    Confidentiality = 1 << 4,

    /// <summary>Single records.</summary>
    Records = 1 << 5,

    /// <summary>Authors.</summary>
    Authors = 1 << 6,

    /// <summary>Encounters.</summary>
    Encounters = 1 << 7,

    /// <summary>Custodians.</summary>
    Custodians = 1 << 8,

    /// <summary>When the data arose.</summary>
    DataPeriod = 1 << 9,

    /// <summary>An exception takes the record out.</summary>
    Except = 1 << 10,

    /// <summary>The statement is not in force at that time.</summary>
    Period = 1 << 11,

    /// <summary>The statement's waiting time is not over.</summary>
    Waiting = 1 << 12,

    /// <summary>Its uses are used up, or this is no request that could use one.</summary>
    Uses = 1 << 13,
}
