using System.Text.Encodings.Web;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Auth.Tokens;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth;

/// <summary>
/// Bearer tokens (RFC 6750, header form only: tokens in URLs end up in logs): opaque ones of the settings, and access tokens of the
/// hospital's OpenID provider.
/// </summary>
internal sealed partial class BearerTokenHandler(
    CallerDirectory callers, AccessTokens tokens, StaffDirectory staff, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";
    public const string Challenge = "Bearer realm=\"healthshare\"";
    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        var token = header[Prefix.Length..].Trim();
        var (caller, reason) = tokens.IsOn && AccessTokens.IsJwt(token)
            ? await tokens.ReadAsync(token, Context.RequestAborted)
            : (callers.Find(token), "The token is not known.");
        if (caller is not null && await staff.IsDisabledAsync(caller, Context.RequestAborted))
            (caller, reason) = (null, "It is a disabled person's.");
        if (caller is not null)
            return AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(SchemeName), SchemeName));
        LogRefused(Logger, reason);
        return AuthenticateResult.Fail(reason);
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failed = (await HandleAuthenticateOnceSafeAsync()).Failure is not null;
        Response.Headers.WWWAuthenticate = failed ? $"{Challenge}, error=\"invalid_token\"" : Challenge;
        await ApiProblem.Unauthenticated.WriteAsync(Context, Context.RequestAborted);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Permissions.RefusalOfProgram(Context).WriteAsync(Context, Context.RequestAborted);

    [LoggerMessage(3322, LogLevel.Information, "A bearer token was refused. {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
