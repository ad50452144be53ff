using HealthShare.Hl7.Values;
using HealthShare.Node.Auth;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthShare.Node.Intake.Desk;

/// <summary><c>/api/v1/messages</c> for staff: what came in, how far it has come, and the way out of quarantine.</summary>
internal static class MessageDeskEndpoints
{
    private const string Messages = "messages";
    private const int DefaultLimit = 50, MostPerPage = 500, LongestText = 256;

    public static void MapMessageDesk(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/messages").WithTags("Messages");
        group.MapGet("/", List).RequirePermission(Permission.SeeMessages).WithSummary("List messages, newest first")
            .WithDescription("Never their contents. The facility is a token as in the answers, or MSH-4 as messages state it, with its components (`NORTH^1.2.3^ISO`), by a `^` between them; beside a control id it may be empty.")
            .Paged(DefaultLimit, MostPerPage);
        group.MapGet("/{id}", Get).RequirePermission(Permission.SeeMessages).WithSummary("See how far a message has come, and what was done with it")
            .ProducesProblem(404);
        group.MapGet("/{id}/content", Content).RequirePermission(Permission.ReadMessageContent).WithSummary("Read a message that waits or is in quarantine")
            .WithDescription("Who reads is noted in the message's history first. 410 once the journal has let go of the content.")
            .Produces<byte[]>(200, "application/hl7-v2").ProducesProblem(404).ProducesProblem(410);
        group.MapPost("/{id}/replay", Replay).RequirePermission(Permission.ManageMessages).WithSummary("Take a message out of quarantine and through all steps again")
            .WithDescription("Answers at once, with the state received. How it ends its state tells, a moment later: registered, or quarantined again with the reason.")
            .ProducesProblem(404).ProducesProblem(409);
        group.MapPost("/{id}/discard", Discard).RequirePermission(Permission.ManageMessages).WithSummary("Take a message out of quarantine for good")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    private static async Task<Results<Ok<MessagePage>, ProblemHttpResult>> List(
        MessageQuery query, IntakeKeys keys, CursorSeal seal, string? state, DateTimeOffset? from, DateTimeOffset? to, string? facility, string? controlId, bool? reused,
        string? cursor, int? limit, CancellationToken ct)
    {
        var wanted = default(IntakeState);
        if (state is not null && !StateName.TryRead(state, out wanted))
            return ApiProblem.Invalid("state is received, parsed, stored, registered, quarantined or discarded.").ToResult();
        if (facility is { Length: > LongestText } || controlId is { Length: 0 or > LongestText })
            return ApiProblem.Invalid($"facility and controlId have 1 to {LongestText} characters; facility may be empty beside a controlId.").ToResult();
        var isToken = facility?.StartsWith("fc-", StringComparison.Ordinal) == true;
        var stated = facility is null || isToken ? null : FacilityOf(facility);
        if (stated is { Length: 0 } && controlId is null)
            return ApiProblem.Invalid("facility names nobody; it may be empty beside a controlId.").ToResult();
        if (controlId is not null && (facility is null || isToken))
            return ApiProblem.Invalid("controlId needs the facility's name beside it: facilities count for themselves.").ToResult();
        var before = long.MaxValue;
        if (seal.OpenCursor(Messages, cursor) is { } position)
            before = PageCursor.Number(position);

        var token = stated is null ? facility : stated.Length == 0 ? null : MessageKeys.FacilityToken(keys, stated);
        var key = controlId is null ? null : MessageKeys.Of(keys, stated!, controlId);
        var filter = new MessageFilter(state is null ? null : wanted, from, to, token, key, reused == true);
        var most = limit ?? DefaultLimit;
        var rows = await query.ListAsync(filter, before, most, ct);
        var next = rows.Count > most ? seal.Seal(Messages, PageCursor.Number(rows[most - 1].Sequence)) : null;
        return TypedResults.Ok(new MessagePage([.. rows.Take(most).Select(message => MessageStatus.Of(message, null))], next));
    }

    // As a sender's log shows MSH-4.
    private static string FacilityOf(string typed)
    {
        var parts = typed.Split('^', StringSplitOptions.TrimEntries);
        return new AssigningAuthority(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "").Key;
    }

    private static async Task<Results<Ok<MessageStatus>, ProblemHttpResult>> Get(string id, MessageDesk desk, CancellationToken ct) =>
        await desk.FindAsync(id, ct) is { } message ? TypedResults.Ok(message) : ApiProblem.NotAvailable.ToResult();

    private static async Task<FileContentHttpResult> Content(string id, MessageDesk desk, Caller caller, HttpContext http, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.File(await desk.ReadContentAsync(id, caller.Name, ct), "application/hl7-v2");
    }

    private static async Task<Ok<MessageStatus>> Replay(string id, MessageDesk desk, Caller caller, CancellationToken ct)
    {
        await desk.ReplayAsync(id, caller.Name, ct);
        return TypedResults.Ok((await desk.FindAsync(id, ct))!);
    }

    private static async Task<Results<Ok<MessageStatus>, ProblemHttpResult>> Discard(
        string id, DiscardOrder order, MessageDesk desk, Caller caller, CancellationToken ct)
    {
        if (!order.IsGood)
            return ApiProblem.Invalid($"reason {DiscardOrder.Rule}.").ToResult();
        await desk.DiscardAsync(id, caller.Name, order.Reason.Trim(), ct);
        return TypedResults.Ok((await desk.FindAsync(id, ct))!);
    }
}
