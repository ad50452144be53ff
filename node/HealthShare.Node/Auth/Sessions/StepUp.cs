using HealthShare.Node.Problems;

namespace HealthShare.Node.Auth.Sessions;

/// <summary>Asks for a fresh use of the passkey before what one does not want to happen in an unwatched browser.</summary>
internal static class StepUp
{
    private static readonly ApiProblem Required = new(StatusCodes.Status403Forbidden, "session.step_up_required",
        "Use your passkey again, then repeat this.");

    /// <summary>
    /// Lets sessions through only shortly after a use of the passkey. Callers with tokens are programs and pass. What a person signs with
    /// the passkey itself needs none: that signature is the fresh use.
    /// </summary>
    public static TBuilder RequireStepUp<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(builder => builder.Metadata.Add(StepUpNeeded.Instance));
        return endpoints.AddEndpointFilter(async (context, next) =>
        {
            CheckFresh(context.HttpContext);
            return await next(context);
        });
    }

    /// <summary>Refuses where the endpoint asks for a fresh use of the passkey and the session has none.</summary>
    public static void Check(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<StepUpNeeded>() is not null)
            CheckFresh(http);
    }

    private static void CheckFresh(HttpContext http)
    {
        if (http.Features.Get<Session>() is { } session
            && session.StepUpUntil <= http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow())
            throw new ApiProblemException(Required);
    }
}

/// <summary>Says of an endpoint that sessions need a fresh use of the passkey there.</summary>
internal sealed class StepUpNeeded
{
    public static StepUpNeeded Instance { get; } = new();
}
