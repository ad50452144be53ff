using HealthShare.Node.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Incidents;

internal static class IncidentEndpoints
{
    public static IServiceCollection AddIncidents(this IServiceCollection services) => services.AddSingleton<IncidentLog>();

    public static void MapIncidents(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/incidents", List).RequirePermission(Permission.SeeIncidents).WithTags("Incidents")
            .WithSummary("See where the ledger and this node's own checks disagree, newest first");

    private static async Task<Ok<IReadOnlyList<Incident>>> List(IncidentLog log, CancellationToken ct) =>
        TypedResults.Ok(await log.ListAsync(ct));
}
