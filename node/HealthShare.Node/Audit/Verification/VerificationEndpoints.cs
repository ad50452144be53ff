using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Audit.Verification;

/// <summary><c>/api/v1/verifications</c>.</summary>
internal static class VerificationEndpoints
{
    private const string Name = "verifications";
    private const int DefaultLimit = 20, MaxLimit = 100, HashDigits = 64;

    /// <summary>Register it after the database.</summary>
    public static IServiceCollection AddVerifications(this IServiceCollection services) => services
        .AddSingleton<VerificationTable>()
        .AddSingleton<VerificationWorker>()
        .AddHostedService(provider => provider.GetRequiredService<VerificationWorker>())
        .Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, VerificationJson.Default));

    public static void MapVerifications(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/verifications").WithTags("Verification").RequirePermission(Permission.VerifyChannel);
        group.MapPost("/", Start).WithSummary("Verify every block of the channel, and every decision in it, in the background")
            .WithDescription("As `healthshare audit verify` does. One at a time: 409 `verification.running` while another one runs. "
                + "Ask the address in Location how far it is. A node that is stopped meanwhile says afterwards that the run was interrupted.")
            .ProducesProblem(400).ProducesProblem(409);
        group.MapGet("/", List).WithSummary("List verifications, newest first")
            .WithDescription($"At most {MaxLimit} a page, {DefaultLimit} unless told.").Paged(DefaultLimit, MaxLimit);
        group.MapDelete("/{verificationId}", Stop).WithSummary("Stop a verification; one that is over stays as it is")
            .WithDescription("It counts as interrupted, with the reason `verification.stopped`, and another one may begin.").ProducesProblem(404);
        group.MapGet("/{verificationId}", Get).WithSummary("See how far a verification is, and what it found").ProducesProblem(404);
    }

    private static async Task<Results<Accepted<VerificationRun>, ProblemHttpResult>> Start(VerificationOrder order, VerificationWorker worker)
    {
        if (order.Genesis is { } hash && (hash.Length != HashDigits || !hash.All(char.IsAsciiHexDigit)))
            return ApiProblem.Invalid("genesis is a SHA-256 hash: 64 hexadecimal digits.").ToResult();
        return await worker.TryBeginAsync(order) is { } run
            ? TypedResults.Accepted($"/api/v1/verifications/{run.Id}", run)
            : new ApiProblem(StatusCodes.Status409Conflict, "verification.running", "Another verification is running; look at its progress.").ToResult();
    }

    private static async Task<Ok<VerificationPage>> List(
        string? cursor, int? limit, VerificationTable table, CursorSeal seal, CancellationToken ct)
    {
        var page = await table.ListAsync(seal.OpenCursor(Name, cursor), limit ?? DefaultLimit, ct);
        return TypedResults.Ok(page with { Next = seal.SealCursor(Name, page.Next) });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Stop(string verificationId, VerificationTable table, CancellationToken ct) =>
        await table.StopAsync(verificationId, ct) ? TypedResults.NoContent() : ApiProblem.NotAvailable.ToResult();

    private static async Task<Results<Ok<VerificationRun>, ProblemHttpResult>> Get(string verificationId, VerificationTable table, CancellationToken ct) =>
        await table.FindAsync(verificationId, ct) is { } run ? TypedResults.Ok(run) : ApiProblem.NotAvailable.ToResult();
}
