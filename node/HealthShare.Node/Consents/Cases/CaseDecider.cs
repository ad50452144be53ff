using System.Collections.Immutable;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Cases;

/// <summary>Decides the cases of a manifest: maps each consent, hands the statements and the facts to the kernel.</summary>
internal sealed class CaseDecider
{
    // No reader of a file is of this name, so nobody reads a record as its own.
    private const string Nowhere = "none";

    private readonly ConsentProfile profile;
    private readonly CaseResources resources;
    private readonly Dictionary<string, Mapped> consents = new(StringComparer.Ordinal);

    private CaseDecider(ConsentProfile profile, CaseResources resources) => (this.profile, this.resources) = (profile, resources);

    /// <summary>Reads what the manifest names.</summary>
    /// <exception cref="InvalidDataException">A file is missing or not of its form.</exception>
    public static async Task<CaseDecider> LoadAsync(CaseManifest manifest, string folder, ConsentProfile profile, CancellationToken ct)
    {
        var files = manifest.Consents.Select(consent => Beside(folder, consent.File)).ToArray();
        var folders = files.Select(file => Path.Combine(Path.GetDirectoryName(file)!, "..", "resources")).Prepend(Path.Combine(folder, "resources"));
        var resources = await CaseResources.LoadAsync(folders.Select(Path.GetFullPath).Distinct(), manifest, ct);
        var decider = new CaseDecider(profile, resources);
        var names = new CaseNames(profile, resources.MembersOf);
        foreach (var file in files)
        {
            if (!decider.consents.TryAdd(Path.GetFileNameWithoutExtension(file), decider.Map(await ReadAsync(file, ct), names)))
                throw new InvalidDataException($"Two consents are called '{Path.GetFileNameWithoutExtension(file)}'.");
        }
        return decider;
    }

    /// <summary>Decides one case.</summary>
    /// <exception cref="InvalidDataException">It names something that the manifest does not have.</exception>
    public CaseResult Decide(DecisionCase item)
    {
        var consent = consents.GetValueOrDefault(item.Consent) ?? throw Missing(item, "consent");
        var resource = resources.Find(item.Resource) ?? throw Missing(item, "resource");
        var request = Request(item);
        if (consent.Refused is { NotInForce: false } refused)
            return new CaseResult(item.Id, item.Expected, "deny", Agrees: false, $"consent.refused: {refused.Message}", refused.Path);
        var inForce = consent.Statements.Where(statement => statement.Grant.Period.Contains(request.Time)).ToArray();
        if (inForce.Length == 0)
            return Result(item, "no-consent", consent.Refused is null ? "consent.period: not in force at that time" : "consent.status: not active");
        if (resource.Date is null && inForce.Any(statement => statement.Grant.Scope.Any(NamesData)))
            return Result(item, "deny", "deny.undated: the consent goes by the date of data, and this has none");
        var decision = Decide(resource, request, inForce);
        return Result(item, decision.Permitted ? "permit" : "deny", Words(decision, consent));
    }

    // A record on the ledger has one author. Where a resource has several, it is read only if it could be read as any one's.
    private Decision Decide(CaseResource resource, RequestFacts request, StatementInForce[] statements)
    {
        Decision? decided = null;
        foreach (var author in resource.Authors.DefaultIfEmpty())
        {
            var decision = DecisionKernel.Decide(Facts(resource, author), request, statements);
            if (decided is null || !decision.Permitted)
                decided = decision;
        }
        return decided!.Value;
    }

    private RecordFacts Facts(CaseResource resource, string? author)
    {
        var facts = new RecordFacts(CaseNames.RecordOf(resource.Id), Nowhere, [.. resource.Categories.Select(CaseNames.CategoryOf)],
            [.. resource.Labels.Select(CaseNames.LabelOf)], author is null ? null : CaseNames.AuthorOf(author),
            resource.Encounter is null ? null : CaseNames.EncounterOf(resource.Encounter), resource.Confidentiality, resource.Date ?? default);
        return profile is ConsentProfile.Pcf ? PcfLabels.Of(facts) : facts;
    }

    private static RequestFacts Request(DecisionCase item)
    {
        if (item.Actor.Split('/') is not [var type, var id] || !LedgerCode.IsMspId(type) || !LedgerCode.IsCode(id))
            throw new InvalidDataException($"Case '{item.Id}': the actor is no reference of the form Type/id.");
        if (!FhirTime.TryParse(item.AsOf, out var time, out _))
            throw new InvalidDataException($"Case '{item.Id}': as_of is no FHIR date.");
        var hash = item.Purpose.LastIndexOf('#');
        var purpose = hash < 0
            ? CaseNames.PurposeOf(FhirSystems.ActReason, item.Purpose)
            : CaseNames.PurposeOf(item.Purpose[..hash], item.Purpose[(hash + 1)..]);
        return new RequestFacts(type, IsHospital: true, Role: "", Staff: id, purpose, time);
    }

    private Mapped Map(byte[] bytes, CaseNames names)
    {
        try
        {
            var grants = FhirConsentMapper.Map(FhirConsentReader.Read(bytes), names, DateTimeOffset.MinValue);
            return new Mapped([.. grants.Select((grant, i) => new StatementInForce($"statement {i + 1}", profile is ConsentProfile.Pcf ? PcfLabels.Of(grant) : grant))], null);
        }
        catch (FhirRefusedException e)
        {
            return new Mapped([], e);
        }
    }

    private string Words(in Decision decision, Mapped consent)
    {
        var code = DecisionCodes.CodeOf(decision.Reason);
        if (decision.StatementId is { } id)
            return consent.Statements.Length == 1 ? $"{code}: scope[{decision.Provision}]" : $"{code}: {id}, scope[{decision.Provision}]";
        var near = DecisionCodes.ChangesOf(decision).Where(static change => change.StartsWith("near.", StringComparison.Ordinal)).ToArray();
        return near.Length == 0 ? $"{code}: nothing permits it" : $"{code}: {string.Join(", ", near.Select(Named))}";

        // By PCF's rules labels stand among the categories, see PcfLabels; people know them as labels.
        string Named(string change) => profile is ConsentProfile.Pcf && change == "near.category" ? "near.labels" : change;
    }

    private static bool NamesData(Provision provision) =>
        provision.DataPeriod is not null || (!provision.Except.IsDefault && provision.Except.Any(NamesData));

    private static CaseResult Result(DecisionCase item, string decision, string reason) =>
        new(item.Id, item.Expected, decision, item.Expected == decision, reason);

    private static async Task<byte[]> ReadAsync(string file, CancellationToken ct)
    {
        try
        {
            return new FileInfo(file).Length <= FhirConsentReader.MaxBytes
                ? await File.ReadAllBytesAsync(file, ct)
                : throw new InvalidDataException($"'{Path.GetFileName(file)}' is larger than {FhirConsentReader.MaxBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"'{Path.GetFileName(file)}' cannot be read: {e.Message}", e);
        }
    }

    // A manifest comes from anywhere; what it names lies beside it and nowhere else.
    private static string Beside(string folder, string file)
    {
        var path = Path.GetFullPath(Path.Combine(folder, file));
        return path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException("A consent does not lie beside the manifest.");
    }

    private static InvalidDataException Missing(DecisionCase item, string what) => new($"Case '{item.Id}' names a {what} that is not there.");

    private sealed record Mapped(ImmutableArray<StatementInForce> Statements, FhirRefusedException? Refused);
}
