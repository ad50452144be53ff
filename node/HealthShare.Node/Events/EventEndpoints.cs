using HealthShare.Node.Auth;
using HealthShare.Node.Hosting;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Events;

/// <summary><c>/api/v1/events</c>: what happens, as it happens.</summary>
internal static class EventEndpoints
{
    /// <summary>The address of the stream.</summary>
    public const string Path = "/api/v1/events";

    private static readonly ApiProblem TooMany = new(StatusCodes.Status429TooManyRequests, "events.too_many_streams",
        "Too many streams are open; close one, or try again later.");

    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        services.AddNodeOptions<EventsOptions, EventsOptionsValidator>("Events");
        services.AddSingleton<EventTable>();
        services.AddSingleton<EventFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<EventFeed>());
        services.AddHostedService<EventPruner>();
        services.AddSingleton<JobBoard>();
        services.AddSingleton<StreamBounds>();
        services.AddSingleton<EventStreams>();
        services.AddSingleton<FollowedRevocations>();
        services.AddSingleton<RevocationProgress>();
        services.AddHostedService(provider => provider.GetRequiredService<RevocationProgress>());
        services.AddSingleton<CursorSeal>();
        services.AddSingleton<IProjection, EventProjection>();
        return services;
    }

    public static void MapEvents(this IEndpointRouteBuilder app) =>
        app.MapGet(Path, Follow).RequirePermission(Permission.FollowEvents).WithTags("Events")
            .WithSummary("Hear of events as they happen")
            .WithDescription("""
                A stream of server-sent events (text/event-stream). `ready` comes first; then `notification`, `decision`, `revocation`,
                `accessLog` (it has grown), `accessRequest`, `incident`, `intake` and `progress`, as far as the caller may read the same
                elsewhere; `heartbeat` when nothing happens; `end` when the session or the node does. Sent again with the header
                Last-Event-ID, it goes on after that event; `reset` in place of `ready` says that some are kept no longer: read the lists
                anew. Data are JSON, ids and codes only.
                """)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(400).ProducesProblem(429);

    private static IResult Follow(
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId, Caller caller, EventStreams streams, StreamBounds bounds, HttpContext http, CancellationToken ct)
    {
        var position = streams.PositionOf(caller, lastEventId);
        if (bounds.TryEnter(caller) is not { } place)
        {
            http.Response.Headers.RetryAfter = "30";
            return TooMany.ToResult();
        }
        http.Response.RegisterForDispose(place);
        // Proxies that collect an answer before they pass it on would keep it for ever.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(streams.ReadAsync(http, caller, position, ct));
    }
}
