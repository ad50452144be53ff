using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>Health over plain HTTP on a port of its own: <c>GET /healthz</c> answers 200 or 503 and says why.</summary>
internal static class HealthEndpoint
{
    public const string Path = "/healthz";

    public static void Listen(KestrelServerOptions kestrel, IPEndPoint endpoint) =>
        kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);

    /// <summary>
    /// Answers everything that does not come by HTTP/2, hence everything on health's port, and nothing of what peers call: that
    /// port asks nobody for a certificate.
    /// </summary>
    public static void UseHealth(this IApplicationBuilder app, Func<ServiceStatus> status) => app.Use(async (http, next) =>
    {
        if (HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            await next(http);
            return;
        }
        if (!HttpMethods.IsGet(http.Request.Method) || http.Request.Path != Path)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var now = status();
        http.Response.StatusCode = now.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(now, StatusJson.Default.ServiceStatus), http.RequestAborted);
    });
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
