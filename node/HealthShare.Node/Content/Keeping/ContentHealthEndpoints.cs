using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Node.Auth;
using HealthShare.Node.Events;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Content.Keeping;

/// <summary><c>/api/v1/content</c>.</summary>
internal static class ContentHealthEndpoints
{
    /// <summary>One JSON object a line.</summary>
    public const string Lines = "application/x-ndjson";

    private const string Job = "contentCheck";

    public static void MapContent(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/content").WithTags("Content");
        group.MapGet("/health", Get).RequirePermission(Permission.SeeContentHealth)
            .WithSummary("See whether this member's records are held where they are to be, as far as it was checked");
        group.MapPost("/check", Post).RequirePermission(Permission.CheckContent)
            .WithSummary("Check this member's records now, and repair them where asked")
            .WithDescription("Answers with one JSON object a line while it works, the last one with `done`. It stops when its caller goes away.")
            .Produces<ContentCheckProgress>(200, Lines).ProducesProblem(400).ProducesProblem(409);
    }

    private static async Task<Ok<ContentHealth>> Get(ContentHealthReader health, CancellationToken ct) =>
        TypedResults.Ok(await health.ReadAsync(ct));

    private static async Task<IResult> Post(ContentCheckOrder order, CheckOnDemand check, JobBoard jobs, HttpContext http, CancellationToken ct)
    {
        using var turn = check.TryBegin();
        if (turn is null)
            return new ApiProblem(StatusCodes.Status409Conflict, "content.check_running", "Another check is running; ask again when it is over.").ToResult();
        http.Response.ContentType = Lines;
        var last = new JobProgress(Job, 0, null, "failed"); // where it ends early
        try
        {
            await foreach (var progress in check.RunAsync(order, ct))
            {
                last = last with { Done = progress.Counts.Records, Total = progress.Total, State = progress.Done ? "done" : "failed" };
                jobs.Report(Permission.SeeContentHealth, progress.Done ? last : last with { State = "running" });
                await JsonSerializer.SerializeAsync(http.Response.Body, progress, KeepingJson.Default.ContentCheckProgress, ct);
                await http.Response.Body.WriteAsync("\n"u8.ToArray(), ct);
                await http.Response.Body.FlushAsync(ct);
            }
        }
        finally
        {
            if (last.State != "done")
                jobs.Report(Permission.SeeContentHealth, last);
        }
        return TypedResults.Empty;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ContentHealth))]
[JsonSerializable(typeof(ContentCheckOrder))]
[JsonSerializable(typeof(ContentCheckProgress))]
internal sealed partial class KeepingJson : JsonSerializerContext;
