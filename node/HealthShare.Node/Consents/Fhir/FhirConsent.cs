using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>An active FHIR Consent about privacy, of either release, as far as it decides anything.</summary>
/// <param name="Version">The release that it was written in.</param>
/// <param name="Patient">Whose data it is about.</param>
/// <param name="Recorded">When it was given; null when it does not say.</param>
/// <param name="Root">The base rule, and in it what alternates or stands beside it.</param>
/// <param name="Statement">Effect of the signed statement that the consent is the exact image of; null for any other consent.</param>
/// <param name="EmergencyNever">True when not even an emergency may read against it.</param>
internal sealed record FhirConsent(
    FhirVersion Version, FhirReference Patient, DateTimeOffset? Recorded, FhirRule Root, Effect? Statement, bool EmergencyNever);

/// <summary>One rule: a base decision or a provision.</summary>
/// <param name="Path">Where it stands.</param>
/// <param name="Effect">Permit or deny.</param>
/// <param name="Period">While it applies; null for as long as the rule around it.</param>
/// <param name="Scope">What it is about.</param>
/// <param name="Rules">The rules nested in it.</param>
internal sealed record FhirRule(string Path, Effect Effect, FhirPeriod? Period, FhirScope Scope, ImmutableArray<FhirRule> Rules);

/// <summary>What a rule is about; an absent element (a default array) matches everything.</summary>
internal sealed record FhirScope
{
    public static FhirScope Everything { get; } = new();

    public ImmutableArray<FhirActor> Actors { get; init; }

    public ImmutableArray<FhirCoding> Purposes { get; init; }

    public ImmutableArray<FhirCoding> SecurityLabels { get; init; }

    /// <summary>R4 class; R5 resourceType or documentType.</summary>
    public ImmutableArray<FhirCoding> Classes { get; init; }

    public ImmutableArray<FhirCoding> Codes { get; init; }

    public FhirPeriod? DataPeriod { get; init; }

    public ImmutableArray<FhirData> Data { get; init; }

    public bool IsEverything => Actors.IsDefault && Purposes.IsDefault && SecurityLabels.IsDefault && Classes.IsDefault
        && Codes.IsDefault && DataPeriod is null && Data.IsDefault;

    /// <summary>This scope; where it is silent, what the rule around it says.</summary>
    public FhirScope Within(FhirScope outer) => new()
    {
        Actors = Actors.IsDefault ? outer.Actors : Actors,
        Purposes = Purposes.IsDefault ? outer.Purposes : Purposes,
        SecurityLabels = SecurityLabels.IsDefault ? outer.SecurityLabels : SecurityLabels,
        Classes = Classes.IsDefault ? outer.Classes : Classes,
        Codes = Codes.IsDefault ? outer.Codes : Codes,
        DataPeriod = DataPeriod ?? outer.DataPeriod,
        Data = Data.IsDefault ? outer.Data : Data,
    };
}

/// <summary>A half-open time.</summary>
/// <param name="Start">First instant; null when open.</param>
/// <param name="End">First instant after; null when open.</param>
internal sealed record FhirPeriod(DateTimeOffset? Start, DateTimeOffset? End);

/// <summary>A code of a code system.</summary>
internal sealed record FhirCoding(string? System, string Code, string Path = "");

/// <summary>A reference: a literal one (<c>Type/Id</c>) or one by identifier; the other pair is null.</summary>
internal sealed record FhirReference(string? Type, string? Id, string? System, string? Value, string Path = "");

/// <summary>Someone that a rule is about.</summary>
/// <param name="IsCustodian">True when it names who keeps the data, not who reads it.</param>
/// <param name="Reference">Who.</param>
internal sealed record FhirActor(bool IsCustodian, FhirReference Reference);

/// <summary>How a rule's data is named.</summary>
internal enum FhirDataMeaning
{
    /// <summary>The very resource.</summary>
    Instance,

    /// <summary>What belongs to it.</summary>
    Related,

    /// <summary>What it authored.</summary>
    AuthoredBy,
}

/// <summary>Data that a rule is about.</summary>
internal sealed record FhirData(FhirDataMeaning Meaning, FhirReference Reference);
