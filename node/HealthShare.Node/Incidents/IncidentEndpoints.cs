using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Incidents;

internal static class IncidentEndpoints
{
    private const int DefaultLimit = 100;
    private const string Path = "/api/v1/incidents";

    public static IServiceCollection AddIncidents(this IServiceCollection services) => services.AddSingleton<IncidentLog>();

    public static void MapIncidents(this IEndpointRouteBuilder app) =>
        app.MapGet(Path, List).RequirePermission(Permission.SeeIncidents).WithTags("Incidents")
            .WithSummary("See where the ledger and this node's own checks disagree, newest first")
            .WithDescription($"At most {IncidentLog.MaxLimit} a page, {DefaultLimit} unless told. kind=own leaves out what other members report, "
                + "kind=reported all else; the codes of reports begin with reported. The next page is in the header Link.")
            .Paged(DefaultLimit, IncidentLog.MaxLimit);

    private static async Task<Results<Ok<IReadOnlyList<Incident>>, ProblemHttpResult>> List(
        string? kind, string? cursor, int? limit, IncidentLog log, CursorSeal seal, HttpResponse response, CancellationToken ct)
    {
        IncidentKind? wanted = kind switch { "own" => IncidentKind.Own, "reported" => IncidentKind.Reported, _ => null };
        if (kind is not null && wanted is null)
            return ApiProblem.Invalid("kind is neither own nor reported.").ToResult();
        var most = limit ?? DefaultLimit;
        var page = await log.ListAsync(wanted, seal.OpenCursor(Path, cursor), most, ct);
        if (page.Next is { } next)
            response.Headers.Link = $"</api/v1/incidents?limit={most}&cursor={seal.Seal(Path, next)}{(kind is null ? "" : $"&kind={kind}")}>; rel=\"next\"";
        return TypedResults.Ok(page.Incidents);
    }
}
