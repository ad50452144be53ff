using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>Serves the portal: its files, and its one page for every address that is neither a file nor the API's.</summary>
internal static partial class PortalFiles
{
    /// <summary>Name of the one page.</summary>
    public const string Page = "index.html";

    // Nothing but this origin's own files, no inline script or style, no frames, no forms that go elsewhere.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string[] Elsewhere = ["/api", "/openapi", "/health", "/metrics"];

    public static IServiceCollection AddPortal(this IServiceCollection services)
    {
        services.AddNodeOptions<PortalOptions, PortalOptionsValidator>("Portal");
        // A browser asks for each file once and keeps it: worth more work than an answer that is made for one caller.
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Optimal);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Optimal);
        // Used for the portal's files only: they hold no secret that their length could tell.
        return services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "image/svg+xml", "application/manifest+json"];
        });
    }

    public static void UsePortal(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value;
        if (!options.HasPage())
        {
            LogNoPortal(app.Logger, options.FindFolder());
            return;
        }
        var files = new PhysicalFileProvider(options.FindFolder());
        app.Lifetime.ApplicationStopped.Register(files.Dispose);
        app.MapWhen(http => IsPortal(http.Request), portal =>
        {
            portal.UseResponseCompression();
            portal.Use((http, next) =>
            {
                if (!Path.HasExtension(http.Request.Path))
                    http.Request.Path = $"/{Page}";
                return next(http);
            });
            portal.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = Prepare });
        });
    }

    private static bool IsPortal(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && !Elsewhere.Any(prefix => request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase));

    private static void Prepare(StaticFileResponseContext context)
    {
        var headers = context.Context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Permissions-Policy"] = "publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(self), "
            + "microphone=(), geolocation=(), payment=()";
        // The page opens the regulator's and hears from it; nobody who opens this page gets a hold of it, save the one page made for that.
        headers["Cross-Origin-Opener-Policy"] = IsSecondKey(context.Context) ? "unsafe-none" : "same-origin-allow-popups";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Files under assets carry the hash of their content in their names.
        headers.CacheControl = context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
    }

    private static bool IsSecondKey(HttpContext http) => http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()
        is { RawTarget: { } target } && target.Split('?', 2)[0] == "/second-key";

    [LoggerMessage(3951, LogLevel.Information, "The portal was not built: {Folder} has no page. This node serves its API alone; a link for a browser opens nothing.")]
    private static partial void LogNoPortal(ILogger logger, string folder);
}
