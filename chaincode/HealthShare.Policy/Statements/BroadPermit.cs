namespace HealthShare.Policy.Statements;

/// <summary>
/// Which permits give so much away that one signature at one portal is not enough for it to begin at once: a portal shows the
/// patient what is signed, and could show something else.
/// </summary>
public static class BroadPermit
{
    /// <summary>
    /// True for a permit that is for any reader or any hospital, that names labels (only so does a permit reach data that needs
    /// special protection), or that lasts longer than this, or without an end.
    /// </summary>
    /// <param name="grant">The grant.</param>
    /// <param name="longest">Longest time that a permit of another kind lasts.</param>
    public static bool IsBroad(GrantBody grant, TimeSpan longest) => grant.Effect is Effect.Permit
        && (grant.Period.End is not { } end || end - grant.Period.Start > longest || grant.Scope.Any(IsBroad));

    // What an exception names is taken out, and what an exception to that gives back lies within the provision.
    private static bool IsBroad(Provision provision) =>
        provision.Who.IsDefault || provision.Who.Any(static who => who is not WhoOrg) || !provision.Labels.IsDefault;

    /// <summary>
    /// True when two relying parties belong to different sites: neither lies below the other, and the last two parts of their
    /// names differ. Where that takes two sites for one, a co-signature is refused and the waiting time runs.
    /// </summary>
    public static bool AreIndependent(string rpId, string other) =>
        !string.Equals(SiteOf(rpId), SiteOf(other), StringComparison.Ordinal)
        && !IsBelow(rpId, other) && !IsBelow(other, rpId);

    private static bool IsBelow(string rpId, string parent) => rpId.EndsWith($".{parent}", StringComparison.Ordinal);

    private static string SiteOf(string rpId)
    {
        var last = rpId.LastIndexOf('.');
        var before = last < 1 ? -1 : rpId.LastIndexOf('.', last - 1);
        return rpId[(before + 1)..];
    }
}
