using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Node.Problems;
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
    private const string Fhir = "application/fhir+json", Json = "application/json";

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
            .WithDescription("The body of a grant (application/json), or a FHIR R4 or R5 Consent (application/fhir+json). Nothing is kept.")
            .Accepts<object>(Json, Fhir).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(FhirConsentReader.MaxBytes))
            .ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        consents.MapGet("/{statementId}", Get).RequirePermission(Permission.SeeConsents)
            .WithSummary("See one grant; as a FHIR Consent where Accept is application/fhir+json")
            .WithDescription("fhirVersion=5.0 in Accept asks for R5; R4 otherwise. A grant that the release cannot say is refused with the place.")
            .ProducesProblem(422);
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
        string patientId, Caller caller, ConsentPreviewer previewer, CodeBook codes, TimeProvider clock, HttpContext http, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || !caller.MaySpeakFor(patientId))
            return ApiProblem.NotAvailable.ToResult();
        var grants = await ReadAsync(http.Request, patientId, codes, clock, ct);
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
        var wanted = http.Request.GetTypedHeaders().Accept.FirstOrDefault(type => type.MediaType.Equals(Fhir, StringComparison.OrdinalIgnoreCase));
        if (wanted is null)
            return TypedResults.Ok(consent);
        // What no longer decides is no active Consent, and an inactive one is not what was signed.
        if (consent is { Status: ConsentStatus.Revoked } || consent.Body is not { } body)
            return new ApiProblem(StatusCodes.Status422UnprocessableEntity, "fhir.not_in_force", "A grant that was revoked is not given out in FHIR.").ToResult();
        var version = wanted.Parameters.Any(parameter => parameter.Name.Equals("fhirVersion", StringComparison.OrdinalIgnoreCase)
            && parameter.Value.StartsWith("5", StringComparison.Ordinal)) ? FhirVersion.R5 : FhirVersion.R4;
        var grant = StatementReader.ReadGrant(CanonicalJson.Canonicalize(System.Text.Encoding.UTF8.GetBytes(body.GetRawText())));
        var json = GrantToFhir.Write(grant, new StatementHeader(statementId, patientId, consent.Issued ?? consent.AcceptedAt), version, (await codes.OfAsync(patientId, ct)).Names);
        return TypedResults.Text(json.ToJsonString(), $"{Fhir}; fhirVersion={(version is FhirVersion.R5 ? "5.0" : "4.0")}");
    }

    private static async Task<IReadOnlyList<GrantBody>> ReadAsync(
        HttpRequest request, string patientId, CodeBook codes, TimeProvider clock, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType.Value is not (Json or Fhir))
            throw new BadHttpRequestException("Another type of body.", StatusCodes.Status415UnsupportedMediaType);
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
        return FhirConsentMapper.Map(consent, (await codes.OfAsync(patientId, ct)).Names, LedgerTime.Truncate(clock.GetUtcNow()));
    }

    private static PlainWords WordsFor(HttpContext http)
    {
        var words = PlainWords.For(http.Request.Headers.AcceptLanguage);
        http.Response.Headers.ContentLanguage = words.Language;
        return words;
    }
}
