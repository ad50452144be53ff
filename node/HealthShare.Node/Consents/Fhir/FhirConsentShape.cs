using System.Collections.Immutable;
using System.Text.Json.Nodes;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>The JSON of a Consent, in one of the two releases.</summary>
internal sealed class FhirConsentShape(ConsentNames names, FhirVersion version)
{
    private bool IsR4 => version is FhirVersion.R4;

    /// <summary>The consent; null where this form has no place for the grant.</summary>
    public JsonObject? Of(GrantBody grant, StatementHeader statement, bool isMarked)
    {
        var rules = IsR4 ? R4(grant, isMarked) : R5(grant, isMarked);
        if (rules is null)
            return null;
        var (patient, date, performer) = IsR4 ? ("patient", "dateTime", "performer") : ("subject", "date", "grantor");
        var consent = new JsonObject { ["resourceType"] = "Consent", ["id"] = statement.Id };
        if (grant.Replaces is { } replaced)
        {
            consent["extension"] = new JsonArray(new JsonObject
            {
                ["url"] = FhirSystems.Replaces,
                ["valueReference"] = Reference(new FhirReference("Consent", replaced, null, null)),
            });
        }
        var modifiers = Modifiers(grant, isMarked);
        if (modifiers.Count > 0)
            consent["modifierExtension"] = modifiers;
        consent["status"] = "active";
        if (IsR4)
            consent["scope"] = Concept(new FhirCoding(FhirSystems.ConsentScope, "patient-privacy"));
        consent["category"] = new JsonArray(Concept(new FhirCoding(FhirSystems.Loinc, "59284-0")));
        consent[patient] = Patient(statement);
        consent[date] = LedgerTime.Format(statement.Issued);
        consent[performer] = new JsonArray(Patient(statement));
        if (IsR4)
            consent["policy"] = new JsonArray(new JsonObject { ["uri"] = FhirSystems.ConsortiumPolicy });
        else
            consent["policyBasis"] = new JsonObject { ["url"] = FhirSystems.ConsortiumPolicy };
        foreach (var (name, value) in rules.ToArray())
        {
            rules.Remove(name);
            consent[name] = value;
        }
        return consent;
    }

    private static JsonArray Modifiers(GrantBody grant, bool isMarked)
    {
        var modifiers = new JsonArray();
        if (isMarked)
            modifiers.Add(new JsonObject { ["url"] = FhirSystems.SignedStatement, ["valueCode"] = TextOf(grant.Effect) });
        if (grant.EmergencyNever)
            modifiers.Add(new JsonObject { ["url"] = FhirSystems.Emergency, ["valueCode"] = "never" });
        return modifiers;
    }

    // One provision is the root. Several are nested: beside the first one, or in a root that says nothing but the period.
    private JsonObject? R4(GrantBody grant, bool isMarked)
    {
        JsonObject root;
        if (grant.Scope.Length > 1 && isMarked)
        {
            root = new JsonObject { ["provision"] = new JsonArray([.. grant.Scope.Select(part => Rule(part, grant.Effect))]) };
        }
        else
        {
            root = Rule(grant.Scope[0], grant.Effect);
            foreach (var beside in grant.Scope.Skip(1))
                Nest(root, Rule(Unshared(beside, grant.Scope[0]), grant.Effect));
        }
        root["period"] = Interval(grant.Period.Start, grant.Period.End);
        return new JsonObject { ["provision"] = root };
    }

    // R5 alternates, so what is permitted is an exception to a base that denies; only a scope without limits is the base itself.
    private JsonObject? R5(GrantBody grant, bool isMarked)
    {
        var json = new JsonObject { ["period"] = Interval(grant.Period.Start, grant.Period.End) };
        if (grant.Scope is [var only] && FhirScopeOf(only).Count == 0)
        {
            json["decision"] = TextOf(grant.Effect);
            if (!only.Except.IsDefault)
                json["provision"] = Rules(only.Except, grant.Effect);
            return json;
        }
        if (!isMarked)
            return null;
        json["decision"] = TextOf(FhirProvision.Opposite(grant.Effect));
        json["provision"] = Rules(grant.Scope, FhirProvision.Opposite(grant.Effect));
        return json;
    }

    private JsonArray Rules(ImmutableArray<Provision> provisions, Effect around) =>
        new([.. provisions.Select(provision => Rule(provision, FhirProvision.Opposite(around)))]);

    private JsonObject Rule(Provision provision, Effect effect)
    {
        var json = FhirScopeOf(provision);
        if (IsR4)
            json.Insert(0, "type", TextOf(effect));
        if (!provision.Except.IsDefault)
            json["provision"] = Rules(provision.Except, effect);
        return json;
    }

    // In a plain permit the root's exceptions hold for what stands beside it, too, so they are not said twice.
    private static Provision Unshared(Provision beside, Provision first)
    {
        if (first.Except.IsDefault || beside.Except.IsDefault || beside.Except.Length < first.Except.Length)
            return beside;
        var shared = beside.Except[..first.Except.Length].Zip(first.Except).All(static pair =>
            FhirConsentMapper.AreSame(Only(pair.First), Only(pair.Second)));
        if (!shared)
            return beside;
        var own = beside.Except[first.Except.Length..];
        return beside with { Except = own.IsEmpty ? default : own };
    }

    private static GrantBody Only(Provision provision) => new(Effect.Permit, [provision], new Period(DateTimeOffset.UnixEpoch));

    private static void Nest(JsonObject root, JsonObject rule)
    {
        if (root["provision"] is JsonArray rules)
            rules.Add(rule);
        else
            root["provision"] = new JsonArray(rule);
    }

    private JsonObject FhirScopeOf(Provision provision)
    {
        var json = new JsonObject();
        Add(json, "actor", [.. Map(provision.Who, who => Actor("IRCP", names.ReferenceOf(who))),
            .. Map(provision.Custodians, custodian => Actor("CST", names.CustodianReference(custodian)))]);
        Add(json, "securityLabel", [.. Map(provision.Confidentiality, code => Coding(new FhirCoding(FhirSystems.Confidentiality, code))),
            .. Map(provision.Labels, label => Coding(names.LabelCoding(label)))]);
        Add(json, "purpose", Map(provision.Purpose, purpose => Coding(names.PurposeCoding(purpose))));
        Add(json, IsR4 ? "class" : "resourceType", Map(provision.Category, category => Coding(names.CategoryCoding(category))));
        if (provision.DataPeriod is { } data)
            json["dataPeriod"] = Interval(data.Start, data.End);
        Add(json, "data", [.. Map(provision.Records, id => Data("instance", names.RecordReference(id))),
            .. Map(provision.Encounters, token => Data("related", names.EncounterReference(token))),
            .. Map(provision.Authors, token => Data("authoredby", names.AuthorReference(token)))]);
        return json;
    }

    private static JsonObject[] Map<T>(ImmutableArray<T> items, Func<T, JsonObject> write) => items.IsDefault ? [] : [.. items.Select(write)];

    private static void Add(JsonObject json, string name, JsonObject[] items)
    {
        if (items.Length > 0)
            json[name] = new JsonArray([.. items]);
    }

    private static JsonObject Actor(string role, FhirReference who) => new()
    {
        ["role"] = Concept(new FhirCoding(FhirSystems.ParticipationType, role)),
        ["reference"] = Reference(who),
    };

    private static JsonObject Data(string meaning, FhirReference what) => new() { ["meaning"] = meaning, ["reference"] = Reference(what) };

    private static JsonObject Patient(StatementHeader statement) => Reference(new FhirReference(null, null, FhirSystems.Patient, statement.Patient));

    private static JsonObject Reference(FhirReference reference) => reference.Type is not null
        ? new JsonObject { ["reference"] = $"{reference.Type}/{reference.Id}" }
        : new JsonObject { ["identifier"] = new JsonObject { ["system"] = reference.System, ["value"] = reference.Value } };

    private static JsonObject Concept(FhirCoding coding) => new() { ["coding"] = new JsonArray(Coding(coding)) };

    private static JsonObject Coding(FhirCoding coding)
    {
        var json = new JsonObject { ["code"] = coding.Code };
        if (coding.System is not null)
            json.Insert(0, "system", coding.System);
        return json;
    }

    private static JsonObject Interval(DateTimeOffset? start, DateTimeOffset? end)
    {
        var json = new JsonObject();
        if (start is { } first)
            json["start"] = LedgerTime.Format(first);
        if (end is { } after)
            json["end"] = FhirTime.LastBefore(after);
        return json;
    }

    private static string TextOf(Effect effect) => effect is Effect.Permit ? "permit" : "deny";
}
