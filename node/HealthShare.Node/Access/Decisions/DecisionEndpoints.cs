using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Access.Decisions;

/// <summary><c>/api/v1/ledger/decisions</c>.</summary>
internal static class DecisionEndpoints
{
    private const string Name = "decisions";
    private const int DefaultLimit = 20, MaxLimit = 100, LongestMspId = 200;

    public static void MapDecisions(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/ledger/decisions", List).WithTags("Ledger").RequirePermission(Permission.SeeDecisions)
            .WithSummary("List what the channel decided about requests for records, of every member and every patient, newest first")
            .WithDescription("As the ledger has it and this node's copy holds it: who asked (MSP id, role and staff id), about which patient (the pseudonym), for "
                + "which purpose, what was permitted or denied and why, in an emergency or not. requester, outcome (permitted, partly, denied), emergency, from and "
                + "to (before that time) narrow the list. A member's requests for its own records, which it decides by itself, are not on the channel.")
            .Paged(DefaultLimit, MaxLimit);

    private static async Task<Results<Ok<ChannelDecisionPage>, ProblemHttpResult>> List(
        string? requester, string? outcome, bool? emergency, DateTimeOffset? from, DateTimeOffset? to, string? cursor, int? limit,
        DecisionTable table, CursorSeal seal, CancellationToken ct)
    {
        DecisionOutcome? wanted = outcome switch
        {
            "permitted" => DecisionOutcome.Permitted, "partly" => DecisionOutcome.Partly, "denied" => DecisionOutcome.Denied, _ => null,
        };
        if (outcome is not null && wanted is null)
            return ApiProblem.Invalid("outcome is permitted, partly or denied.").ToResult();
        if (requester is not null && (requester.Length is 0 or > LongestMspId || !VisibleText.IsPlain(requester)))
            return ApiProblem.Invalid($"requester has 1 to {LongestMspId} characters, none of them hidden.").ToResult();
        var page = await table.ListAsync(
            new DecisionFilter(requester, wanted, emergency, from, to), seal.OpenCursor(Name, cursor), limit ?? DefaultLimit, ct);
        return TypedResults.Ok(page with { Next = seal.SealCursor(Name, page.Next) });
    }
}
