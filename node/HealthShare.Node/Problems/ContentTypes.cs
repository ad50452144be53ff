using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace HealthShare.Node.Problems;

/// <summary>
/// Refuses types of bodies that an endpoint does not take, after it is known whether the caller may call it at all. The framework does so
/// while it looks for the endpoint: then whoever may not call it is told what it takes, and whoever may is not.
/// </summary>
internal static class ContentTypes
{
    private const string FrameworksOwn = "AcceptsMatcherPolicy";

    /// <summary>Takes the framework's own check out.</summary>
    /// <exception cref="InvalidOperationException">There is none (any more), so this class is to be looked at.</exception>
    public static IServiceCollection AddContentTypes(this IServiceCollection services)
    {
        var own = services.Where(service => service.ServiceType == typeof(MatcherPolicy) && service.ImplementationType?.Name == FrameworksOwn).ToList();
        if (own.Count != 1)
            throw new InvalidOperationException($"The framework has no single {FrameworksOwn}.");
        services.Remove(own[0]);
        return services;
    }

    /// <summary>Checks the type of a body; after the authorization.</summary>
    public static IApplicationBuilder UseContentTypes(this IApplicationBuilder app) => app.Use(static (http, next) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { ContentTypes: { Count: > 0 } taken } && !Takes(http.Request, taken)
            ? throw new BadHttpRequestException("Another type of body.", StatusCodes.Status415UnsupportedMediaType)
            : next(http));

    // What says no type at all is the endpoint's to judge.
    private static bool Takes(HttpRequest request, IReadOnlyList<string> taken) => string.IsNullOrEmpty(request.ContentType)
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var given)
            && taken.Any(type => MediaTypeHeaderValue.TryParse(type, out var pattern) && given.IsSubsetOf(pattern)));
}
