using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Access.Emergencies;

/// <summary><c>/api/v1/emergency-access</c>: breaking the glass, and reviewing it.</summary>
internal static class EmergencyEndpoints
{
    private const int MaxBodyBytes = 128 * 1024, DefaultLimit = 100, MaxLimit = 500;

    private static readonly ApiProblem NoStaffId = new(StatusCodes.Status403Forbidden, "auth.staff_id_missing",
        "A review needs a staff id, under which it stands on the channel.");

    public static void MapEmergencies(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/emergency-access").WithTags("Emergencies").WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        if (app.ServiceProvider.GetRequiredService<IOptions<NodeOptions>>().Value.Kind is not NodeKind.Regulator)
        {
            group.MapPost("/", Declare).RequirePermission(Permission.DeclareEmergencies).RequireRateLimiting(RateLimits.Emergencies)
                .WithSummary("Break the glass for one patient, with your signature and another member of staff's")
                .WithDescription("Answers with the session and with what it permits, whose keys then arrive as for any access request; "
                    + "ask for more with POST /access-requests, purpose ETREAT and emergencyId. Sending the same again has no second effect.")
                .ProducesProblem(400).ProducesProblem(404).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        }
        group.MapGet("/", Open).RequirePermission(Permission.SeeEmergencies)
            .WithSummary("List emergencies that wait for their review and that your organization declared or may review")
            .WithDescription($"What waits longest first; at most {MaxLimit} a page, {DefaultLimit} unless told.").Paged(DefaultLimit, MaxLimit);
        group.MapGet("/{id}", Get).RequirePermission(Permission.SeeEmergencies).WithSummary("See an emergency").ProducesProblem(404);
        group.MapPost("/{id}/review", Review).RequirePermission(Permission.ReviewEmergencies)
            .WithSummary("Review another member's emergency, once").ProducesProblem(403).ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<Created<EmergencyView>> Declare(
        NewEmergency declared, Caller caller, EmergencyDeclaration declaration, CancellationToken ct)
    {
        var view = await declaration.DeclareAsync(declared, caller, ct);
        return TypedResults.Created($"/api/v1/emergency-access/{view.Id}", view);
    }

    private static async Task<Ok<EmergencyPage>> Open(
        string? cursor, int? limit, EmergencyReader reader, CursorSeal seal, CancellationToken ct)
    {
        const string Name = "emergencies";
        var page = await reader.OpenAsync(seal.OpenCursor(Name, cursor), limit ?? DefaultLimit, ct);
        return TypedResults.Ok(page with { Next = seal.SealCursor(Name, page.Next) });
    }

    private static async Task<Results<Ok<EmergencyView>, ProblemHttpResult>> Get(
        string id, string? member, EmergencyReader reader, CancellationToken ct) =>
        LedgerId.IsValid(IdKind.Emergency, id) && await reader.FindAsync(id, member, ct) is { } view
            ? TypedResults.Ok(view)
            : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<Ok<EmergencyView>, ProblemHttpResult>> Review(
        string id, string? member, NewReview review, Caller caller, EmergencyReader reader, LedgerService ledger, CatchUp catchUp,
        CancellationToken ct)
    {
        if (caller.StaffId is not { } staff)
            return NoStaffId.ToResult();
        if (!LedgerId.IsValid(IdKind.Emergency, id) || await reader.FindAsync(id, member, ct) is not { } found)
            return ApiProblem.NotAvailable.ToResult();
        var name = new EmergencyRef(found.PatientId, found.Member, found.Id);
        var commit = await ledger.SubmitAsync(LedgerTransactions.ReviewEmergency, new ReviewEmergency(name, review.Outcome, staff),
            LedgerJson.Default.ReviewEmergency, LedgerJson.Default.ReviewEntry, ct);
        await catchUp.ToAsync(commit.Block, ct);
        var entry = commit.Result;
        return TypedResults.Ok(found with
        {
            Review = new EmergencyReviewView(entry.Review.Outcome, entry.Reviewer, entry.Review.Staff, entry.ReviewedAt),
        });
    }
}
