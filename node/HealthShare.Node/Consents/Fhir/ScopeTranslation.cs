using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>Turns what one FHIR rule is about into provisions of a statement.</summary>
internal sealed class ScopeTranslation(ConsentNames names)
{
    /// <summary>How security labels of the two kinds, and references of several meanings, stand together.</summary>
    public enum Joined
    {
        /// <summary>All of them must match: the rule of statements.</summary>
        And,

        /// <summary>Any of them: then it takes a provision for each.</summary>
        Or,
    }

    /// <summary>The provisions that together match what the scope matches; exceptions are the caller's.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="labels">How confidentiality and sensitivity labels stand together.</param>
    /// <param name="data">How instances, authors and encounters stand together.</param>
    /// <param name="narrower">True to add the codes that lie under each sensitivity label.</param>
    public ImmutableArray<Provision> Of(FhirScope scope, Joined labels, Joined data, bool narrower)
    {
        if (!scope.Classes.IsDefault && !scope.Codes.IsDefault)
            throw new FhirRefusedException(scope.Codes[0].Path, "stands beside a class; records have one dimension for both.");
        var common = new Provision
        {
            Who = Some<FhirActor, Who>(scope.Actors, static actor => !actor.IsCustodian, actor => names.Readers(actor.Reference)),
            Custodians = Some<FhirActor, string>(scope.Actors, static actor => actor.IsCustodian, actor => [names.Custodian(actor.Reference)]),
            Purpose = All(scope.Purposes, names.Purpose),
            Category = All(scope.Classes.IsDefault ? scope.Codes : scope.Classes, names.Category),
            DataPeriod = scope.DataPeriod is { } period && period is not { Start: null, End: null } ? new DataPeriod(period.Start, period.End) : null,
        };
        return [.. Labelled(common, scope, labels, narrower).SelectMany(provision => WithData(provision, scope, data))];
    }

    private IEnumerable<Provision> Labelled(Provision common, FhirScope scope, Joined joined, bool narrower)
    {
        var confidentiality = Some<FhirCoding, string>(scope.SecurityLabels, IsConfidentiality, coding => [Confidentiality(coding)]);
        var labels = Some<FhirCoding, string>(scope.SecurityLabels, static coding => !IsConfidentiality(coding),
            coding => coding.System is FhirSystems.ActCode && narrower
                ? SensitivityCodes.WithNarrower(coding.Code).Select(code => names.Label(coding with { Code = code }))
                : [names.Label(coding)]);
        if (narrower && !labels.IsDefault)
            labels = [.. labels.Distinct()];
        if (!labels.IsDefault && !common.Category.IsDefault && names.Profile is ConsentProfile.Pcf)
            throw new FhirRefusedException(scope.SecurityLabels[0].Path, "stands beside a class or code, which PCF does not have.");
        return joined is Joined.Or && !confidentiality.IsDefault && !labels.IsDefault
            ? [common with { Confidentiality = confidentiality }, common with { Labels = labels }]
            : [common with { Confidentiality = confidentiality, Labels = labels }];
    }

    private IEnumerable<Provision> WithData(Provision common, FhirScope scope, Joined joined)
    {
        var records = Some<FhirData, string>(scope.Data, static data => data.Meaning is FhirDataMeaning.Instance, data => [names.Record(data.Reference)]);
        var authors = Some<FhirData, string>(scope.Data, static data => data.Meaning is FhirDataMeaning.AuthoredBy, data => [names.Author(data.Reference)]);
        var encounters = Some<FhirData, string>(scope.Data, static data => data.Meaning is FhirDataMeaning.Related, data => [names.Encounter(data.Reference)]);
        if (joined is Joined.And || scope.Data.IsDefault)
            return [common with { Records = records, Authors = authors, Encounters = encounters }];
        return new[] { common with { Records = records }, common with { Authors = authors }, common with { Encounters = encounters } }
            .Where(part => !part.Records.IsDefault || !part.Authors.IsDefault || !part.Encounters.IsDefault);
    }

    private static bool IsConfidentiality(FhirCoding coding) => coding.System is FhirSystems.Confidentiality;

    private static string Confidentiality(FhirCoding coding) => coding.Code is "U" or "L" or "M" or "N" or "R" or "V"
        ? coding.Code
        : throw new FhirRefusedException(coding.Path, "is no confidentiality code.");

    private static ImmutableArray<string> All(ImmutableArray<FhirCoding> codings, Func<FhirCoding, string> translate) =>
        Some<FhirCoding, string>(codings, static _ => true, coding => [translate(coding)]);

    // A dimension is absent when no entry speaks of it, and never empty.
    private static ImmutableArray<TResult> Some<T, TResult>(
        ImmutableArray<T> items, Func<T, bool> speaks, Func<T, IEnumerable<TResult>> translate)
    {
        var entries = items.IsDefault ? [] : items.Where(speaks).SelectMany(translate).ToImmutableArray();
        return entries.IsEmpty ? default : entries;
    }
}
