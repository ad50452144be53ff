using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>
/// Reads the JSON of a FHIR Consent strictly: what decides is understood in full, what cannot change a decision (narrative,
/// identifiers, performers, sources, extensions) is passed over, and everything else is refused with its path.
/// </summary>
internal static class FhirConsentReader
{
    /// <summary>Largest document in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Deepest nesting of objects and lists in a document.</summary>
    public const int MaxDepth = 64;

    private const string Root = "Consent";

    private static readonly string[] Common =
        ["resourceType", "id", "meta", "language", "text", "contained", "modifierExtension", "identifier", "status", "category", "verification"];

    private static readonly string[] R4Members =
        [.. Common, "scope", "patient", "dateTime", "performer", "organization", "sourceAttachment", "sourceReference", "policy", "policyRule", "provision"];

    private static readonly string[] R5Members =
        [.. Common, "subject", "date", "period", "grantor", "manager", "controller", "sourceAttachment", "sourceReference",
            "regulatoryBasis", "policyBasis", "policyText", "decision", "provision"];

    // Codes that make a consent one about something else than who may read: directives on care, research, identity.
    private static readonly string[] OtherMatters = ["acd", "dnr", "hcd", "polst", "research", "rsdid", "rsreid", "emrgonly"];

    /// <summary>Reads a document of either release; which one shows from its members.</summary>
    /// <exception cref="FhirRefusedException">It is no Consent that can be mapped; the path says where.</exception>
    public static FhirConsent Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            throw new FhirRefusedException(Root, $"has {bytes.Length} bytes; at most {MaxBytes} are read.");
        if (!Utf8.IsValid(bytes.Span))
            throw new FhirRefusedException(Root, "is not UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new FhirRefusedException(Root, $"is not JSON, nests too deep, or has a name twice, at line {e.LineNumber + 1}.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FhirRefusedException(Root, "holds half of a surrogate pair.", e);
        }
    }

    /// <summary>Reads a parsed document, whose names are known to be unique.</summary>
    public static FhirConsent Read(JsonElement json)
    {
        var version = VersionOf(json);
        var consent = new FhirElement(json, Root, version is FhirVersion.R4 ? R4Members : R5Members);
        if (consent.Text("resourceType") != "Consent")
            throw consent.Refused("resourceType", "is not Consent.");
        RequireActive(consent, version);
        RequirePrivacy(consent, version);
        RequireVerified(consent);
        var (statement, emergencyNever) = Modifiers(consent);
        var (patient, recorded) = version is FhirVersion.R4 ? ("patient", "dateTime") : ("subject", "date");
        var root = version is FhirVersion.R4 ? FhirR4Rules.Read(consent, statement) : FhirR5Rules.Read(consent);
        return new FhirConsent(version, FhirDatatypes.Reference(consent.Required(patient), consent.At(patient)),
            FhirDatatypes.Time(consent, recorded), root, statement, emergencyNever, Replaced(consent));
    }

    private static FhirVersion VersionOf(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object)
            throw new FhirRefusedException(Root, "is not an object.");
        var isR5 = json.TryGetProperty("decision", out _) || json.TryGetProperty("subject", out _)
            || (json.TryGetProperty("provision", out var provision) && provision.ValueKind is JsonValueKind.Array);
        return isR5 ? FhirVersion.R5 : FhirVersion.R4;
    }

    private static void RequireActive(FhirElement consent, FhirVersion version)
    {
        var status = consent.Text("status");
        if (status == "active")
            return;
        var isKnown = version is FhirVersion.R4
            ? status is "draft" or "proposed" or "rejected" or "inactive" or "entered-in-error"
            : status is "draft" or "inactive" or "not-done" or "entered-in-error" or "unknown";
        throw new FhirRefusedException(consent.At("status"), isKnown ? "is not active." : "is no status of a consent.") { NotInForce = isKnown };
    }

    private static void RequirePrivacy(FhirElement consent, FhirVersion version)
    {
        if (version is FhirVersion.R4 && !FhirDatatypes.Concept(consent.Required("scope"), consent.At("scope")).Any(static coding =>
            coding is { System: FhirSystems.ConsentScope, Code: "patient-privacy" }))
            throw consent.Refused("scope", "is not patient-privacy.");
        foreach (var (item, path) in consent.List("category"))
        {
            var category = new FhirElement(item, path, "coding", "text");
            foreach (var (json, at) in category.List("coding"))
            {
                if (FhirDatatypes.Coding(json, at) is { System: FhirSystems.ConsentCategory or FhirSystems.ActCode } coding
                    && OtherMatters.Contains(coding.Code, StringComparer.OrdinalIgnoreCase))
                    throw new FhirRefusedException(at, "makes it a consent about something else than who may read for what.");
            }
        }
    }

    private static void RequireVerified(FhirElement consent)
    {
        foreach (var (item, path) in consent.List("verification"))
        {
            if (item.ValueKind is JsonValueKind.Object && item.TryGetProperty("verified", out var verified) && verified.ValueKind is JsonValueKind.True
                && !item.TryGetProperty("modifierExtension", out _))
                continue;
            throw new FhirRefusedException(path, "says that the consent was not verified.");
        }
    }

    // Of all extensions, the one that says what ends with this consent.
    private static FhirReference? Replaced(FhirElement consent)
    {
        FhirReference? replaced = null;
        foreach (var (item, path) in consent.List("extension"))
        {
            if (item.ValueKind is not JsonValueKind.Object || !item.TryGetProperty("url", out var url)
                || url.ValueKind is not JsonValueKind.String || !url.ValueEquals(FhirSystems.Replaces))
                continue;
            if (replaced is not null)
                throw new FhirRefusedException(path, "names a second consent to replace.");
            var extension = new FhirElement(item, path, "url", "valueReference");
            replaced = FhirDatatypes.Reference(extension.Required("valueReference"), extension.At("valueReference"));
            if (replaced is not { Type: "Consent", Id: { } id } || !LedgerId.IsValid(IdKind.Statement, id))
                throw new FhirRefusedException(replaced.Path, "is no Consent by the id of a statement (Consent/st-…).");
        }
        return replaced;
    }

    private static (Effect? Statement, bool EmergencyNever) Modifiers(FhirElement consent)
    {
        Effect? statement = null;
        var never = false;
        foreach (var (item, path) in consent.List("modifierExtension"))
        {
            var modifier = new FhirElement(item, path, "url", "valueCode");
            switch (modifier.Text("url"), modifier.OptionalText("valueCode"))
            {
                case (FhirSystems.SignedStatement, "permit" or "deny") when statement is null:
                    statement = FhirProvision.EffectOf(modifier, "valueCode");
                    break;
                case (FhirSystems.Emergency, "never"):
                    never = true;
                    break;
                default:
                    throw new FhirRefusedException(path, "changes the meaning in a way that is not known here.");
            }
        }
        return (statement, never);
    }
}
