using System.Text.Encodings.Web;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>Finds out who calls by the session's cookie.</summary>
internal sealed class SessionHandler(
    SessionStore sessions, SessionCookie cookie, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (cookie.TokenOf(Request) is not { } token)
            return AuthenticateResult.NoResult();
        if (await sessions.FindAsync(token, Context.RequestAborted) is not { } session)
            return AuthenticateResult.Fail("The session is over.");
        Context.Features.Set(session);
        var person = session.Person;
        // The id, not the name: a caller's name goes to logs.
        var caller = new Caller(person.Id, person.DelegateId is null ? person.Role : Role.Delegate, person.StaffId, person.PatientId, person.DelegateId);
        return AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(SchemeName), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = BearerTokenHandler.Challenge;
        await ApiProblem.Unauthenticated.WriteAsync(Context, Context.RequestAborted);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        ApiProblem.Forbidden.WriteAsync(Context, Context.RequestAborted);
}
