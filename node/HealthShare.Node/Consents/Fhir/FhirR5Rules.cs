using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>The rules of an R5 Consent: one decision, its exceptions, the exceptions to those, each the opposite of what is around it.</summary>
internal static class FhirR5Rules
{
    public static FhirRule Read(FhirElement consent)
    {
        const string decision = "decision";
        if (!consent.Has(decision))
            return Implicit(consent);
        var effect = FhirProvision.EffectOf(consent, decision);
        var counter = new FhirProvision.Counter();
        return new FhirRule(consent.At(decision), effect, FhirProvision.PeriodOf(consent, "period"), FhirScope.Everything,
            Nested(consent, FhirProvision.Opposite(effect), counter, 1));
    }

    private static ImmutableArray<FhirRule> Nested(FhirElement around, Effect effect, FhirProvision.Counter counter, int depth) =>
        [.. around.List("provision").Select(item => Rule(item.Item, item.Path, effect, counter, depth))];

    private static FhirRule Rule(JsonElement json, string path, Effect effect, FhirProvision.Counter counter, int depth)
    {
        counter.Enter(path, depth);
        var provision = new FhirElement(json, path, "period", "actor", "action", "securityLabel", "purpose", "documentType", "resourceType",
            "code", "dataPeriod", "data", "provision");
        return new FhirRule(path, effect, FhirProvision.PeriodOf(provision, "period"), FhirProvision.ScopeOf(provision, FhirVersion.R5),
            Nested(provision, FhirProvision.Opposite(effect), counter, depth + 1));
    }

    private static FhirRule Implicit(FhirElement consent)
    {
        if (!consent.Has("provision") && consent.Optional("policyBasis") is { } json)
        {
            var basis = new FhirElement(json, consent.At("policyBasis"), "reference", "url");
            if (basis.OptionalText("url") is { } uri && FhirProvision.Overarching(uri, basis.At("url")) is { } rule)
                return rule with { Period = FhirProvision.PeriodOf(consent, "period") };
        }
        throw consent.Refused("decision", "is missing.");
    }
}
