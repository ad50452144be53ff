using System.Collections.Immutable;

namespace HealthShare.Policy.Statements;

/// <summary>
/// Appoints a person who signs for the patient, with credentials of that person's own. Signed again with the same id and another
/// end, it renews or changes the power.
/// </summary>
/// <param name="Delegate">Id chosen by the patient's portal, <c>dg-…</c>; never used again once it was revoked.</param>
/// <param name="Credentials">The delegate's own credentials, 1 to 4.</param>
/// <param name="Scope">What the delegate may sign.</param>
/// <param name="End">
/// First instant without the power: the beginning of a month in UTC, so that it says little on the ledger, at most a year ahead.
/// </param>
public sealed record AppointDelegateBody(
    string Delegate, ImmutableArray<AddCredentialBody> Credentials, DelegateScope Scope, DateTimeOffset End) : StatementBody
{
    /// <summary>Most credentials of a delegate.</summary>
    public const int MaxCredentials = 4;
}

/// <summary>Ends a delegate's power for good.</summary>
/// <param name="Delegate">Id of the delegate.</param>
public sealed record RevokeDelegateBody(string Delegate) : StatementBody;

/// <summary>The patient's own word for permits that a delegate signed: from then on they stand without the delegate's power.</summary>
/// <param name="Statements">Ids of the permits, 1 to 16.</param>
public sealed record ConfirmBody(ImmutableArray<string> Statements) : StatementBody
{
    /// <summary>Most permits of one confirmation.</summary>
    public const int MaxStatements = 16;
}

/// <summary>What a delegate may sign.</summary>
[Flags]
public enum DelegateActs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Permits, within the scope's limit.</summary>
    Permit = 1,

    /// <summary>Denies.</summary>
    Deny = 2,

    /// <summary>Revocations of permits, and of what the same delegate signed.</summary>
    Revoke = 4,

    /// <summary>Links to other hospitals.</summary>
    Link = 8,
}

/// <summary>How far a delegate's power goes.</summary>
/// <param name="Statements">Kinds of statements.</param>
/// <param name="Limit">
/// What permits may be about: each of their provisions must lie within one of these. Default (a default array) sets no limit.
/// </param>
public sealed record DelegateScope(DelegateActs Statements, ImmutableArray<Provision> Limit = default)
{
    /// <summary>True when every provision of a permit's scope lies within one of the limit.</summary>
    public bool Covers(GrantBody permit)
    {
        if (Limit.IsDefault)
            return true;
        foreach (var provision in permit.Scope)
        {
            var within = false;
            foreach (var limit in Limit)
                within |= Holds(limit, provision);
            if (!within)
                return false;
        }
        return true;
    }

    // Exceptions of a permit only take away from it, so they need no look.
    private static bool Holds(Provision limit, Provision provision) =>
        Holds(limit.Who, provision.Who, Holds) && Holds(limit.Purpose, provision.Purpose) && Holds(limit.Category, provision.Category)
        && Holds(limit.Confidentiality, provision.Confidentiality) && Holds(limit.Records, provision.Records)
        && Holds(limit.Authors, provision.Authors) && Holds(limit.Encounters, provision.Encounters)
        && Holds(limit.Custodians, provision.Custodians) && HoldsLabels(limit, provision) && HoldsPeriod(limit.DataPeriod, provision.DataPeriod);

    private static bool Holds(ImmutableArray<string> limit, ImmutableArray<string> entries) =>
        Holds(limit, entries, static (a, b) => string.Equals(a, b, StringComparison.Ordinal));

    private static bool Holds<T>(ImmutableArray<T> limit, ImmutableArray<T> entries, Func<T, T, bool> holds) =>
        limit.IsDefault || (!entries.IsDefault && entries.All(entry => limit.Any(wider => holds(wider, entry))));

    private static bool Holds(Who limit, Who who) =>
        limit == who || (limit is WhoOrg { Role: null, Staff: null } org && who is WhoOrg reader && reader.Org == org.Org);

    // A permit without labels reaches records without labels: less than any list. So labels take being named here, too.
    private static bool HoldsLabels(Provision limit, Provision provision) =>
        provision.Labels.IsDefault || (!limit.Labels.IsDefault && provision.Labels.All(limit.Labels.Contains));

    private static bool HoldsPeriod(DataPeriod? limit, DataPeriod? period) => limit is null
        || (period is not null && (limit.Start is null || period.Start >= limit.Start) && (limit.End is null || period.End <= limit.End));
}
