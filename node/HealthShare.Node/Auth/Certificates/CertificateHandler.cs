using System.Text.Encodings.Web;
using HealthShare.Node.Auth.People;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Auth.Certificates;

/// <summary>Programs that show a client certificate which the settings name (mutual TLS).</summary>
internal sealed class CertificateHandler(
    CallerDirectory callers, ClientAuthority authority, StaffDirectory staff, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Certificate";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Connection.ClientCertificate is not { } certificate)
            return AuthenticateResult.NoResult();
        return authority.IsInForce(certificate)
            && callers.FindByCertificate(certificate, authority.Vouches(certificate)) is { } caller
            && !await staff.IsDisabledAsync(caller, Context.RequestAborted)
            ? AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(SchemeName), SchemeName))
            : AuthenticateResult.Fail("The certificate is not known, or a disabled person's.");
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = BearerTokenHandler.Challenge;
        await ApiProblem.Unauthenticated.WriteAsync(Context, Context.RequestAborted);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Permissions.RefusalOfProgram(Context).WriteAsync(Context, Context.RequestAborted);
}
