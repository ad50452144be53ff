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
        if (ProblemOf(exception) is not { } problem)
            return false;
        await problem.WriteAsync(httpContext, cancellationToken);
        return true;
    }

    private static ApiProblem? ProblemOf(Exception exception) => exception switch
    {
        ApiProblemException e => e.Problem,
        PolicyException e => new ApiProblem(StatusCodes.Status422UnprocessableEntity, e.Code, "The statement is refused.", e.Message),
        FhirRefusedException e => new ApiProblem(StatusCodes.Status422UnprocessableEntity, "fhir.refused", "The consent is refused.", e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ApiProblem(
            StatusCodes.Status413PayloadTooLarge, "request.too_large", "The body is larger than this address accepts."),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => new ApiProblem(
            StatusCodes.Status415UnsupportedMediaType, "request.unsupported_media_type", "This address does not take that type of body."),
        // The parser's own words can quote the body, which may hold anyone's data: only the place is told.
        BadHttpRequestException { InnerException: JsonException json } => ApiProblem.Invalid(
            $"The JSON body is not as it should be at line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}."),
        BadHttpRequestException e => ApiProblem.Invalid("The request cannot be read.") with { Status = e.StatusCode },
        _ => null,
    };
}
