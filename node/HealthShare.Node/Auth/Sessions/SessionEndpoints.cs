using System.Text.Json;
using HealthShare.Node.Auth.Passkeys;
using HealthShare.Node.Hosting;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>Who is signed in.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Role">What the person is, such as <c>physician</c>.</param>
/// <param name="StaffId">Random id under which the ledger knows this member of staff.</param>
/// <param name="PatientId">The patient's id on the channel; for a delegate that of the patient who is acted for.</param>
/// <param name="DelegateId">The id under which a delegate, or a passkey that hospitals vouch for, signs.</param>
/// <param name="Organization">The member that runs this node.</param>
/// <param name="Channel">Name of the channel, which every statement names.</param>
/// <param name="ExpiresAt">When the session ends at the latest.</param>
/// <param name="StepUpUntil">Until when the passkey's last use counts as fresh; null once it does not.</param>
/// <param name="CredentialId">The passkey that opened the session, base64url.</param>
public sealed record SessionView(
    string Name, Role Role, string? StaffId, string? PatientId, string? DelegateId, SessionOrganization Organization, string Channel,
    DateTimeOffset ExpiresAt, DateTimeOffset? StepUpUntil, string CredentialId);

/// <summary>The member that runs this node.</summary>
/// <param name="MspId">MSP id.</param>
/// <param name="Kind"><c>hospital</c> or <c>regulator</c>.</param>
/// <param name="DisplayName">Name for people.</param>
public sealed record SessionOrganization(string MspId, NodeKind Kind, string DisplayName);

/// <summary>What a browser's passkey answered.</summary>
/// <param name="Credential">The result of <c>PublicKeyCredential.toJSON()</c>.</param>
public sealed record PasskeyAnswer(JsonElement Credential);

/// <summary>One of one's own sessions.</summary>
/// <param name="Id">Id, for ending it.</param>
/// <param name="Current">True for the one that asks.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="LastSeenAt">When it was used last, to the minute.</param>
/// <param name="ExpiresAt">When it ends at the latest.</param>
/// <param name="UserAgent">What the browser called itself.</param>
public sealed record OwnSession(
    string Id, bool Current, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt, string UserAgent);

/// <summary>One's own sessions.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record OwnSessions(IReadOnlyList<OwnSession> Items, string? Next);

/// <summary><c>/api/v1/session</c> and <c>/api/v1/sessions</c>.</summary>
internal static class SessionEndpoints
{
    private const int MaxBodyBytes = 32 * 1024;

    public static void MapSessions(this IEndpointRouteBuilder app)
    {
        var session = app.MapGroup("/api/v1/session").WithTags("Session");
        session.MapGet("/", Get).RequirePermission(Permission.UseSession).WithSummary("See who is signed in");
        session.MapDelete("/", End).RequirePermission(Permission.UseSession).WithSummary("Sign out");
        session.MapPost("/options", BeginSignIn).ForSignIn().WithSummary("Begin to sign in: options for the browser's passkey");
        session.MapPost("/", SignIn).ForSignIn().WithSummary("Sign in with a passkey").ProducesProblem(401).ProducesProblem(429);
        session.MapPost("/step-up/options", BeginStepUp).RequirePermission(Permission.UseSession)
            .WithSummary("Begin a fresh use of the passkey");
        session.MapPost("/step-up", EndStepUp).RequirePermission(Permission.UseSession).Bounded()
            .WithSummary("Use the passkey afresh, for what asks for that").ProducesProblem(401).ProducesProblem(429);
        var sessions = app.MapGroup("/api/v1/sessions").WithTags("Session").RequirePermission(Permission.UseSession);
        sessions.MapGet("/", List).WithSummary("List one's own sessions, on whatever device").Paged(ListPage.UnlessTold, ListPage.Most);
        sessions.MapDelete("/{sessionId}", EndOther).WithSummary("End one of one's own sessions").ProducesProblem(404);
    }

    /// <summary>For addresses without a session: open to browsers on the node's own pages, a few times a minute.</summary>
    internal static RouteHandlerBuilder ForSignIn(this RouteHandlerBuilder endpoint) => endpoint.AllowAnonymous()
        .WithMetadata(new OwnPagesOnly()).RequireRateLimiting(RateLimits.SignIn).Bounded().ProducesProblem(403);

    internal static RouteHandlerBuilder Bounded(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes));

    private static Ok<SessionView> Get(SessionViews views, HttpContext http) => TypedResults.Ok(views.Of(Current(http)));

    private static async Task<NoContent> End(HttpContext http, SessionStore sessions, SessionCookie cookie, CancellationToken ct)
    {
        var current = Current(http);
        await sessions.EndAsync(current.Person, current.Id, ct);
        cookie.Clear(http.Response);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<JsonElement>> BeginSignIn(HttpContext http, PasskeyCeremony passkeys, SessionCookie cookie) =>
        TypedResults.Ok(await passkeys.BeginAssertionAsync(ChallengePurpose.SignIn, cookie.BeginSignIn(http.Response), null));

    private static async Task<Ok<SessionView>> SignIn(
        PasskeyAnswer answer, HttpContext http, SignIns signIns, SessionViews views, CancellationToken ct) =>
        TypedResults.Ok(views.Of(await signIns.SignInAsync(answer.Credential, http, ct)));

    private static async Task<Ok<JsonElement>> BeginStepUp(HttpContext http, PasskeyCeremony passkeys)
    {
        var current = Current(http);
        return TypedResults.Ok(await passkeys.BeginAssertionAsync(ChallengePurpose.StepUp, current.Id, current.Person));
    }

    private static async Task<Ok<SessionView>> EndStepUp(
        PasskeyAnswer answer, HttpContext http, SignIns signIns, SessionViews views, CancellationToken ct) =>
        TypedResults.Ok(views.Of(await signIns.StepUpAsync(Current(http), answer.Credential, http, ct)));

    private static async Task<Ok<OwnSessions>> List(
        string? cursor, int? limit, HttpContext http, SessionStore sessions, CursorSeal seal, CancellationToken ct)
    {
        var current = Current(http);
        var (page, next) = seal.PageOf($"sessions {current.Person.Id} {current.Person.DelegateId}", await sessions.ListAsync(current.Person, ct),
            session => (-session.CreatedAt.UtcTicks, session.Id), cursor, limit);
        return TypedResults.Ok(new OwnSessions([.. page.Select(session => new OwnSession(
            session.Id, session.Id == current.Id, session.CreatedAt, session.LastSeenAt, session.ExpiresAt, session.UserAgent))], next));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndOther(
        string sessionId, HttpContext http, SessionStore sessions, SessionCookie cookie, CancellationToken ct)
    {
        var current = Current(http);
        if (!await sessions.EndAsync(current.Person, sessionId, ct))
            return ApiProblem.NotAvailable.ToResult();
        if (sessionId == current.Id)
            cookie.Clear(http.Response);
        return TypedResults.NoContent();
    }

    private static Session Current(HttpContext http) =>
        http.Features.Get<Session>() ?? throw new ApiProblemException(ApiProblem.SessionRequired);
}

/// <summary>Sessions as browsers see them.</summary>
internal sealed class SessionViews(IOptions<NodeOptions> node, ILedger ledger, TimeProvider clock)
{
    public SessionOrganization Organization => new(node.Value.MspId, node.Value.Kind, node.Value.Name);

    public SessionView Of(Session session) => new(
        session.Person.Name, session.Person.DelegateId is null ? session.Person.Role : Role.Delegate, session.Person.StaffId, session.Person.PatientId, session.Person.DelegateId, Organization,
        ledger.Channel, session.ExpiresAt, session.StepUpUntil > clock.GetUtcNow() ? session.StepUpUntil : null, session.CredentialId);
}
