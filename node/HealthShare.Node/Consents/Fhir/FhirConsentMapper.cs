using System.Collections.Immutable;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// Turns a FHIR Consent into the bodies of the grants that mean the same. Usually one. A base that denies and has parts
/// that are permitted takes two: where a deny has an exception it says nothing, so what is permitted there needs a permit
/// of its own. Nested rules that apply only for a time take a statement per stretch of time, since a statement has one
/// period. docs/consent.md has the table.
/// </summary>
internal static class FhirConsentMapper
{
    private const int MaxGrants = 64;
    private const int MaxCuts = 256;

    // Exceptions that hold for several parts are said in each of them, so a short consent can come to a long statement.
    // One of this many provisions is too long for certain; it is not even written.
    private const int MaxProvisions = 8192;

    /// <summary>Maps a consent.</summary>
    /// <param name="consent">The consent.</param>
    /// <param name="names">What its references and codes mean.</param>
    /// <param name="signed">Start of what has no start and no date of its own.</param>
    /// <exception cref="FhirRefusedException">It says something that statements cannot say.</exception>
    public static ImmutableArray<GrantBody> Map(FhirConsent consent, ConsentNames names, DateTimeOffset signed)
    {
        var root = consent.Root;
        var whole = new Period(root.Period?.Start ?? consent.Recorded ?? signed, root.Period?.End);
        if (whole.End <= whole.Start)
            throw new FhirRefusedException(root.Path, "is over before it begins.");
        var grants = consent.Statement is { } effect
            ? [Bounded(new GrantBody(effect, new ExactScope(names).Of(root, effect), whole), root.Path)]
            : InTime(root, whole, new LayeredScope(names));
        if (grants.Count > MaxGrants)
            throw new FhirRefusedException(root.Path, $"takes {grants.Count} statements; at most {MaxGrants} are made of one consent.");
        if (consent.Replaces is { } replaced && grants.Count > 1)
            throw new FhirRefusedException(replaced.Path, $"is replaced by one statement, and this consent takes {grants.Count}.");
        return [.. grants.Select(grant => Checked(grant with { EmergencyNever = consent.EmergencyNever, Replaces = consent.Replaces?.Id }, root.Path))];
    }

    /// <summary>True when two bodies are the same statement.</summary>
    public static bool AreSame(GrantBody a, GrantBody b) => Bytes(a).AsSpan().SequenceEqual(Bytes(b));

    // Cuts the consent's time wherever a nested rule begins or ends, maps each stretch, and joins stretches that came out alike.
    private static List<GrantBody> InTime(FhirRule root, Period whole, LayeredScope layers)
    {
        var cuts = root.Rules.SelectMany(Boundaries).Where(time => time > whole.Start && (whole.End is null || time < whole.End))
            .Append(whole.Start).Distinct().Order().ToArray();
        if (cuts.Length > MaxCuts)
            throw new FhirRefusedException(root.Path, $"has parts that begin and end at more than {MaxCuts} times.");
        var grants = new List<GrantBody>();
        for (var i = 0; i < cuts.Length; i++)
        {
            var stretch = new Period(cuts[i], i + 1 < cuts.Length ? cuts[i + 1] : whole.End);
            foreach (var grant in layers.Of(At(root, stretch.Start)).Select(part =>
                Bounded(new GrantBody(part.Effect, part.Scope, stretch), root.Path)))
            {
                var before = grants.FindIndex(known => known.Effect == grant.Effect && known.Period.End == stretch.Start
                    && AreSame(known with { Period = stretch }, grant));
                if (before < 0)
                    grants.Add(grant);
                else
                    grants[before] = grant with { Period = new Period(grants[before].Period.Start, stretch.End) };
                if (grants.Count > MaxGrants)
                    throw new FhirRefusedException(root.Path, $"takes more than the {MaxGrants} statements that are made of one consent.");
            }
        }
        return grants;
    }

    private static IEnumerable<DateTimeOffset> Boundaries(FhirRule rule)
    {
        var own = new[] { rule.Period?.Start, rule.Period?.End }.OfType<DateTimeOffset>();
        return own.Concat(rule.Rules.SelectMany(Boundaries));
    }

    // The rules that apply at one time. What lies in a rule that does not apply does not apply either.
    private static FhirRule At(FhirRule rule, DateTimeOffset time) => rule with
    {
        Rules = [.. rule.Rules.Where(nested => (nested.Period?.Start is not { } start || time >= start)
            && (nested.Period?.End is not { } end || time < end)).Select(nested => At(nested, time))],
    };

    private static GrantBody Bounded(GrantBody grant, string path)
    {
        var left = MaxProvisions;
        return Count(grant.Scope, ref left) ? grant : throw new FhirRefusedException(path, "does not fit into a statement: it has too many parts.");
    }

    private static bool Count(ImmutableArray<Provision> provisions, ref int left)
    {
        foreach (var provision in provisions)
        {
            if (--left < 0 || (!provision.Except.IsDefault && !Count(provision.Except, ref left)))
                return false;
        }
        return true;
    }

    // The limits of statements are kept where statements are read, so the result is held against that.
    private static GrantBody Checked(GrantBody grant, string path)
    {
        try { StatementReader.Read(Bytes(grant)); }
        catch (PolicyException e) { throw new FhirRefusedException(path, $"does not fit into a statement ({e.Code}).", e); }
        return grant;
    }

    private static byte[] Bytes(GrantBody grant) => StatementWriter.Write(new Statement("health", LedgerId.From(IdKind.Statement, new byte[16]),
        LedgerId.From(IdKind.Patient, new byte[16]), new StatementSigner("AA"), grant.Period.Start, grant));
}
