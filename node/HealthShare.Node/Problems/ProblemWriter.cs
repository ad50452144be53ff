using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Problems;

/// <summary>
/// Writes every problem as application/problem+json, whatever types of answers the request accepts. The framework's own writer takes no
/// request that names others alone, such as a browser's for an event stream, and leaves it a plain 500.
/// </summary>
internal sealed class ProblemWriter(IOptions<JsonOptions> json) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        problem.Status ??= http.Response.StatusCode;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status.Value);
        problem.Type = null; // the code is what programs go by
        problem.Extensions.TryAdd("code", CodeOf(http.Response.StatusCode));
        if (problem.Status is StatusCodes.Status400BadRequest)
            problem.Detail ??= BadParameter.Find(http);
        problem.Extensions["requestId"] = http.TraceIdentifier;
        problem.Extensions.Remove("traceId");
        return new ValueTask(http.Response.WriteAsJsonAsync(
            problem, json.Value.SerializerOptions.GetTypeInfo(problem.GetType()), "application/problem+json")); // ends quietly where the caller is gone
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
