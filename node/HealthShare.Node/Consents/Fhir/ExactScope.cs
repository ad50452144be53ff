using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>Reads the image of a signed statement back, member for member: nothing is taken over, added or guessed.</summary>
internal sealed class ExactScope(ConsentNames names)
{
    private readonly ScopeTranslation translation = new(names);

    /// <summary>The scope: the root itself, or what lies in a root that only says what the base is.</summary>
    public ImmutableArray<Provision> Of(FhirRule root, Effect effect)
    {
        if (root.Effect == effect)
            return [Exactly(root)];
        if (!root.Scope.IsEverything || root.Rules.IsEmpty)
            throw new FhirRefusedException(root.Path, "is not of the type that the signed statement has.");
        return [.. root.Rules.Select(rule => Nested(rule, effect))];
    }

    private Provision Nested(FhirRule rule, Effect effect)
    {
        if (rule.Effect != effect)
            throw new FhirRefusedException(rule.Path, "does not alternate, as the exceptions of a signed statement do.");
        return rule.Period is null ? Exactly(rule) : throw new FhirRefusedException(rule.Path, "has a period of its own; a signed statement has one.");
    }

    private Provision Exactly(FhirRule rule)
    {
        var own = translation.Of(rule.Scope, ScopeTranslation.Joined.And, ScopeTranslation.Joined.And, narrower: false)[0];
        return rule.Rules.IsEmpty
            ? own
            : own with { Except = [.. rule.Rules.Select(nested => Nested(nested, FhirProvision.Opposite(rule.Effect)))] };
    }
}
