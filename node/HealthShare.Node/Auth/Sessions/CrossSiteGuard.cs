using HealthShare.Node.Auth.Certificates;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>Marks endpoints that browsers call before there is a session: also there only this node's own pages may.</summary>
internal sealed class OwnPagesOnly;

/// <summary>
/// Keeps other sites' pages from acting with a person's cookie. SameSite does that already in browsers that know it; this is for the
/// rest, for sibling hosts, and for addresses that set the cookie.
/// </summary>
internal static class CrossSiteGuard
{
    private static readonly ApiProblem Refused = new(StatusCodes.Status403Forbidden, "csrf.refused", "Only this node's own pages may do that.");

    public static IApplicationBuilder UseCrossSiteGuard(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        var origin = http.RequestServices.GetRequiredService<NodeOrigin>();
        if (IsUnsafe(http.Request.Method) && ActsForBrowser(http) && !IsOwn(http.Request, origin))
            await (Refused with { Detail = FaultOf(http.Request, origin) }).WriteAsync(http, http.RequestAborted);
        else
            await next(http);
    });

    private static bool IsUnsafe(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method));

    // A browser sends a cookie by itself, and where one is installed a certificate, whoever's page makes it ask.
    private static bool ActsForBrowser(HttpContext http) => http.User.Identity?.AuthenticationType switch
    {
        SessionHandler.SchemeName => true,
        CertificateHandler.SchemeName => http.Request.Headers.Origin.Count > 0 || http.Request.Headers["Sec-Fetch-Site"].Count > 0,
        _ => http.GetEndpoint()?.Metadata.GetMetadata<OwnPagesOnly>() is not null,
    };

    // An origin that is there must be the right one, whatever else the browser says.
    private static bool IsOwn(HttpRequest request, NodeOrigin origin) => request.Headers.Origin switch
    {
        [] => request.Headers["Sec-Fetch-Site"] is ["same-origin"],
        [{ } value] => origin.IsKnown && string.Equals(value, origin.Value, StringComparison.Ordinal),
        _ => false,
    };

    // What is missing, for programs, which send neither header by themselves.
    private static string FaultOf(HttpRequest request, NodeOrigin origin) => request.Headers.Origin.Count > 0
        ? "The header Origin names another site."
        : "The header Origin is missing" + (request.Headers["Sec-Fetch-Site"].Count > 0 ? ", and Sec-Fetch-Site names another site" : "")
            + (origin.IsKnown ? $": browsers send it by themselves, a program sends {origin.Value}." : ": browsers send it by themselves.");
}
