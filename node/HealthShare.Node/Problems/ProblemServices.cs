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
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>(); // before the framework's own: the first that can writes
        services.AddProblemDetails();
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
            options.SerializerOptions.Converters.Add(new EnumConverters());
        });
        // Bodies that cannot be bound come as exceptions, so that one handler words them.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<ExceptionHandlerOptions>(options => options.SuppressDiagnosticsCallback =
            context => context.ExceptionHandledBy is ExceptionHandledType.ExceptionHandlerService);
        return services;
    }
}
