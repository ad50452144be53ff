using System.Collections.Immutable;
using System.Text.Json;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>What the provisions of both releases share.</summary>
internal static class FhirProvision
{
    /// <summary>Most provisions in a consent; statements hold no more.</summary>
    public const int MaxProvisions = 1024;

    // Four levels of exceptions, and provisions of the same type nested in between.
    private const int MaxDepth = 12;

    public static Effect Opposite(Effect effect) => effect is Effect.Permit ? Effect.Deny : Effect.Permit;

    public static Effect EffectOf(FhirElement element, string name) => element.Text(name) switch
    {
        "permit" => Effect.Permit,
        "deny" => Effect.Deny,
        _ => throw element.Refused(name, "is neither permit nor deny."),
    };

    public static FhirPeriod? PeriodOf(FhirElement element, string name) =>
        element.Optional(name) is { } json ? FhirDatatypes.Period(json, element.At(name)) : null;

    public static FhirScope ScopeOf(FhirElement provision, FhirVersion version)
    {
        RequireReading(provision);
        return new FhirScope
        {
            Actors = List(provision, "actor", (json, path) => Actor(json, path, version)),
            Purposes = List(provision, "purpose", FhirDatatypes.Coding),
            SecurityLabels = List(provision, "securityLabel", FhirDatatypes.Coding),
            Classes = version is FhirVersion.R4 ? List(provision, "class", FhirDatatypes.Coding) : Types(provision),
            Codes = Codes(provision),
            DataPeriod = PeriodOf(provision, "dataPeriod"),
            Data = List(provision, "data", Data),
        };
    }

    /// <summary>The rule that one of IHE PCF's overarching policies stands for; null for any other policy.</summary>
    public static FhirRule? Overarching(string uri, string path)
    {
        var (treatment, breakGlass) = (new FhirCoding(FhirSystems.ActReason, "TREAT", path), new FhirCoding(FhirSystems.ActReason, "BTG", path));
        return uri switch
        {
            FhirSystems.PcfTreatment => Rule(Effect.Permit, new FhirScope { Purposes = [treatment] }),
            FhirSystems.PcfAll => Rule(Effect.Permit, FhirScope.Everything),
            FhirSystems.PcfDeny => Rule(Effect.Deny, FhirScope.Everything),
            FhirSystems.PcfBreakGlassOnly => Rule(Effect.Deny, FhirScope.Everything, Rule(Effect.Permit, new FhirScope { Purposes = [breakGlass] })),
            _ => null,
        };

        FhirRule Rule(Effect effect, FhirScope scope, params ImmutableArray<FhirRule> nested) => new(path, effect, null, scope, nested);
    }

    // Statements are about reading. A rule about collecting or correcting has no place in one.
    private static void RequireReading(FhirElement provision)
    {
        foreach (var (json, path) in provision.List("action"))
        {
            if (!FhirDatatypes.Concept(json, path).All(static coding => coding is { System: FhirSystems.ConsentAction, Code: "access" }))
                throw new FhirRefusedException(path, "is another action than access.");
        }
    }

    private static FhirActor Actor(JsonElement json, string path, FhirVersion version)
    {
        var actor = new FhirElement(json, path, "role", "reference");
        var reference = FhirDatatypes.Reference(actor.Required("reference"), actor.At("reference"));
        if (version is FhirVersion.R5 && !actor.Has("role"))
            return new FhirActor(IsCustodian: false, reference);
        var roles = FhirDatatypes.Concept(actor.Required("role"), actor.At("role"))
            .Where(static coding => coding.System is FhirSystems.ParticipationType).Select(static coding => coding.Code).Distinct().ToArray();
        return roles switch
        {
            ["IRCP" or "PRCP"] => new FhirActor(IsCustodian: false, reference),
            ["CST"] => new FhirActor(IsCustodian: true, reference),
            _ => throw actor.Refused("role", "is neither a recipient (IRCP, PRCP) nor the custodian (CST)."),
        };
    }

    private static FhirData Data(JsonElement json, string path)
    {
        var data = new FhirElement(json, path, "meaning", "reference");
        var meaning = data.Text("meaning") switch
        {
            "instance" => FhirDataMeaning.Instance,
            "related" or "dependents" => FhirDataMeaning.Related,
            "authoredby" => FhirDataMeaning.AuthoredBy,
            _ => throw data.Refused("meaning", "is none of instance, related, dependents and authoredby."),
        };
        var reference = FhirDatatypes.Reference(data.Required("reference"), data.At("reference"));
        return meaning is not FhirDataMeaning.Related || reference.Type is null or "Encounter"
            ? new FhirData(meaning, reference)
            : throw data.Refused("meaning", "joins to something else than an encounter, which is all that records name.");
    }

    private static ImmutableArray<FhirCoding> Types(FhirElement provision)
    {
        if (provision.Has("documentType") && provision.Has("resourceType"))
            throw provision.Refused("documentType", "stands beside resourceType; only one of them can be mapped.");
        return List(provision, provision.Has("documentType") ? "documentType" : "resourceType", FhirDatatypes.Coding);
    }

    private static ImmutableArray<FhirCoding> Codes(FhirElement provision) => provision.Has("code")
        ? [.. provision.List("code").SelectMany(item => FhirDatatypes.Concept(item.Item, item.Path))]
        : default;

    private static ImmutableArray<T> List<T>(FhirElement provision, string name, Func<JsonElement, string, T> read) =>
        provision.Has(name) ? [.. provision.List(name).Select(item => read(item.Item, item.Path))] : default;

    /// <summary>Bounds how many provisions a consent may have, and how deep.</summary>
    internal sealed class Counter
    {
        private int count;

        public void Enter(string path, int depth)
        {
            if (depth > MaxDepth)
                throw new FhirRefusedException(path, $"nests deeper than {MaxDepth} provisions.");
            if (++count > MaxProvisions)
                throw new FhirRefusedException(path, $"is one provision more than the {MaxProvisions} that are read.");
        }
    }
}
