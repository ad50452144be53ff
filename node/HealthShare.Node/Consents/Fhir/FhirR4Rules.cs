using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// The rules of an R4 Consent. R4 has two ways to say what the base is: <c>policyRule</c> (opt in or out, the way of the
/// core specification) and <c>provision.type</c> at the root (the way of IHE PCF). Both are read; a root provision that
/// restricts something without saying whether it permits or denies is refused, since the published examples of such
/// consents mean opposite things.
/// </summary>
internal static class FhirR4Rules
{
    public static FhirRule Read(FhirElement consent, Effect? statement)
    {
        var stance = PolicyRule(consent);
        if (consent.Optional("provision") is not { } json)
            return Implicit(consent, stance);
        var path = consent.At("provision");
        var counter = new FhirProvision.Counter();
        var hasType = json.ValueKind is JsonValueKind.Object && json.TryGetProperty("type", out _);
        if (hasType)
        {
            var root = Rule(json, path, null, counter, 0);
            // By the core specification a root provision is an exception to the base that the policy rule sets.
            return stance is { } effect && effect != root.Effect
                ? new FhirRule(path, effect, null, FhirScope.Everything, [root])
                : root;
        }
        var implied = stance ?? (statement is { } own ? FhirProvision.Opposite(own) : null);
        if (implied is not { } known)
            throw new FhirRefusedException($"{path}.type", "is missing, and there is no policyRule that says opt in or opt out.");
        var typeless = Rule(json, path, known, counter, 0);
        return typeless.Scope.IsEverything && (typeless.Period is null || statement is not null)
            ? typeless
            : throw new FhirRefusedException($"{path}.type", "is missing, so it cannot be told whether what follows is permitted or denied.");
    }

    private static FhirRule Rule(JsonElement json, string path, Effect? implied, FhirProvision.Counter counter, int depth)
    {
        counter.Enter(path, depth);
        var provision = new FhirElement(json, path, "type", "period", "actor", "action", "securityLabel", "purpose", "class", "code",
            "dataPeriod", "data", "provision");
        var effect = implied ?? FhirProvision.EffectOf(provision, "type");
        var nested = provision.List("provision").Select(item => Rule(item.Item, item.Path, null, counter, depth + 1)).ToImmutableArray();
        return new FhirRule(path, effect, FhirProvision.PeriodOf(provision, "period"), FhirProvision.ScopeOf(provision, FhirVersion.R4), nested);
    }

    private static Effect? PolicyRule(FhirElement consent)
    {
        if (consent.Optional("policyRule") is not { } json)
            return null;
        var path = consent.At("policyRule");
        foreach (var coding in FhirDatatypes.Concept(json, path))
        {
            if (coding is { System: FhirSystems.ActCode, Code: "OPTIN" })
                return Effect.Permit;
            if (coding is { System: FhirSystems.ActCode, Code: "OPTOUT" })
                return Effect.Deny;
        }
        throw new FhirRefusedException(path, "is neither OPTIN nor OPTOUT.");
    }

    // IHE PCF's implicit level: no provision, so what the named policy says for everybody.
    private static FhirRule Implicit(FhirElement consent, Effect? stance)
    {
        if (stance is { } effect)
            return new FhirRule(consent.At("policyRule"), effect, null, FhirScope.Everything, []);
        foreach (var (item, path) in consent.List("policy"))
        {
            var policy = new FhirElement(item, path, "authority", "uri");
            if (policy.OptionalText("uri") is { } uri && FhirProvision.Overarching(uri, policy.At("uri")) is { } rule)
                return rule;
        }
        throw consent.Refused("provision", "is missing, and no policy is named that says by itself what is permitted.");
    }
}
