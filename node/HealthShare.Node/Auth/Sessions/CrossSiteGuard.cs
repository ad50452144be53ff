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
    private static readonly ApiProblem Refused = new(StatusCodes.Status403Forbidden, "csrf.refused",
        "Only this node's own pages may do that with a session.");

    public static IApplicationBuilder UseCrossSiteGuard(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (IsUnsafe(http.Request.Method) && ActsForBrowser(http) && !IsOwn(http.Request, http.RequestServices.GetRequiredService<NodeOrigin>()))
            await Refused.WriteAsync(http, http.RequestAborted);
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
}
