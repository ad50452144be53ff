using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Notifications;

/// <summary><c>/api/v1/patients/{patientId}/notifications</c>.</summary>
internal static class NotificationEndpoints
{
    private const int DefaultLimit = 50, MaxLimit = 500;

    public static IServiceCollection AddNotifications(this IServiceCollection services) => services
        .AddSingleton<NotificationReader>()
        .Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, NotificationJson.Default));

    public static void MapNotifications(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/patients/{patientId}/notifications", List).RequirePermission(Permission.SeeNotifications).WithTags("Notifications")
            .WithSummary("See what happened to a patient's data and consents that the patient should know of, emergencies included")
            .WithDescription($"Newest first, at most {MaxLimit} a page, {DefaultLimit} unless told; patients see their own only.")
            .Paged(DefaultLimit, MaxLimit).ProducesProblem(404);

    private static async Task<Results<Ok<NotificationPage>, ProblemHttpResult>> List(
        string patientId, string? cursor, int? limit, Caller caller, NotificationReader reader, CursorSeal seal, CancellationToken ct) =>
        caller.MaySpeakFor(patientId) && await reader.ListAsync(patientId, seal.OpenCursor($"notifications {patientId}", cursor), limit ?? DefaultLimit, ct) is { } page
            ? TypedResults.Ok(page with { Next = seal.SealCursor($"notifications {patientId}", page.Next) })
            : ApiProblem.NotAvailable.ToResult();
}
