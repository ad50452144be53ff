using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;
using HealthShare.Policy.Statements;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Net.Http.Headers;

namespace HealthShare.Node.Consents.Explain;

/// <summary>What consents come to, in plain words, and consents in FHIR.</summary>
internal static class ExplainEndpoints
{
    private const string Fhir = FhirMedia.Json, Json = "application/json";

    public static IServiceCollection AddExplain(this IServiceCollection services)
    {
        services.AddSingleton<CodeBook>();
        services.AddSingleton<ConsentExplainer>();
        services.AddSingleton<ConsentPreviewer>();
        services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ExplainJson.Default));
        return services;
    }

    /// <summary>Adds the addresses to those of a patient's consents.</summary>
    public static void MapExplain(this IEndpointRouteBuilder consents)
    {
        consents.MapGet("/explain", Explain).RequirePermission(Permission.SeeConsents)
            .WithSummary("Say whether somebody may read a record, why, and what would change it")
            .WithDescription("The words are in the language that Accept-Language asks for, else in English.").ProducesProblem(400);
        consents.MapPost("/preview", Preview).RequirePermission(Permission.SeeConsents)
            .WithSummary("Say who could read what if a grant were signed")
            .WithDescription("The body of a grant (application/json), or a FHIR R4 or R5 Consent (application/fhir+json). Nothing is kept. "
                + "What would be refused once it is signed is refused here, with the same code.")
            .Accepts<object>(Json, Fhir).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(FhirConsentReader.MaxBytes))
            .ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        consents.MapGet("/{statementId}", Get).RequirePermission(Permission.SeeConsents)
            .WithSummary("See one grant; as a FHIR Consent where Accept is application/fhir+json")
            .WithDescription("fhirVersion=5.0 in Accept asks for R5; R4 otherwise. A grant that the release cannot say is refused with the place, "
                + "and so is one that does not count, for whatever reason.")
            .ProducesProblem(406).ProducesProblem(422);
    }

    private static async Task<Results<Ok<ConsentExplanation>, ProblemHttpResult>> Explain(
        string patientId, string record, string org, string role, string? purpose, string? staff, string? custodian, Caller caller,
        ConsentExplainer explainer, HttpContext http, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !caller.MaySpeakFor(patientId))
            return ApiProblem.NotAvailable.ToResult();
        var query = new ExplainAccess(patientId, new RecordRef("", record), org, purpose ?? Access.AccessPolicies.Treatment, role, staff);
        return await explainer.ExplainAsync(query, custodian, WordsFor(http), ct) is { } explanation
            ? TypedResults.Ok(explanation)
            : ApiProblem.NotAvailable.ToResult();
    }

    private static async Task<Results<Ok<ConsentPreview>, ProblemHttpResult>> Preview(
        string patientId, Caller caller, ConsentPreviewer previewer, CodeBook codes, Replica replica, TimeProvider clock, HttpContext http,
        CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !caller.MaySpeakFor(patientId))
            return ApiProblem.NotAvailable.ToResult();
        var members = (await MemberNames.LoadAsync(replica, ct)).Members.Keys.ToHashSet(StringComparer.Ordinal);
        var grants = await ReadAsync(http.Request, patientId, codes, members, clock, ct);
        return await previewer.PreviewAsync(patientId, grants, WordsFor(http), ct) is { } preview
            ? TypedResults.Ok(preview)
            : ApiProblem.NotAvailable.ToResult();
    }

    private static async Task<IResult> Get(
        string patientId, string statementId, Caller caller, ConsentReader reader, CodeBook codes, HttpContext http, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !LedgerId.IsValid(IdKind.Statement, statementId) || !caller.MaySpeakFor(patientId)
            || await reader.FindAsync(patientId, statementId, ct) is not { } consent)
            return ApiProblem.NotAvailable.ToResult();
        http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var (wanted, version) = FhirMedia.Best(http.Request.GetTypedHeaders().Accept);
        if (wanted is FhirMedia.Wanted.Plain)
            return TypedResults.Ok(consent);
        if (wanted is FhirMedia.Wanted.Unknown)
            return ReleaseUnknown(StatusCodes.Status406NotAcceptable).ToResult();
        // What does not decide is no active Consent, and an inactive one is not what was signed.
        if (consent is not { Status: ConsentStatus.Active or ConsentStatus.Scheduled, Body: { } body })
            return NotInForce(consent).ToResult();
        var grant = StatementReader.ReadGrant(CanonicalJson.Canonicalize(System.Text.Encoding.UTF8.GetBytes(body.GetRawText())));
        var json = GrantToFhir.Write(grant, new StatementHeader(statementId, patientId, consent.Issued ?? consent.AcceptedAt), version, (await codes.OfAsync(patientId, null, ct)).Names);
        return TypedResults.Text(json.ToJsonString(), FhirMedia.Of(version));
    }

    private static ApiProblem ReleaseUnknown(int status) => new(status, "fhir.release_unknown", "That release of FHIR is not known here.",
        "fhirVersion is not 4.0, 4.3 or 5.0.");

    private static ApiProblem NotInForce(Consent consent) => new(StatusCodes.Status422UnprocessableEntity, "fhir.not_in_force",
        "A grant that does not count is not given out in FHIR.", consent.Status switch
        {
            ConsentStatus.Waiting when consent.EffectiveFrom is { } from => $"It is a broad permit and counts from {LedgerTime.Format(from)} on.",
            ConsentStatus.Lapsed when consent.Lapse is { } cause =>
                $"It does not count, since {PlainWords.English.Find($"lapse.{JsonNamingPolicy.CamelCase.ConvertName(cause.ToString())}")}.",
            ConsentStatus.UsedUp => "Its uses are used up.",
            ConsentStatus.Expired => "Its period is over.",
            _ => "It was revoked or replaced.",
        });

    private static async Task<IReadOnlyList<GrantBody>> ReadAsync(
        HttpRequest request, string patientId, CodeBook codes, IReadOnlySet<string> members, TimeProvider clock, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType.Value is not (Json or Fhir))
            throw new BadHttpRequestException("Another type of body.", StatusCodes.Status415UnsupportedMediaType);
        if (FhirMedia.Is(type) && FhirMedia.VersionOf(type) is null)
            throw new ApiProblemException(ReleaseUnknown(StatusCodes.Status415UnsupportedMediaType));
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, ct); // the address bounds it
        var bytes = body.ToArray();
        if (type.MediaType.Value is Json)
            return [StatementReader.ReadGrant(CanonicalJson.Canonicalize(bytes))]; // not signed yet: its form is free
        var consent = FhirConsentReader.Read(bytes);
        var named = consent.Patient switch
        {
            { System: FhirSystems.Patient } patient => patient.Value,
            { Type: "Patient" } patient => patient.Id,
            _ => null,
        };
        if (named != patientId)
            throw new FhirRefusedException(consent.Patient.Path, "is another patient than the one in the address.");
        return FhirConsentMapper.Map(consent, (await codes.OfAsync(patientId, members, ct)).Names, LedgerTime.Truncate(clock.GetUtcNow()));
    }

    private static PlainWords WordsFor(HttpContext http)
    {
        var words = PlainWords.For(http.Request.Headers.AcceptLanguage);
        http.Response.Headers.ContentLanguage = words.Language;
        return words;
    }
}
