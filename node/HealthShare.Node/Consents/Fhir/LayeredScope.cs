using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// Reads the nested rules of any FHIR consent as scopes of statements. A nested rule of the other type is an exception.
/// One of the same type stands beside the rule around it; a permit takes over from that rule what it does not say itself,
/// and whatever the rule around it excepts is excepted from it, too. In doubt less is permitted and more is denied.
/// </summary>
internal sealed class LayeredScope(ConsentNames names)
{
    private const int MaxExceptions = 4;
    private readonly ScopeTranslation translation = new(names);

    /// <summary>The statements that the rules come to: a deny first where there is one.</summary>
    public IEnumerable<(Effect Effect, ImmutableArray<Provision> Scope)> Of(FhirRule root)
    {
        yield return (root.Effect, Cover(root, root.Scope, 0));
        if (root.Effect is Effect.Permit)
            yield break;
        var permitted = PermittedIn(root);
        if (!permitted.IsEmpty)
            yield return (Effect.Permit, permitted);
    }

    // What is permitted there is so within what the deny is about: outside of it, it is an exception to nothing.
    private ImmutableArray<Provision> PermittedIn(FhirRule deny) => [.. deny.Rules.SelectMany(rule => rule.Effect is Effect.Deny
        ? PermittedIn(rule)
        : rule.Scope.Inside(deny.Scope) is { } inside ? Cover(rule, inside, 0) : [])];

    private ImmutableArray<Provision> Cover(FhirRule rule, FhirScope scope, int exceptions)
    {
        if (exceptions > MaxExceptions)
            throw new FhirRefusedException(rule.Path, $"is an exception deeper than the {MaxExceptions} that statements have.");
        var widens = rule.Effect is Effect.Permit;
        var isPcf = names.Profile is ConsentProfile.Pcf;
        var own = translation.Of(scope,
            isPcf || !widens ? ScopeTranslation.Joined.Or : ScopeTranslation.Joined.And, ScopeTranslation.Joined.Or, narrower: isPcf || !widens);
        var except = rule.Rules.Where(nested => nested.Effect != rule.Effect).SelectMany(nested => Except(nested, exceptions)).ToImmutableArray();
        var beside = rule.Rules.Where(nested => nested.Effect == rule.Effect)
            .SelectMany(nested => Cover(nested, widens ? nested.Scope.Within(scope) : nested.Scope, exceptions))
            .Select(provision => widens ? Without(provision, except) : provision);
        return [.. own.Select(provision => Without(provision, except)), .. beside];
    }

    private ImmutableArray<Provision> Except(FhirRule rule, int exceptions) => rule.Scope.IsEverything && rule.Rules.IsEmpty
        ? throw new FhirRefusedException(rule.Path, "leaves nothing of the rule that it is an exception to.")
        : Cover(rule, rule.Scope, exceptions + 1);

    private static Provision Without(Provision provision, ImmutableArray<Provision> except) => except.IsEmpty
        ? provision
        : provision with { Except = provision.Except.IsDefault ? except : [.. except, .. provision.Except] };
}
