using System.Diagnostics;

namespace HealthShare.Node.Hosting;

/// <summary>Headers that every answer carries: what browsers must not do with it, and an id to find it in the log.</summary>
internal static class SecurityHeaders
{
    public const string RequestId = "X-Request-Id";

    public static IApplicationBuilder UseNodeHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        // An id of our own, never the caller's: it goes to the log as it is.
        http.TraceIdentifier = Activity.Current?.TraceId.ToString() ?? ActivityTraceId.CreateRandom().ToString();
        var headers = http.Response.Headers;
        headers[RequestId] = http.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        if (http.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        return next(http);
    });
}
