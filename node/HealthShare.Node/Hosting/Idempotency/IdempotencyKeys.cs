using System.Data.Common;
using System.Text;
using HealthShare.Fabric.Client;
using HealthShare.Node.Auth;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting.Idempotency;

/// <summary>The header <c>Idempotency-Key</c>: a POST that comes again, because its answer was lost, has no second effect and the same answer.</summary>
internal sealed partial class IdempotencyKeys(
    RequestDelegate next, IdempotentAnswers answers, IOptions<HttpOptions> options, ILogger<IdempotencyKeys> logger)
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The header of an answer that brings back what an earlier request under the key did.</summary>
    public const string Replayed = "Idempotency-Replayed";

    private const int MaxLength = 200;

    // They tell repetitions by their own means: requests by the same header, messages by their control id and content, codes and links by
    // being good once. Or they write nothing, and what they say must not be kept.
    private static readonly string[] OwnMeans =
    [
        "/api/v1/access-requests", "/api/v1/messages", "/api/v1/messages/batch", "/api/v1/content/check", "/api/v1/receipts/signatures",
        "/api/v1/patients/look-up",
    ];

    private static readonly string[] OwnMeansBelow = ["/api/v1/session/", "/api/v1/enrolments/", "/api/v1/second-keys/"];

    private static readonly string[] OwnMeansAtEnd = ["/consents/preview", "/handles"];

    // What they answer is shown once: a link, a secret. That it was made is kept, and nothing of what was said.
    private static readonly string[] Secret = ["/api/v1/invitations", "/api/v1/webhooks"];

    private const string SecretAtEnd = "/secret";

    private static readonly ApiProblem Reused = new(StatusCodes.Status422UnprocessableEntity, "request.idempotency_key_reused",
        "This Idempotency-Key was used for another request.");

    private static readonly ApiProblem Running = new(StatusCodes.Status409Conflict, "request.idempotency_key_running",
        "A request with this Idempotency-Key is being served; ask again shortly.");

    /// <summary>What was done is not done again, and nobody can say once more what was answered.</summary>
    public static readonly ApiProblem NotKept = new(StatusCodes.Status409Conflict, "request.idempotency_answer_not_kept",
        "The request with this Idempotency-Key was served; its answer is not kept.",
        "It was too large, or it held a link or a secret, which are shown once. Look at what it made.");

    private static readonly ApiProblem TooMany = new(StatusCodes.Status429TooManyRequests, "request.idempotency_keys_used_up",
        "As many keys as a caller may use in a day.", $"At most {IdempotentAnswers.MostKeys}; a request without Idempotency-Key is still served.");

    /// <summary>True for addresses that this takes care of.</summary>
    public static bool Covers(string method, string address)
    {
        var path = address.TrimEnd('/');
        return HttpMethods.IsPost(method) && path.StartsWith("/api/", StringComparison.OrdinalIgnoreCase)
            && !OwnMeans.Contains(path, StringComparer.OrdinalIgnoreCase)
            && !OwnMeansBelow.Any(start => $"{path}/".StartsWith(start, StringComparison.OrdinalIgnoreCase))
            && !OwnMeansAtEnd.Any(end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Serves a request.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the header is there twice, or holds what is no key.</exception>
    public Task InvokeAsync(HttpContext http) =>
        http.Request.Headers[Header] is { Count: > 0 } keys && Covers(http.Request.Method, http.Request.Path.Value ?? "") && Caller.TryOf(http.User, out var caller)
            ? ServeAsync(http, answers.SpaceOf(caller), keys is [{ } key] ? key : "") // two keys are none
            : next(http);

    private async Task ServeAsync(HttpContext http, string caller, string key)
    {
        if (key.Length is 0 or > MaxLength || !key.All(letter => letter is > ' ' and < '\x7f'))
            throw new ApiProblemException(ApiProblem.Invalid($"The header {Header} takes, once, 1 to {MaxLength} visible ASCII characters."));
        var request = await DigestAsync(http);
        var taken = await answers.TakeAsync(caller, key, request, http.GetRouteValue("patientId") as string, http.RequestAborted);
        switch (taken.Standing)
        {
            case KeyStanding.OtherRequest:
                await Reused.WriteAsync(http, http.RequestAborted);
                break;
            case KeyStanding.Running:
                http.Response.Headers.RetryAfter = "2";
                await Running.WriteAsync(http, http.RequestAborted);
                break;
            case KeyStanding.NotKept:
                await NotKept.WriteAsync(http, http.RequestAborted);
                break;
            case KeyStanding.TooMany:
                http.Response.Headers.RetryAfter = "3600";
                await TooMany.WriteAsync(http, http.RequestAborted);
                break;
            case KeyStanding.Answered:
                StepUp.Check(http); // who may not do it now does not see what it gave, either
                await WriteAsync(http, taken.Answer!);
                break;
            default:
                await ServeFirstAsync(http, caller, key, taken);
                break;
        }
    }

    private async Task ServeFirstAsync(HttpContext http, string caller, string key, TakenKey taken)
    {
        var holder = taken.Holder!;
        http.Features.Set(RequestIds.From(taken.Seed!));
        var original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var body = new MemoryStream();
        var isKept = false;
        var gone = http.RequestAborted;
        // Goes on to its end though whoever asked is gone: that one asks again under this key, and is to hear of this effect.
        using var patience = new CancellationTokenSource(answers.Patience);
        http.RequestAborted = patience.Token;
        try
        {
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
            await next(http);
            if (http.Response.StatusCode is >= 200 and < 300)
            {
                isKept = await TryKeepAsync(caller, key, holder, IsSecret(http.Request.Path) ? null
                    : new IdempotentAnswer(http.Response.StatusCode, http.Response.ContentType, http.Response.Headers.Location, body.ToArray()));
            }
        }
        catch (LedgerException e) when (e.MayHaveCommitted)
        {
            isKept = true; // nobody knows yet whether it is done: the key stays taken for a while
            throw;
        }
        catch (ApiProblemException e) when (e.Problem == NotKept)
        {
            isKept = await TryKeepAsync(caller, key, holder, null); // an earlier run did it: let go, the key would do it once more
            throw;
        }
        catch (OperationCanceledException e) when (patience.IsCancellationRequested)
        {
            throw new LedgerException(LedgerStage.CommitStatus, "", LedgerCodes.Timeout, "The request was not served in time.", e);
        }
        finally
        {
            http.RequestAborted = gone;
            http.Features.Set(original);
            // Refused or failed: the same may come again. Nobody waits for this, so the caller's going away does not stop it. What was cut
            // short, however it says so, may be done all the same: the channel goes on with what was sent to it.
            if (!isKept && !patience.IsCancellationRequested)
                await answers.LetGoAsync(caller, key, holder, CancellationToken.None);
        }
        await original.Stream.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), http.RequestAborted);
    }

    private async Task<bool> TryKeepAsync(string caller, string key, string holder, IdempotentAnswer? answer)
    {
        try
        {
            await answers.KeepAsync(caller, key, holder, answer, CancellationToken.None);
            return true;
        }
        catch (DbException e) // it is done, and who did it must hear of it
        {
            LogNotKept(e);
            return true; // the key stays taken for a while, so that it is not done twice at once
        }
    }

    private static bool IsSecret(PathString address)
    {
        var path = address.Value!.TrimEnd('/');
        return Secret.Contains(path, StringComparer.OrdinalIgnoreCase) || path.EndsWith(SecretAtEnd, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task WriteAsync(HttpContext http, IdempotentAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        if (answer.ContentType is not null)
            http.Response.ContentType = answer.ContentType;
        if (answer.Location is not null)
            http.Response.Headers.Location = answer.Location;
        http.Response.Headers[Replayed] = "true";
        if (answer.Body.Length > 0)
            await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    // In memory, however large: a body may hold what must not lie in a temporary file.
    private async Task<byte[]> DigestAsync(HttpContext http)
    {
        http.Request.EnableBuffering(options.Value.MaxBodyBytes + 1);
        using var digest = answers.NewDigest();
        digest.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Path}{http.Request.QueryString}\n{http.Request.ContentType}\n"));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
            digest.AppendData(buffer, 0, read);
        http.Request.Body.Position = 0;
        return digest.GetHashAndReset();
    }

    [LoggerMessage(3931, LogLevel.Warning, "An answer is not kept under its key.")]
    private partial void LogNotKept(Exception e);
}
