using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents;
using HealthShare.Node.Hosting;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Node.Patients.Handles;
using HealthShare.Node.Patients.Merges;
using HealthShare.Node.Problems;
using HealthShare.Policy;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Patients;

/// <summary><c>/api/v1/patients</c>.</summary>
internal static class PatientEndpoints
{
    private const string Treatment = "TREAT";
    private const int DefaultRecords = 200, MaxRecords = 1000;

    public static void MapPatients(this IEndpointRouteBuilder app)
    {
        var patients = app.MapGroup("/api/v1/patients").WithTags("Patients");
        patients.MapGet("/{patientId}", Get).RequirePermission(Permission.SeePatients)
            .WithSummary("See a patient's entry on the channel").ProducesProblem(404);
        patients.MapGet("/{patientId}/records", Records).RequirePermission(Permission.SeeRecords)
            .WithSummary("List the records of a patient that you may know of, newest data first")
            .WithDescription($"At most {MaxRecords} a page, {DefaultRecords} unless told.").Paged(DefaultRecords, MaxRecords).ProducesProblem(404);
        patients.MapPost("/{patientId}/links", Link).RequirePermission(Permission.RelayStatements)
            .WithSummary("Bring a signed link to another hospital to the channel").ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
        app.MapCredentials();
        app.MapDelegates();
        app.MapVouchedSigners();
        app.MapErasures();
        app.MapMerges();
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is NodeKind.Regulator)
            return; // enrols nobody, and treats nobody
        app.MapHandles();
        patients.MapPost("/", Enroll).RequirePermission(Permission.RegisterPatients)
            .WithSummary("Enrol a patient by the hospital's own number, or join a number to a linked patient")
            .WithDescription("201 where the patient is new on the channel, 200 for one who is known.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        patients.MapPost("/look-up", LookUp).RequirePermission(Permission.ReadRecords).RequirePermission(Permission.SeePatients)
            .RequireRateLimiting(RateLimits.Handles)
            .WithSummary("Find a patient by the hospital's own number; a POST, since addresses end up in logs")
            .WithDescription("Each is noted with who asked. The privacy officer hears of somebody who walks through numbers.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(429);
        patients.MapPost("/{patientId}/first-credential", PinCredential).RequirePermission(Permission.AcceptCredentials)
            .WithSummary("Pin a patient's first credential (COSE key, base64url)").ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<Results<Created<Patient>, Ok<Patient>, ProblemHttpResult>> Enroll(
        NewPatient request, Caller caller, PatientEnrollment enrollment, PatientReader reader, LookUps lookUps, CancellationToken ct)
    {
        var isPerson = Permissions.Allows(Permission.AcceptCredentials, caller);
        if (request.PatientId is not null && !isPerson)
            return ApiProblem.Forbidden.ToResult();
        if (request is { PatientId: null, OnlyKnown: true })
        {
            var known = await enrollment.FindAsync(new PatientNumber(request.Number, request.Authority, request.Type), ct);
            await lookUps.NoteAsync(caller, known, ct); // before anybody learns of it
            if (known is null)
            {
                return new ApiProblem(StatusCodes.Status404NotFound, "patient.number_unknown", "No patient has this number here.",
                    "Mind who assigned it, and capitals: both are part of it. Without onlyKnown a new patient is enrolled.").ToResult();
            }
        }
        var (patientId, isNew) = request.PatientId is null ? await enrollment.EnrollAsync(request, returns: isPerson, ct) : (request.PatientId, false);
        if (request.PatientId is not null)
        {
            if (!LedgerId.IsValid(IdKind.Patient, patientId))
                return ApiProblem.NotAvailable.ToResult();
            await enrollment.JoinAsync(request, patientId, ct);
        }
        if (await reader.FindAsync(caller, patientId, ct) is not { } patient)
        {
            // Committed, but this node's own copy is not that far.
            return new ApiProblem(StatusCodes.Status503ServiceUnavailable, "readmodel.behind",
                "The patient is enrolled; ask again shortly.").ToResult();
        }
        return isNew ? TypedResults.Created($"/api/v1/patients/{patientId}", patient) : TypedResults.Ok(patient);
    }

    private static async Task<Results<Ok<Patient>, ProblemHttpResult>> LookUp(
        PatientNumber number, Caller caller, PatientEnrollment enrollment, PatientReader reader, LookUps lookUps, CancellationToken ct)
    {
        var patient = await enrollment.FindAsync(number, ct) is { } patientId ? await reader.FindAsync(caller, patientId, ct) : null;
        await lookUps.NoteAsync(caller, patient?.PatientId, ct); // before anybody learns of it
        return patient is null ? ApiProblem.NotAvailable.ToResult() : TypedResults.Ok(patient);
    }

    private static async Task<Results<Ok<Patient>, ProblemHttpResult>> Get(
        string patientId, Caller caller, PatientReader reader, CancellationToken ct) =>
        await reader.FindAsync(caller, patientId, ct) is { } patient ? TypedResults.Ok(patient) : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<Ok<PatientRecords>, ProblemHttpResult>> Records(
        string patientId, string? cursor, int? limit, Caller caller, PatientReader reader, CursorSeal seal, CancellationToken ct,
        string purpose = Treatment)
    {
        if (!PurposeOfUse.Contains(purpose))
            return ApiProblem.Invalid("purpose is no purpose of HL7's PurposeOfUse, such as TREAT.").ToResult();
        var list = $"records {purpose} {patientId}";
        return await reader.RecordsAsync(caller, patientId, purpose, seal.OpenCursor(list, cursor), limit ?? DefaultRecords, ct) is { } page
            ? TypedResults.Ok(page with { Next = seal.SealCursor(list, page.Next) })
            : ApiProblem.NotAvailable.ToResult();
    }

    private static async Task<Created<CredentialEntry>> PinCredential(
        string patientId, Credential credential, PatientEnrollment enrollment, CancellationToken ct)
    {
        if (!LedgerId.IsValid(IdKind.Patient, patientId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        return TypedResults.Created($"/api/v1/patients/{patientId}", await enrollment.PinCredentialAsync(patientId, credential, ct));
    }

    private static async Task<Created<AffiliationEntry>> Link(
        string patientId, SignedStatement signed, Caller caller, StatementRelay relay, CancellationToken ct) =>
        TypedResults.Created($"/api/v1/patients/{patientId}", await relay.RelayAsync(
            caller, patientId, signed, LedgerTransactions.LinkPatient, LedgerJson.Default.AffiliationEntry, body =>
            {
                if (body is not LinkBody)
                    throw new PolicyException("statement.wrong_type", "The statement is not a link.");
            }, ct));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewPatient))]
[JsonSerializable(typeof(PatientNumber))]
[JsonSerializable(typeof(Patient))]
[JsonSerializable(typeof(PatientRecords))]
[JsonSerializable(typeof(Credential))]
[JsonSerializable(typeof(CredentialEntry))]
[JsonSerializable(typeof(AffiliationEntry))]
[JsonSerializable(typeof(NewVouchedSigner))]
[JsonSerializable(typeof(Objection))]
[JsonSerializable(typeof(VouchedSigner))]
[JsonSerializable(typeof(VouchedSignersOfPatient))]
[JsonSerializable(typeof(PatientDelegate))]
[JsonSerializable(typeof(PatientDelegates))]
[JsonSerializable(typeof(Confirmed))]
[JsonSerializable(typeof(PatientCredential))]
[JsonSerializable(typeof(PatientCredentials))]
internal sealed partial class PatientJson : JsonSerializerContext;
