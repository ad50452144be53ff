using HealthShare.Node.Auth;
using HealthShare.Node.Hosting.Idempotency;
using HealthShare.Node.Intake.Provenance;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Access.Requests;

/// <summary><c>/api/v1/access-requests</c>: clinicians ask for records and read what is permitted.</summary>
internal static class AccessRequestEndpoints
{
    private const string MediaType = "application/hl7-v2";
    private const string RetryAfterSeconds = "1";
    private const int DefaultLimit = 20, MaxLimit = 100;

    /// <summary>The answer while the record's key is on its way.</summary>
    public static IResult Pending(HttpContext http)
    {
        http.Response.Headers.RetryAfter = RetryAfterSeconds;
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    public static void MapAccessRequests(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/access-requests").RequirePermission(Permission.ReadRecords).WithTags("Access");
        group.MapPost("/", Ask).WithSummary("Ask for records of a patient")
            .WithDescription("Answers with what is permitted, and only that; the list is empty where nothing is. "
                + "With the header Idempotency-Key a repetition has no second effect.")
            .ProducesProblem(400).ProducesProblem(422).ProducesProblem(503);
        group.MapGet("/", List).WithSummary("List what you asked for and how much of it you read, newest first")
            .WithDescription($"Those of the role that you have now; at most {MaxLimit} a page, {DefaultLimit} unless told.").Paged(DefaultLimit, MaxLimit);
        group.MapGet("/{id}", Get).WithSummary("See what a request of your own permits now").ProducesProblem(404);
        group.MapGet("/{id}/records/{recordId}", Read).WithSummary("Read a permitted record, the exact bytes received")
            .WithDescription("202 with Retry-After until the record's key has arrived.")
            .Produces(StatusCodes.Status200OK, contentType: MediaType).Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(404).ProducesProblem(502).ProducesProblem(503);
        group.MapRecordParts();
        group.MapGet("/{id}/records/{recordId}/provenance", Provenance).WithSummary("See where a permitted record comes from")
            .WithDescription("Counts as a reading and is written down as one. 202 with Retry-After until the record's key has arrived.")
            .Produces<RecordProvenance>().Produces(StatusCodes.Status202Accepted).ProducesProblem(404).ProducesProblem(502).ProducesProblem(503);
    }

    private static async Task<Created<AccessRequestView>> Ask(
        NewAccessRequest request, Caller caller, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, AccessRequester requester,
        HttpResponse response, CancellationToken ct)
    {
        var (view, isReplayed) = await requester.AskAsync(request, caller, idempotencyKey, ct);
        if (isReplayed)
            response.Headers[IdempotencyKeys.Replayed] = "true";
        return TypedResults.Created($"/api/v1/access-requests/{view.Id}", view);
    }

    private static async Task<Ok<OwnRequestPage>> List(
        string? cursor, int? limit, Caller caller, OwnRequests requests, CursorSeal seal, CancellationToken ct)
    {
        var role = RoleCode.Of(caller.Role);
        var list = $"own-requests {caller.StaffId} {role}";
        var page = await requests.ListAsync(caller.StaffId!, role, seal.OpenCursor(list, cursor), limit ?? DefaultLimit, ct);
        return TypedResults.Ok(page with { Next = seal.SealCursor(list, page.Next) });
    }

    private static async Task<Results<Ok<AccessRequestView>, ProblemHttpResult>> Get(
        string id, Caller caller, AccessRequester requester, CancellationToken ct) =>
        await requester.FindAsync(id, caller, ct) is { } view ? TypedResults.Ok(view) : ApiProblem.NotAvailable.ToResult();

    private static async Task<IResult> Read(
        string id, string recordId, string? custodian, Caller caller, RecordAccess access, RecordDownload download, HttpContext http,
        CancellationToken ct)
    {
        switch (await access.ReadAsync(id, recordId, custodian, caller, static async (record, token) => await record.WholeAsync(token), ct))
        {
            case null:
                return ApiProblem.NotAvailable.ToResult();
            case { Content: { } content, Height: var height }:
                await download.WriteAsync(http, content, MediaType, height, token => access.StandsAsync(id, recordId, custodian, token), ct);
                return TypedResults.Empty;
            default:
                return Pending(http);
        }
    }

    private static async Task<IResult> Provenance(
        string id, string recordId, string? custodian, Caller caller, RecordAccess access, ProvenanceTable arrivals, HttpContext http, CancellationToken ct)
    {
        switch (await access.ReadAsync(id, recordId, custodian, caller, static async (record, token) => await record.WithoutPartsAsync(token), ct))
        {
            case null:
                return ApiProblem.NotAvailable.ToResult();
            case { Content: { } content, IsLocal: var isLocal }:
                return TypedResults.Ok(RecordProvenance.Read(recordId, content, isLocal ? await arrivals.FindAsync(recordId, ct) : null));
            default:
                return Pending(http);
        }
    }
}
