using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Access.Log;

/// <summary><c>/api/v1/patients/{patientId}/access-log</c>.</summary>
internal static class AccessLogEndpoints
{
    private const int DefaultLimit = 50;

    public static void MapAccessLog(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/patients/{patientId}/access-log", List).RequirePermission(Permission.SeeAccessLog).WithTags("Access")
            .WithSummary("See who asked for and who read a patient's records, and why")
            .WithDescription($"Newest first; at most {AccessLogReader.MaxLimit} items a page, {DefaultLimit} unless told; patients see their own only.")
            .Paged(DefaultLimit, AccessLogReader.MaxLimit).ProducesProblem(404);

    private static async Task<Results<Ok<AccessLogPage>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, AccessLogReader log, CursorSeal seal, CancellationToken ct) =>
        caller.MaySpeakFor(patientId) && await log.ReadAsync(patientId, seal.OpenCursor($"access-log {patientId}", cursor), limit ?? DefaultLimit, ct) is { } page
            ? TypedResults.Ok(page with { Next = seal.SealCursor($"access-log {patientId}", page.Next) })
            : ApiProblem.NotAvailable.ToResult();
}
