using System.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace HealthShare.Node.Hosting;

/// <summary>Headers that every answer carries: what browsers must not do with it, and an id to find it in the log.</summary>
internal static class SecurityHeaders
{
    public const string RequestId = "X-Request-Id";

    public static IApplicationBuilder UseNodeHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        // An id of our own, never the caller's: it goes to the log as it is.
        http.TraceIdentifier = Activity.Current?.TraceId.ToString() ?? ActivityTraceId.CreateRandom().ToString();
        // At the last moment: whatever answers an exception begins with an answer that it has cleared.
        http.Response.OnStarting(static state => Add((HttpContext)state), http);
        return next(http);
    });

    // What the answer says of itself, such as a page's own policy, stays.
    private static Task Add(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers[RequestId] = http.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.TryAdd(HeaderNames.ContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'");
        headers.TryAdd(HeaderNames.CacheControl, "no-store");
        if (http.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        return Task.CompletedTask;
    }
}
