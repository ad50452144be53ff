using System.Collections.Immutable;

namespace HealthShare.Policy.Statements;

/// <summary>Whether a statement gives or takes.</summary>
public enum Effect
{
    /// <summary>What the scope covers may be read.</summary>
    Permit,

    /// <summary>What the scope covers must not be read, whatever any permit says.</summary>
    Deny,
}

/// <summary>Permits or denies what its scope covers while its period runs.</summary>
/// <param name="Effect">Permit or deny.</param>
/// <param name="Scope">Provisions, at least one; the statement speaks where any of them matches.</param>
/// <param name="Period">When it is in force.</param>
/// <param name="EmergencyNever">True when not even an emergency session may read against this statement.</param>
/// <param name="Uses">
/// How often a permit may be used, 1 to <see cref="MaxUses"/>; null for as often as it is asked for. One use is one request
/// that it permitted something to. A deny is never counted.
/// </param>
/// <param name="Replaces">Id of the grant of the same patient that ends as this one begins; null for none.</param>
public sealed record GrantBody(
    Effect Effect, ImmutableArray<Provision> Scope, Period Period, bool EmergencyNever = false, int? Uses = null,
    string? Replaces = null) : StatementBody
{
    /// <summary>Most uses of a counted permit.</summary>
    public const int MaxUses = 100;
}

/// <summary>
/// One part of a scope. Every dimension that is given must match; within a dimension any entry; a dimension that is absent
/// (a default array) matches everything.
/// </summary>
public sealed record Provision
{
    /// <summary>Who reads.</summary>
    public ImmutableArray<Who> Who { get; init; }

    /// <summary>Purposes of use, exact codes: TREAT does not include ETREAT.</summary>
    public ImmutableArray<string> Purpose { get; init; }

    /// <summary>Category tokens.</summary>
    public ImmutableArray<string> Category { get; init; }

    /// <summary>Label tokens; their rule differs for what widens and what narrows, see the kernel.</summary>
    public ImmutableArray<string> Labels { get; init; }

    /// <summary>Confidentiality codes: a set, not a ceiling.</summary>
    public ImmutableArray<string> Confidentiality { get; init; }

    /// <summary>Record ids.</summary>
    public ImmutableArray<string> Records { get; init; }

    /// <summary>Author tokens.</summary>
    public ImmutableArray<string> Authors { get; init; }

    /// <summary>Encounter tokens.</summary>
    public ImmutableArray<string> Encounters { get; init; }

    /// <summary>MSP ids of the hospitals that registered the records.</summary>
    public ImmutableArray<string> Custodians { get; init; }

    /// <summary>When the data arose; null matches any time.</summary>
    public DataPeriod? DataPeriod { get; init; }

    /// <summary>Parts taken out: there the statement says nothing at all.</summary>
    public ImmutableArray<Provision> Except { get; init; }
}

/// <summary>One kind of reader.</summary>
public abstract record Who;

/// <summary>Anyone of one member, or only one role or one person there.</summary>
/// <param name="Org">MSP id of the member.</param>
/// <param name="Role">Role that the member claims for the reader; null for any.</param>
/// <param name="Staff">Staff id at that member; null for any. Never together with a role.</param>
public sealed record WhoOrg(string Org, string? Role = null, string? Staff = null) : Who;

/// <summary>Anyone of any member that is a hospital.</summary>
public sealed record WhoAnyHospital : Who
{
    /// <summary>The one value.</summary>
    public static WhoAnyHospital Instance { get; } = new();
}

/// <summary>When a statement is in force: from its start, up to but not including its end.</summary>
/// <param name="Start">First instant.</param>
/// <param name="End">First instant after; null when it runs until revoked.</param>
public sealed record Period(DateTimeOffset Start, DateTimeOffset? End = null)
{
    /// <summary>True when the instant lies in the period.</summary>
    public bool Contains(DateTimeOffset time) => time >= Start && (End is null || time < End);
}

/// <summary>When data arose: from its start, up to but not including its end; at least one of them is given.</summary>
/// <param name="Start">First instant; null when open.</param>
/// <param name="End">First instant after; null when open.</param>
public sealed record DataPeriod(DateTimeOffset? Start, DateTimeOffset? End)
{
    /// <summary>True when the instant lies in the period.</summary>
    public bool Contains(DateTimeOffset time) => (Start is null || time >= Start) && (End is null || time < End);
}
