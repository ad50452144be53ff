using System.Text.Json;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy;
using Microsoft.AspNetCore.Diagnostics;

namespace HealthShare.Node.Problems;

/// <summary>What is wrong with a request, as the caller's problem.</summary>
internal sealed class RequestExceptionHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (ProblemOf(httpContext, exception) is not { } problem)
            return false;
        await problem.WriteAsync(httpContext, cancellationToken);
        return true;
    }

    private static ApiProblem? ProblemOf(HttpContext http, Exception exception) => exception switch
    {
        ApiProblemException e => e.Problem,
        PolicyException e => new ApiProblem(StatusCodes.Status422UnprocessableEntity, e.Code, "The statement is refused.", e.Message),
        FhirRefusedException e => new ApiProblem(StatusCodes.Status422UnprocessableEntity, "fhir.refused", "The consent is refused.", e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ApiProblem(
            StatusCodes.Status413PayloadTooLarge, "request.too_large", "The body is larger than this address accepts."),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => new ApiProblem(
            StatusCodes.Status415UnsupportedMediaType, "request.unsupported_media_type", "This address does not take that type of body.",
            ExpectedBody.MediaTypes(http) is { Count: > 0 } types ? $"It takes {string.Join(", ", types)}." : null),
        BadHttpRequestException { InnerException: JsonException json } => ApiProblem.Invalid(ExpectedBody.Describe(http, json)),
        BadHttpRequestException e => ApiProblem.Invalid(BadParameter.Describe(http, e.Message) ?? "The request cannot be read.") with { Status = e.StatusCode },
        _ => null,
    };
}
