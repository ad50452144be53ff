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
/// <param name="Replaces">The consent in whose place it comes, by the id of its statement; null for none.</param>
internal sealed record FhirConsent(
    FhirVersion Version, FhirReference Patient, DateTimeOffset? Recorded, FhirRule Root, Effect? Statement, bool EmergencyNever,
    FhirReference? Replaces = null);

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

    /// <summary>What both scopes name; null when they have nothing in common. Never more than their common part.</summary>
    public FhirScope? Inside(FhirScope outer)
    {
        var isSomewhere = true;
        var common = new FhirScope
        {
            Actors = Common(Actors, outer.Actors),
            Purposes = Common(Purposes, outer.Purposes),
            SecurityLabels = Common(SecurityLabels, outer.SecurityLabels),
            Classes = Common(Classes, outer.Classes),
            Codes = Common(Codes, outer.Codes),
            DataPeriod = DataPeriod is null || outer.DataPeriod is null ? DataPeriod ?? outer.DataPeriod : DataPeriod.Inside(outer.DataPeriod),
            Data = Common(Data, outer.Data),
        };
        return isSomewhere && common.DataPeriod is not { IsEmpty: true } ? common : null;

        ImmutableArray<T> Common<T>(ImmutableArray<T> inner, ImmutableArray<T> around)
        {
            if (inner.IsDefault || around.IsDefault)
                return inner.IsDefault ? around : inner;
            var both = inner.Where(around.Contains).ToImmutableArray();
            isSomewhere &= !both.IsEmpty;
            return both;
        }
    }
}

/// <summary>A half-open time.</summary>
/// <param name="Start">First instant; null when open.</param>
/// <param name="End">First instant after; null when open.</param>
internal sealed record FhirPeriod(DateTimeOffset? Start, DateTimeOffset? End)
{
    public bool IsEmpty => End <= Start;

    /// <summary>The time that lies in both; perhaps an empty one.</summary>
    public FhirPeriod Inside(FhirPeriod other) => new(
        Start is null || other.Start > Start ? other.Start : Start, End is null || other.End < End ? other.End : End);
}

/// <summary>A code of a code system. Where it stands makes no difference to what it is.</summary>
internal sealed record FhirCoding(string? System, string Code, string Path = "")
{
    public bool Equals(FhirCoding? other) => other is not null && System == other.System && Code == other.Code;

    public override int GetHashCode() => HashCode.Combine(System, Code);
}

/// <summary>A reference: a literal one (<c>Type/Id</c>) or one by identifier; the other pair is null. Equal wherever it stands.</summary>
internal sealed record FhirReference(string? Type, string? Id, string? System, string? Value, string Path = "")
{
    public bool Equals(FhirReference? other) =>
        other is not null && Type == other.Type && Id == other.Id && System == other.System && Value == other.Value;

    public override int GetHashCode() => HashCode.Combine(Type, Id, System, Value);
}

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
