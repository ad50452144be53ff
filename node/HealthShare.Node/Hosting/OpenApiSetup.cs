using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

namespace HealthShare.Node.Hosting;

/// <summary>The API's description at <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiSetup
{
    private const string Bearer = "bearer";

    public static IServiceCollection AddNodeOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "HealthShare node";
            document.Info.Description = "Errors are application/problem+json with a stable member 'code'.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Bearer,
                Description = "Opaque token whose SHA-256 is in the node's settings.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            return Task.CompletedTask;
        });
    });
}
