using HealthShare.Fabric.Client;
using Microsoft.AspNetCore.Diagnostics;

namespace HealthShare.Node.Problems;

/// <summary>The one place where a ledger failure becomes an HTTP answer, which says how far the transaction got.</summary>
internal sealed partial class LedgerExceptionHandler(ILogger<LedgerExceptionHandler> logger) : IExceptionHandler
{
    private const string RetryAfterSeconds = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not LedgerException e)
            return false;
        LogFailed(e.Code, e.Stage, e.TransactionId);
        await WriteAsync(httpContext, e, cancellationToken);
        return true;
    }

    internal static ApiProblem ProblemOf(LedgerException e)
    {
        // What the chaincode refused: what is not there looks like what may not be seen, the rest is a bad statement or request.
        if (e.ChaincodeMessage is { } words)
        {
            return IsAbsence(e.Code)
                ? ApiProblem.NotAvailable
                : new ApiProblem(StatusOf(e.Code), e.Code, "The ledger refuses the request.", words);
        }
        return e.Stage is LedgerStage.Commit && !e.IsTransient
            ? new ApiProblem(StatusCodes.Status409Conflict, e.Code, "The transaction was found invalid; nothing of it counts.")
            : new ApiProblem(StatusCodes.Status503ServiceUnavailable, e.Code,
                e.MayHaveCommitted ? "The ledger did not say whether the transaction counts."
                : e.Stage is LedgerStage.Commit ? "Others changed the same at that moment; nothing was changed. Send it again."
                : "The ledger is not available; nothing was changed.");
    }

    // Who the members are is no secret from anybody, so one that is not there is named as that.
    private static bool IsAbsence(string code) => code is not "organization.not_found"
        && (code.EndsWith(".not_found", StringComparison.Ordinal) || code.StartsWith("access.not_", StringComparison.Ordinal));

    private static int StatusOf(string code) => code.EndsWith(".exists", StringComparison.Ordinal)
        ? StatusCodes.Status409Conflict
        : StatusCodes.Status422UnprocessableEntity;

    private static async Task WriteAsync(HttpContext http, LedgerException e, CancellationToken ct)
    {
        var problem = ProblemOf(e);
        if (problem.Status is StatusCodes.Status503ServiceUnavailable)
            http.Response.Headers.RetryAfter = RetryAfterSeconds;
        var details = problem.ToDetails();
        if (problem.Status is not StatusCodes.Status404NotFound)
        {
            details.Extensions["stage"] = char.ToLowerInvariant(e.Stage.ToString()[0]) + e.Stage.ToString()[1..];
            details.Extensions["mayHaveCommitted"] = e.MayHaveCommitted;
            if (e.TransactionId.Length > 0)
                details.Extensions["transactionId"] = e.TransactionId;
        }
        ct.ThrowIfCancellationRequested();
        http.Response.StatusCode = problem.Status;
        await http.RequestServices.GetRequiredService<IProblemDetailsService>()
            .WriteAsync(new ProblemDetailsContext { HttpContext = http, ProblemDetails = details });
    }

    [LoggerMessage(3001, LogLevel.Warning, "A request failed on the ledger: {Code} at {Stage}, transaction {TransactionId}.")]
    private partial void LogFailed(string code, LedgerStage stage, string transactionId);
}
