using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Problems;

internal static class ProblemServices
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var problem = context.ProblemDetails;
            problem.Type = null; // the code is what programs go by
            problem.Extensions.TryAdd("code", CodeOf(context.HttpContext.Response.StatusCode));
            if (problem.Status is StatusCodes.Status400BadRequest)
                problem.Detail ??= BadParameter.Find(context.HttpContext);
            problem.Extensions["requestId"] = context.HttpContext.TraceIdentifier;
            problem.Extensions.Remove("traceId");
        });
        services.AddExceptionHandler<LedgerExceptionHandler>();
        services.AddExceptionHandler<RequestExceptionHandler>();
        services.Configure<JsonOptions>(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            options.SerializerOptions.AllowDuplicateProperties = false;
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.RespectRequiredConstructorParameters = true;
            options.SerializerOptions.MaxDepth = 32;
            options.SerializerOptions.Converters.Add(new LedgerTimeConverter());
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        });
        // Bodies that cannot be bound come as exceptions, so that one handler words them.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<ExceptionHandlerOptions>(options => options.SuppressDiagnosticsCallback =
            context => context.ExceptionHandledBy is ExceptionHandledType.ExceptionHandlerService);
        return services;
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "request.no_such_address",
        StatusCodes.Status405MethodNotAllowed => "request.method_not_allowed",
        StatusCodes.Status413PayloadTooLarge => "request.too_large",
        StatusCodes.Status415UnsupportedMediaType => "request.unsupported_media_type",
        >= 500 => "internal.error",
        _ => "request.invalid",
    };
}
