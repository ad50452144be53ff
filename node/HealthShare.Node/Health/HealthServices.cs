using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Node.Content.Keeping;
using HealthShare.Node.Intake;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HealthShare.Node.Health;

internal static class HealthServices
{
    public const string Ready = "ready";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddNodeHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<DatabaseCheck>("database", tags: [Ready], timeout: Patience)
            .AddCheck<ContentCheck>("content", tags: [Ready], timeout: Patience)
            .AddCheck<KeepingCheck>("keeping", tags: [Ready], timeout: Patience)
            .AddCheck<IntakeCheck>("intake", tags: [Ready], timeout: Patience)
            .AddCheck<LedgerCheck>("ledger", tags: [Ready], timeout: Patience)
            .AddCheck<CertificateCheck>("certificates", tags: [Ready], timeout: Patience)
            .AddCheck<ReadModelCheck>("readModel", tags: [Ready], timeout: Patience);
        return services;
    }

    public static void MapNodeHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = WriteAsync,
        }).AllowAnonymous();
    }

    // Names and states only: anyone may ask, so exceptions stay in the log.
    private static Task WriteAsync(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "application/json";
        var answer = new HealthAnswer(report.Status.ToString(), report.Entries.ToDictionary(
            entry => entry.Key, entry => new HealthPart(entry.Value.Status.ToString(), entry.Value.Description)));
        return JsonSerializer.SerializeAsync(http.Response.Body, answer, HealthJson.Default.HealthAnswer, http.RequestAborted);
    }
}

internal sealed record HealthAnswer(string Status, Dictionary<string, HealthPart> Checks);

internal sealed record HealthPart(string Status, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
