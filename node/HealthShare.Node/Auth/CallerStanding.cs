using HealthShare.Node.Auth.Sessions;
using Microsoft.AspNetCore.Authentication;

namespace HealthShare.Node.Auth;

/// <summary>Whether who was let in may still be there: for answers that go on for long.</summary>
internal sealed class CallerStanding(SessionStore sessions, IServiceScopeFactory scopes)
{
    /// <summary>
    /// True while the caller's session is open, or the token or certificate is as good as it was. Asking is no use of the session: it ends
    /// when nothing else was asked for.
    /// </summary>
    public async Task<bool> IsGoodAsync(HttpContext http, CancellationToken ct)
    {
        if (http.Features.Get<Session>() is { } session)
            return await sessions.IsOpenAsync(session.Id, ct);
        if (http.User.Identity?.AuthenticationType is not { } scheme || !Caller.TryOf(http.User, out var caller))
            return false;
        // A handler of its own: the request's one keeps its first answer.
        await using var scope = scopes.CreateAsyncScope();
        var handler = await scope.ServiceProvider.GetRequiredService<IAuthenticationHandlerProvider>().GetHandlerAsync(http, scheme);
        return handler is not null && await handler.AuthenticateAsync() is { Succeeded: true } again
            && Caller.TryOf(again.Principal, out var now) && now.IsSameAs(caller);
    }
}
