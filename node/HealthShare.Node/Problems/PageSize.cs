using System.Globalization;

namespace HealthShare.Node.Problems;

/// <summary>How many items a page of a list has: said once, for the check, for the words of a refusal and for the description.</summary>
/// <param name="UnlessTold">Where the caller says nothing.</param>
/// <param name="Most">The most that a caller may ask for.</param>
internal sealed record PageSize(int UnlessTold, int Most)
{
    /// <summary>The parameter that asks for a size.</summary>
    public const string Parameter = "limit";

    /// <summary>What is wrong with a size; null where nothing is.</summary>
    public string? FaultOf(int limit) => limit < 1 || limit > Most ? $"{Parameter} is {limit}; 1 to {Most} are accepted." : null;

    /// <summary>What the parameter takes.</summary>
    public string Form => $"a whole number from 1 to {Most}";
}

internal static class PageSizes
{
    /// <summary>Says that an endpoint answers with a page of a list, by <c>cursor</c> and <c>limit</c>, and refuses another size.</summary>
    public static RouteHandlerBuilder Paged(this RouteHandlerBuilder list, int unlessTold, int most)
    {
        var size = new PageSize(unlessTold, most);
        return list.WithMetadata(size).ProducesProblem(StatusCodes.Status400BadRequest).AddEndpointFilter(async (context, next) =>
            int.TryParse(context.HttpContext.Request.Query[PageSize.Parameter], CultureInfo.InvariantCulture, out var limit) && size.FaultOf(limit) is { } fault
                ? ApiProblem.Invalid(fault).ToResult()
                : await next(context));
    }
}
