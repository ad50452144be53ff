using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Policy.Decisions;

/// <summary>What the kernel knows of a record.</summary>
/// <param name="Id">Record id.</param>
/// <param name="Custodian">MSP id of the hospital that registered it.</param>
/// <param name="Categories">Category tokens.</param>
/// <param name="Labels">Label tokens; empty for a record without labels.</param>
/// <param name="Author">Author token; null when not known.</param>
/// <param name="Encounter">Encounter token; null when not known.</param>
/// <param name="Confidentiality">Confidentiality code.</param>
/// <param name="Date">When the data arose.</param>
public sealed record RecordFacts(
    string Id, string Custodian, ImmutableArray<string> Categories, ImmutableArray<string> Labels, string? Author,
    string? Encounter, string Confidentiality, DateTimeOffset Date);

/// <summary>What the kernel knows of a request.</summary>
/// <param name="Org">MSP id of the member that asks.</param>
/// <param name="IsHospital">True when that member is a hospital.</param>
/// <param name="Role">Role that the member claims for the reader.</param>
/// <param name="Staff">Staff id at that member.</param>
/// <param name="Purpose">Purpose of use.</param>
/// <param name="Time">The proposal's time.</param>
/// <param name="EmergencyUntil">
/// End of the emergency session that the request names, after whoever decides has checked that session; null without one.
/// </param>
/// <param name="IsSuspended">True when that member is suspended: no statement permits it anything.</param>
public sealed record RequestFacts(
    string Org, bool IsHospital, string Role, string Staff, string Purpose, DateTimeOffset Time, DateTimeOffset? EmergencyUntil = null,
    bool IsSuspended = false);

/// <summary>A grant that was accepted and not revoked; the kernel checks its period.</summary>
/// <param name="Id">Statement id.</param>
/// <param name="Grant">What it says.</param>
/// <param name="AttestedBy">
/// MSP id of the member that vouches for it; null when the patient signed it. An attested statement reaches only the
/// records of that member and never permits that member itself.
/// </param>
/// <param name="EffectiveFrom">First instant at which it counts, whatever its period says; null for no waiting time.</param>
/// <param name="HasUse">
/// For a counted permit: true when a use of it is left for this request, or this request has one already. Without, it permits
/// nothing. Means nothing for others.
/// </param>
public sealed record StatementInForce(
    string Id, GrantBody Grant, string? AttestedBy = null, DateTimeOffset? EffectiveFrom = null, bool HasUse = false);
