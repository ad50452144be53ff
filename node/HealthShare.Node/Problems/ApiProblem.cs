using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HealthShare.Node.Problems;

/// <summary>A failure as callers see it (RFC 9457): a status, a stable <c>code</c>, words without anyone's data.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable, never translated.</param>
/// <param name="Title">One sentence.</param>
/// <param name="Detail">What exactly is wrong and where; null where the title says all.</param>
public sealed record ApiProblem(int Status, string Code, string Title, string? Detail = null)
{
    /// <summary>The same answer for what does not exist and for what the caller may not know of.</summary>
    public static ApiProblem NotAvailable { get; } =
        new(StatusCodes.Status404NotFound, "access.not_available", "There is nothing here that you may see.");

    /// <summary>No session and no token, or none that is good.</summary>
    public static ApiProblem Unauthenticated { get; } =
        new(StatusCodes.Status401Unauthorized, "auth.unauthenticated", "Sign in first, or send a valid token.");

    /// <summary>A role that may not call this.</summary>
    public static ApiProblem Forbidden { get; } =
        new(StatusCodes.Status403Forbidden, "auth.forbidden", "Your role may not do this.");

    /// <summary>A token or a certificate where a person must have signed in.</summary>
    public static ApiProblem SessionRequired { get; } =
        new(StatusCodes.Status403Forbidden, "session.required", "This is about a session: sign in with a passkey. A token has none.");

    /// <summary>Too many requests of one caller.</summary>
    public static ApiProblem TooManyRequests { get; } =
        new(StatusCodes.Status429TooManyRequests, "request.too_many", "Too many requests at once; try again shortly.");

    /// <summary>A request that does not say what it should.</summary>
    public static ApiProblem Invalid(string detail) =>
        new(StatusCodes.Status400BadRequest, "request.invalid", "The request is not as it should be.", detail);

    /// <summary>When to come back, in the header Retry-After; null where nothing is said. Of no effect on <see cref="ToResult"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The problem as an endpoint's answer.</summary>
    public ProblemHttpResult ToResult() => TypedResults.Problem(ToDetails());

    internal ProblemDetails ToDetails()
    {
        var details = new ProblemDetails { Status = Status, Title = Title, Detail = Detail };
        details.Extensions["code"] = Code;
        return details;
    }

    internal async Task WriteAsync(HttpContext http, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        http.Response.StatusCode = Status;
        if (RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await http.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new ProblemDetailsContext { HttpContext = http, ProblemDetails = ToDetails() });
    }
}

/// <summary>A use case refuses; the handler turns it into the problem it carries.</summary>
public sealed class ApiProblemException(ApiProblem problem) : Exception(problem.Title)
{
    /// <summary>What the caller gets to see.</summary>
    public ApiProblem Problem { get; } = problem;
}
