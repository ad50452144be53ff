using System.Collections.Immutable;

namespace HealthShare.Policy.Statements;

/// <summary>
/// What a deny says about records of another id of the same person. Each id has a label key of its own, so tokens of one mean nothing
/// under the other: where a deny names any, the careful reading is taken, and it denies whatever the token might stand for.
/// </summary>
public static class CarriedDeny
{
    /// <summary>
    /// The deny as it counts under the other id: never less than it denies, sometimes more. To keep emergencies out takes the patient's
    /// signature for that very id, so this is not carried: whoever controls the other id could make a life-saving record unreachable.
    /// </summary>
    /// <param name="deny">A deny.</param>
    public static GrantBody Widen(GrantBody deny) => deny with { Scope = [.. deny.Scope.Select(Narrowing)], EmergencyNever = false, Replaces = null };

    // Where a match lets less be read, a dimension that cannot be compared matches everything.
    private static Provision Narrowing(Provision provision) => provision with
    {
        Category = default,
        Labels = default,
        Authors = default,
        Encounters = default,
        Except = ExceptOf(provision, [.. Exceptions(provision).Where(static except => !NamesTokens(except)).Select(Widening)]),
    };

    // Where a match lets more be read, one that cannot be compared matches nothing; such exceptions are gone by now.
    private static Provision Widening(Provision exception) => exception with
    {
        Except = ExceptOf(exception, [.. Exceptions(exception).Select(Narrowing)]),
    };

    private static ImmutableArray<Provision> Exceptions(Provision provision) => provision.Except.IsDefault ? [] : provision.Except;

    // An empty list is no form of a statement.
    private static ImmutableArray<Provision> ExceptOf(Provision provision, ImmutableArray<Provision> kept) =>
        provision.Except.IsDefault || kept.IsEmpty ? default : kept;

    private static bool NamesTokens(Provision provision) =>
        !provision.Category.IsDefault || !provision.Labels.IsDefault || !provision.Authors.IsDefault || !provision.Encounters.IsDefault;
}
